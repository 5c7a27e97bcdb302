"""How the engine sees agents: small protocols, so that core never imports them. `app.wiring` fills the roster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from core.edits import Edit, EditProblem
from core.gateway.model_calls import Message
from core.ids import Phase
from core.run.contracts import Integration, Plan, Requirements, ReviewReport

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything a prompt may show. Each agent's template takes what that phase is allowed to know."""

    request: str
    repository: str
    """Map of the repository."""
    conventions: str = ""
    """Its languages: how tests are run, what they are called and where they are."""
    guidance: str = ""
    """The AGENTS.md chain."""
    files: str = ""
    """Relevant files, whole."""
    requirements: Requirements | None = None
    plan: Plan | None = None
    interfaces: str = ""
    """Public signatures of the change, without bodies: all the tester may know of the implementation."""
    changed: str = ""
    """Files already changed by this run, as they are now."""
    feedback: str = ""
    diff: str = ""
    verdict: str = ""
    attempt: int = 0
    rules: tuple[str, ...] = ()
    """Prevention rules that matched."""


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """An answer that fits its contract, or what is wrong with it."""

    value: T | None
    problems: tuple[str, ...] = ()
    """In words for the model."""
    reasons: tuple[str, ...] = ()
    """The same in short sentences for people; empty: the problems are."""
    again: str = ""
    """How the model must answer again."""


class Agent(Protocol[T]):
    """One phase's prompt, and the parsing of its answer. Pure: no I/O, no clock."""

    @property
    def phase(self) -> Phase: ...

    def prompt(self, brief: Brief) -> tuple[Message, ...]:
        """Messages, stable part first."""
        ...

    def parse(self, answer: str) -> Parsed[T]: ...


@dataclass(frozen=True, slots=True)
class Change:
    """An implementer's answer: edits, those that could not be read, and one line on what was done."""

    edits: tuple[Edit, ...]
    problems: tuple[EditProblem, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Documented:
    """The integrator's answer, with edits to documents only."""

    integration: Integration
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class TestCase:
    """One generated test file."""

    __test__ = False
    edit: Edit
    kind: Literal["unit", "integration"]


class Ask(Protocol):
    """Puts a question through the journal, the context rounds and at most one re-ask."""

    async def __call__(self, agent: Agent[T], brief: Brief, step: str) -> T: ...


class TestGenerator(Protocol):
    async def generate_unit_tests(self, code: str, context: Brief) -> Sequence[TestCase]:
        """Tests of the acceptance examples. `code` holds public signatures only."""
        ...

    async def generate_integration_tests(self, plan: Plan, context: Brief) -> Sequence[TestCase]: ...


@dataclass(frozen=True, slots=True)
class Roster:
    """The agents of one run."""

    analyst: Agent[Requirements]
    architect: Agent[Plan]
    implementer: Agent[Change]
    reviewer: Agent[ReviewReport]
    integrator: Agent[Documented]
    test_generator: Callable[[Ask], TestGenerator]
