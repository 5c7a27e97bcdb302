"""Identifiers, and the small vocabularies that appear in events, tables and prompts."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Literal, NewType

RunId = NewType("RunId", str)

Phase = Literal["analyst", "architect", "implementer", "tester", "verify", "reviewer", "integrator", "deliver"]
Complexity = Literal["trivial", "simple", "complex"]
Action = Literal["CONTINUE", "RETRY", "ESCALATE", "ABORT"]

PHASES: tuple[Phase, ...] = (
    "analyst",
    "architect",
    "implementer",
    "tester",
    "verify",
    "reviewer",
    "integrator",
    "deliver",
)


def new_run_id(now: datetime) -> RunId:
    """A run id that sorts by time and can be typed: `261122-2104-7f3a9c`."""
    return RunId(f"{now:%y%m%d-%H%M}-{secrets.token_hex(3)}")


def digest(text: str | bytes) -> str:
    """SHA-256 in hex."""
    import hashlib

    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()
