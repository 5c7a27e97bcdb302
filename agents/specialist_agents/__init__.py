"""Agents with a craft of their own, used by phases and by commands."""
