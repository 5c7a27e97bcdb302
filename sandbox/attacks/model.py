"""What an attack is, and what came of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sandbox.attacks.arena import Arena

Category = Literal["network", "files", "kernel", "privileges", "resources", "verdict", "infrastructure"]
AttackOutcome = Literal["held", "ESCAPED", "not applicable"]


class Escaped(Exception):
    """The attack got through; the message says how far."""


class NotApplicable(Exception):
    """This backend or machine has nothing that the attack could be tried on; the message says why."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One line of the table."""

    number: int
    name: str
    category: Category
    attempt: str
    """What the program tries."""
    expected: str
    """What has to come of it."""
    carry_out: Callable[[Arena], Awaitable[None]]
    """Raises Escaped, or NotApplicable."""


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What came of one attack on one backend."""

    number: int
    name: str
    category: Category
    attempt: str
    expected: str
    backend: str
    outcome: AttackOutcome
    detail: str
    """How it got through, or why it could not be tried; empty when it held."""
    wall_ms: int
