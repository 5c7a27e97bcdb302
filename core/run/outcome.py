"""How a run ends, told by small exceptions that carry the message: whoever notices raises, the door reports."""

from __future__ import annotations

from dataclasses import dataclass

from config.errors import BudgetExceeded, DeliveryConflict, GuardrailStop, Interrupted, NexusError, NotVerified


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


_VERDICTS: tuple[tuple[type[NexusError], str], ...] = (
    (NotVerified, "not_verified"),
    (BudgetExceeded, "stopped"),
    (GuardrailStop, "stopped"),
    (DeliveryConflict, "conflict"),
    (Interrupted, "cancelled"),
)


def verdict_of(error: NexusError) -> str:
    """The verdict of a run that ended with `error`; `failed` when nothing was decided about the code."""
    return next((verdict for kind, verdict in _VERDICTS if isinstance(error, kind)), "failed")


def outcome_of(error: NexusError) -> Outcome:
    """The outcome a run has when it ends with `error`."""
    return Outcome(verdict_of(error), error.message, error.exit_code, remedy=error.remedy)
