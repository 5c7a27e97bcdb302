"""The engine: store, events, journal, model gateway, context, edits, verification, delivery.

May import `sandbox` and `config`; never `agents`, `app` or a user interface library.
"""
