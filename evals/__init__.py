"""Measurements and recorded sessions: performance figures, the demo repository and its cassette.

May import `agents`, `core`, `sandbox` and `config`.
"""
