"""How a run ends, told by small exceptions that carry the message: whoever notices raises, the door reports."""

from __future__ import annotations

from dataclasses import dataclass

from config.errors import Interrupted, NexusError


class Cancelled(Interrupted):
    """The user ended the run; what was done so far is kept and can be resumed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run that reached its end."""

    verdict: str
    reason: str
    exit_code: int
    files: tuple[str, ...] = ()
    delivered_to: str = ""
    remedy: str = ""


VERDICT_BY_EXIT = {1: "not_verified", 7: "stopped", 8: "conflict", 130: "cancelled"}


def outcome_of(error: NexusError) -> Outcome:
    """The outcome a run has when it ends with `error`."""
    verdict = VERDICT_BY_EXIT.get(error.exit_code, "failed")
    return Outcome(verdict, error.message, error.exit_code, remedy=error.remedy)
