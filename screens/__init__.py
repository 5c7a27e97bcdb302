"""What people see: one file per screen or modal with its style beside it, and `widgets/`.

Screens read through `screens.ports` and post `screens.intents`; `app.terminal` answers both. No engine, no database.
"""
