"""Every error a person can meet: what is wrong, how to mend it, and the exit code of the process.

They live in the lowest layer because the settings loader and the sandbox raise them too.
Exit codes are a stable contract (README, "Exit codes").
"""

from __future__ import annotations

from typing import ClassVar


class NexusError(Exception):
    """One clear sentence, a remedy, and the exit code of the process that ends with it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class NotVerified(NexusError):
    """The work ended without code that passed in the sandbox."""


class UsageError(NexusError):
    """The command line, or a file named on it, cannot be used."""

    exit_code = 2


class ConfigError(NexusError):
    """A settings file, an environment variable or the data directory is not usable."""

    exit_code = 3


class StoreError(NexusError):
    """The database is locked, damaged, read-only, full or from a newer version."""

    exit_code = 3


class ProviderError(NexusError):
    """The model provider refused, failed or could not be reached."""

    exit_code = 4


class SandboxUnavailable(NexusError):
    """No isolation backend works here; nothing is ever run on the host instead."""

    exit_code = 5


class BudgetExceeded(NexusError):
    """The next model call could cost more than a budget has left, so it was not made."""

    exit_code = 6


class GuardrailStop(NexusError):
    """A guardrail ended the run, or an escalation ran out of time."""

    exit_code = 7


class DeliveryConflict(NexusError):
    """The user's files moved in a way that cannot be merged; the work is kept on a branch."""

    exit_code = 8


class Interrupted(NexusError):
    """The user, or the system on their behalf, stopped the run."""

    exit_code = 130
