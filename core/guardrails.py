"""What to do after each step of a run: continue, retry, escalate or abort.

`decide` and `observe` are pure: time, money and hashes come in the event, so any run can be decided again from its
log. Every rule gives its own answer and the strictest wins; no rule can soften another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from core.ids import Action

if TYPE_CHECKING:
    from config.settings import LimitSettings

GuardKind = Literal["step", "call", "output", "failure", "error"]

SEVERITY: Mapping[Action, int] = MappingProxyType({"CONTINUE": 0, "RETRY": 1, "ESCALATE": 2, "ABORT": 3})

_SOFT_SHARE = 0.8
_FIRST_REPEAT = 2
_OSCILLATION = 4
"""A-B-A-B: two answers, each given twice in turn."""


@dataclass(frozen=True, slots=True)
class GuardEvent:
    """One fact the rules look at. Money and time are running totals, so a lost event cannot hide spending.

    `step`: something ended well. `call`: a paid call is about to be made. `output`: a model answered.
    `failure`: an attempt of the phase failed. `error`: something else went wrong and was dealt with.
    """

    kind: GuardKind
    phase: str = ""
    elapsed_s: float = 0.0
    """Working time of the run so far, waits for people not counted."""
    spent_micros: int = 0
    """Cost of the task so far, over all its runs."""
    next_micros: int = 0
    """Most that the call about to be made can cost."""
    output_hash: str = ""
    fingerprint: str = ""
    """Identity of the failure (`core.checks.feedback.failure_fingerprint`)."""
    hallucination: float = 0.0
    """Share of checked references that are certainly made up, 0 to 1."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> GuardEvent:
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in known})


@dataclass(frozen=True, slots=True)
class PhaseTrail:
    """What one phase has been through; streaks count what happened in a row."""

    phase: str
    failures: int = 0
    fingerprint: str = ""
    same_failures: int = 0
    output: str = ""
    output_before: str = ""
    same_outputs: int = 0
    alternating: int = 0
    """Length of the newest stretch in which two outputs take turns."""


@dataclass(frozen=True, slots=True)
class GuardState:
    """All the rules remember of a run."""

    errors: int = 0
    spent_micros: int = 0
    elapsed_s: float = 0.0
    trails: tuple[PhaseTrail, ...] = ()

    def trail(self, phase: str) -> PhaseTrail:
        return next((trail for trail in self.trails if trail.phase == phase), PhaseTrail(phase))

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> GuardState:
        return cls(
            errors=data["errors"],
            spent_micros=data["spent_micros"],
            elapsed_s=data["elapsed_s"],
            trails=tuple(PhaseTrail(**trail) for trail in data["trails"]),
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits, money in micro-dollars; 0 switches a rule off."""

    max_phase_retries: int = 3
    max_total_errors: int = 5
    cost_limit_micros: int = 500_000
    hallucination_threshold: float = 0.3
    wall_clock_s: float = 1800
    same_failure_limit: int = 2

    @classmethod
    def from_settings(cls, limits: LimitSettings) -> Policy:
        return cls(
            max_phase_retries=limits.max_phase_retries,
            max_total_errors=limits.max_total_errors,
            cost_limit_micros=round(limits.cost_limit_per_task * 1_000_000),
            hallucination_threshold=limits.hallucination_threshold,
            wall_clock_s=limits.wall_clock_s,
            same_failure_limit=limits.same_failure_limit,
        )

    @property
    def rules(self) -> dict[str, float]:
        """The limits under the names people set them by, money in USD."""
        return {
            "max_phase_retries": self.max_phase_retries,
            "max_total_errors": self.max_total_errors,
            "cost_limit_per_task": self.cost_limit_micros / 1_000_000,
            "hallucination_threshold": self.hallucination_threshold,
        }


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left under each limit after the event; None where the rule is off."""

    retries: int | None
    errors: int | None
    cost_micros: int | None
    seconds: float | None
    notices: tuple[str, ...] = ()
    """What a person should hear before a limit is hit."""


@dataclass(frozen=True, slots=True)
class Decision:
    action: Action
    rule: str
    """The rule that asked for the action; empty for CONTINUE."""
    evidence: str
    remaining: Remaining


Verdict = tuple[Action, str, str]
"""Action, rule and evidence of one rule."""


def observe(state: GuardState, event: GuardEvent) -> GuardState:
    """Fold one event in. Totals never shrink, so a clock or a ledger that goes back cannot buy time or money."""
    trail = _walk(state.trail(event.phase), event)
    others = tuple(known for known in state.trails if known.phase != event.phase)
    touched = trail != PhaseTrail(event.phase)
    return GuardState(
        errors=state.errors + (event.kind in ("failure", "error")),
        spent_micros=max(state.spent_micros, event.spent_micros),
        elapsed_s=max(state.elapsed_s, event.elapsed_s),
        trails=tuple(sorted((*others, trail), key=lambda known: known.phase)) if touched else others,
    )


def _walk(trail: PhaseTrail, event: GuardEvent) -> PhaseTrail:
    if event.kind == "failure":
        again = bool(event.fingerprint) and event.fingerprint == trail.fingerprint
        return replace(
            trail,
            failures=trail.failures + 1,
            fingerprint=event.fingerprint,
            same_failures=trail.same_failures + 1 if again else 1,
        )
    if event.kind == "output" and event.output_hash:
        same = event.output_hash == trail.output
        turn = bool(trail.output) and event.output_hash == trail.output_before
        return replace(
            trail,
            output=event.output_hash,
            output_before=trail.output,
            same_outputs=trail.same_outputs + 1 if same else 1,
            alternating=1 if same or not trail.output else trail.alternating + 1 if turn else 2,
        )
    return trail


def decide(state: GuardState, event: GuardEvent, policy: Policy) -> Decision:
    """Answer one event, given the state before it. The strictest rule wins; ties go to the rule listed first."""
    now = observe(state, event)
    verdicts = [
        _cost(now, event, policy),
        _wall_clock(now, policy),
        _errors(now, policy),
        _no_progress(now, event, policy),
        _oscillation(now, event, policy),
        _hallucination(event, policy),
        _retries(now, event, policy),
    ]
    hits = [verdict for verdict in verdicts if verdict is not None]
    action, rule, evidence = max(hits, key=lambda hit: SEVERITY[hit[0]], default=("CONTINUE", "", ""))
    return Decision(action, rule, evidence, _remaining(now, event, policy))


def replay(events: Iterable[GuardEvent], policy: Policy, state: GuardState | None = None) -> tuple[Decision, ...]:
    """Decide a whole log again."""
    state = state or GuardState()
    decisions: list[Decision] = []
    for event in events:
        decisions.append(decide(state, event, policy))
        state = observe(state, event)
    return tuple(decisions)


# --- rules ---------------------------------------------------------------------------------------------


def _cost(now: GuardState, event: GuardEvent, policy: Policy) -> Verdict | None:
    limit = policy.cost_limit_micros
    coming = event.next_micros if event.kind == "call" else 0
    if not limit or now.spent_micros + coming <= limit:
        return None
    spent = f"The task has cost {_usd(now.spent_micros)}"
    worst = f", the next call could cost {_usd(coming)}" if coming else ""
    return "ABORT", "cost_limit_per_task", f"{spent}{worst}; the limit is {_usd(limit)}."


def _wall_clock(now: GuardState, policy: Policy) -> Verdict | None:
    if not 0 < policy.wall_clock_s <= now.elapsed_s:
        return None
    return "ABORT", "wall_clock", f"The run has worked {now.elapsed_s:.0f} s; the limit is {policy.wall_clock_s:.0f} s."


def _errors(now: GuardState, policy: Policy) -> Verdict | None:
    if not 0 < policy.max_total_errors <= now.errors:
        return None
    return "ABORT", "max_total_errors", f"{now.errors} errors in this run; the limit is {policy.max_total_errors}."


def _no_progress(now: GuardState, event: GuardEvent, policy: Policy) -> Verdict | None:
    if not policy.same_failure_limit:
        return None
    # One of a kind is no repetition, whatever the setting says.
    limit = max(_FIRST_REPEAT, policy.same_failure_limit)
    trail = now.trail(event.phase)
    if event.kind == "failure":
        times, what = trail.same_failures, "failed in the same way"
    elif event.kind == "output":
        times, what = trail.same_outputs, "gave the same answer"
    else:
        return None
    if times < limit:
        return None
    action: Action = "ESCALATE" if times == limit else "ABORT"
    return action, "no_progress", f"The {event.phase or 'current'} phase {what} {times} times in a row."


def _oscillation(now: GuardState, event: GuardEvent, policy: Policy) -> Verdict | None:
    if not policy.same_failure_limit:
        return None
    trail = now.trail(event.phase)
    if event.kind != "output" or trail.alternating < _OSCILLATION:
        return None
    action: Action = "ESCALATE" if trail.alternating == _OSCILLATION else "ABORT"
    return (
        action,
        "oscillation",
        f"The last {trail.alternating} answers of {event.phase or 'the phase'} swing between two.",
    )


def _hallucination(event: GuardEvent, policy: Policy) -> Verdict | None:
    if not 0 < policy.hallucination_threshold < event.hallucination:
        return None
    share = f"{event.hallucination:.0%} of the checked references do not exist"
    return "ESCALATE", "hallucination_threshold", f"{share}; the limit is {policy.hallucination_threshold:.0%}."


def _retries(now: GuardState, event: GuardEvent, policy: Policy) -> Verdict | None:
    if event.kind != "failure":
        return None
    failures, limit = now.trail(event.phase).failures, policy.max_phase_retries
    phase = event.phase or "the phase"
    if not limit or failures <= limit:
        left = f"; {limit - failures} of {limit} retries left after this one" if limit else ""
        return "RETRY", "max_phase_retries", f"Attempt {failures} of {phase} failed{left}."
    action: Action = "ESCALATE" if failures == limit + 1 else "ABORT"
    return action, "max_phase_retries", f"Attempt {failures} of {phase} failed; all {limit} retries are used."


def _remaining(now: GuardState, event: GuardEvent, policy: Policy) -> Remaining:
    cost = max(0, policy.cost_limit_micros - now.spent_micros) if policy.cost_limit_micros else None
    seconds = max(0.0, policy.wall_clock_s - now.elapsed_s) if policy.wall_clock_s else None
    notices = []
    if policy.cost_limit_micros and now.spent_micros >= _SOFT_SHARE * policy.cost_limit_micros:
        notices.append(f"{_usd(now.spent_micros)} of the task's {_usd(policy.cost_limit_micros)} are spent.")
    if policy.wall_clock_s and now.elapsed_s >= _SOFT_SHARE * policy.wall_clock_s:
        notices.append(f"{now.elapsed_s:.0f} of {policy.wall_clock_s:.0f} seconds are used.")
    failures = now.trail(event.phase).failures
    return Remaining(
        retries=max(0, policy.max_phase_retries - failures) if policy.max_phase_retries else None,
        errors=max(0, policy.max_total_errors - now.errors) if policy.max_total_errors else None,
        cost_micros=cost,
        seconds=seconds,
        notices=tuple(notices),
    )


def _usd(micros: int) -> str:
    return f"${micros / 1_000_000:.4f}"


# --- the thin edge -------------------------------------------------------------------------------------


class GuardrailMonitor:
    """Holds the state of one run between decisions."""

    rules: Mapping[str, float] = MappingProxyType(Policy().rules)

    def __init__(self, policy: Policy | None = None, state: GuardState | None = None) -> None:
        self.policy = policy or Policy()
        self.rules = MappingProxyType(self.policy.rules)
        self.state = state or GuardState()

    def check(self, event: GuardEvent) -> Decision:
        """Decide, and remember the event."""
        decision = decide(self.state, event, self.policy)
        self.state = observe(self.state, event)
        return decision

    def check_and_intervene(self, context: GuardEvent) -> Action:
        """`check`, for callers that need the action only."""
        return self.check(context).action
