"""Remedies are written for a command line; the terminal has keys for some of what they name."""

from __future__ import annotations

from config.model_profiles import DEMO

_DEMO_HERE = "the key d on the start page"


def with_keys(remedy: str) -> str:
    """`remedy`, naming the key instead of the command that would open a second terminal."""
    return remedy.replace(DEMO, _DEMO_HERE)
