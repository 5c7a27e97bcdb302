"""A recorded run to be gone through event by event, forwards and back. Reads, never writes.

States are immutable, so some of them are kept as checkpoints: any other is a short fold away from the one before it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core import events as ev
from core.events import Event
from core.guardrails import GuardEvent, GuardState, Policy, Remaining, decide, observe
from core.run.runs import LIVE, RunRow
from core.state import INITIAL, RunState, fold

LONGEST_PAUSE_S = 2.0
"""Nobody wants to watch a model think for a minute twice."""
_LEAST_APART = 64
_MOST_CHECKPOINTS = 48
"""Each has a table of tests of its own: half a megabyte where there are ten thousand."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The events `first` to `last` of a run, which begin with a phase; before the first phase its name is empty."""

    phase: str
    attempt: int
    first: int
    last: int


class Playback:
    """Events are numbered from 1; at number n, what the events 1 to n tell is known."""

    def __init__(self, row: RunRow, events: Sequence[Event]) -> None:
        """Takes time for long runs. Raises ValueError for a run without events."""
        if not events:
            raise ValueError("a playback needs events")
        self.row = row
        self.events = events
        self.stretches = _stretches(events)
        self._apart = max(_LEAST_APART, len(events) // _MOST_CHECKPOINTS)
        self._checkpoints = _checkpoints(events, self._apart)
        self._at = (0, INITIAL)
        self._played = _played(events)
        self._left = _left(row, events)

    def __len__(self) -> int:
        return len(self.events)

    def state(self, number: int) -> RunState:
        """What the run looked like after that event."""
        begin, state = self._at
        nearest = number // self._apart
        if not begin <= number or begin < nearest * self._apart:
            begin, state = nearest * self._apart, self._checkpoints[nearest]
        state = fold(self.events[begin:number], state)
        self._at = (number, state)
        return state

    def shown(self, number: int) -> RunRow:
        """The row of the run as it was then."""
        if number == len(self):
            return self.row
        state = self.state(number)
        end = state.finished
        status = state.status if state.status in LIVE else self.row.status
        return replace(self.row, status=status, verdict=end.verdict if end else "", cost_micros=state.spent_micros)

    def left(self, number: int) -> Remaining | None:
        """What the guardrails left then; None before their first decision."""
        at = bisect_right(self._left, number, key=lambda known: known[0])
        return self._left[at - 1][1] if at else None

    def stretch(self, number: int) -> int:
        """Which of the stretches an event is in."""
        return bisect_right(self.stretches, number, key=lambda stretch: stretch.first) - 1

    def since_start_s(self, number: int) -> float:
        return self.events[number - 1].at - self.events[0].at

    def played_s(self, number: int) -> float:
        """When the event comes in a playback at the speed of the run, whose long pauses are shortened."""
        return self._played[number - 1]

    def due(self, played_s: float) -> int:
        """The last event that has come after so many seconds of playback."""
        return max(1, bisect_right(self._played, played_s))


def _stretches(events: Sequence[Event]) -> tuple[Stretch, ...]:
    begins = [(1, "", 0)] if not isinstance(events[0].body, ev.PhaseStarted) else []
    for number, event in enumerate(events, start=1):
        if isinstance(event.body, ev.PhaseStarted):
            begins.append((number, event.body.phase, event.body.attempt))
    ends = [first - 1 for first, _, _ in begins[1:]] + [len(events)]
    return tuple(
        Stretch(phase, attempt, first, last) for (first, phase, attempt), last in zip(begins, ends, strict=True)
    )


def _checkpoints(events: Sequence[Event], apart: int) -> list[RunState]:
    """The state after every `apart` events, the empty one first."""
    states = [INITIAL]
    for begin in range(0, len(events) - apart + 1, apart):
        states.append(fold(events[begin : begin + apart], states[-1]))
    return states


def _played(events: Sequence[Event]) -> array[float]:
    moments = array("d", [0.0])
    for before, after in pairwise(events):
        moments.append(moments[-1] + min(max(after.at - before.at, 0.0), LONGEST_PAUSE_S))
    return moments


def _left(row: RunRow, events: Sequence[Event]) -> list[tuple[int, Remaining]]:
    """Per decision, the number of its event and what it left."""
    decisions = [
        (number, GuardEvent.from_dict(event.body.event))
        for number, event in enumerate(events, start=1)
        if isinstance(event.body, ev.GuardrailDecided) and event.body.event.get("kind")
    ]
    if not decisions:
        return []
    from config.settings import Settings

    try:
        policy = Policy.from_settings(Settings.model_validate(row.settings).limits)
    except ValueError:
        return []  # settings of another version of Nexus: its limits cannot be told
    state, left = GuardState(), []
    for number, fact in decisions:
        left.append((number, decide(state, fact, policy).remaining))
        state = observe(state, fact)
    return left
