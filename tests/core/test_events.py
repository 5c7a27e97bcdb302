"""The run log and its fold."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path
from typing import Any, get_type_hints

from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from core import events as ev
from core.ids import RunId
from core.run.runs import create_run
from core.state import INITIAL, apply, fold
from core.storage.event_log import EventLog, read_events
from core.storage.store import Store

RUN = RunId("261122-2104-000001")
BODIES = [cls for cls in vars(ev).values() if isinstance(cls, type) and issubclass(cls, ev.Body) and cls.kind]


def _strategy(hint: Any) -> st.SearchStrategy[Any]:
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: st.text(max_size=20),
        int: st.integers(-(2**53), 2**53),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        list[str]: st.lists(st.text(max_size=5), max_size=3),
        dict[str, Any]: st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
        list[dict[str, Any]]: st.lists(st.dictionaries(st.text(max_size=5), st.integers()), max_size=2),
        bool | None: st.none() | st.booleans(),
    }
    return plain[hint] if hint in plain else st.sampled_from(hint.__args__)


def _bodies() -> st.SearchStrategy[ev.Body]:
    def of(cls: type[ev.Body]) -> st.SearchStrategy[ev.Body]:
        hints = get_type_hints(cls)
        return st.builds(cls, **{f.name: _strategy(hints[f.name]) for f in dataclasses.fields(cls)})

    return st.one_of(*(of(cls) for cls in BODIES if cls is not ev.Unknown))


@given(_bodies())
def test_every_body_survives_its_wire_form(body: ev.Body) -> None:
    assert ev.body_from_json(ev.body_to_json(body)) == body


@given(st.lists(_bodies(), max_size=30))
def test_the_fold_takes_any_history_and_never_changes_an_old_state(bodies: list[ev.Body]) -> None:
    states = [INITIAL]
    for seq, body in enumerate(bodies, 1):
        before = states[-1]
        kept = repr(before)
        states.append(apply(before, ev.Event(RUN, seq, float(seq), body)))
        assert repr(before) == kept
    assert states[-1].seq == len(bodies)


@given(st.lists(st.sampled_from("abc").map(lambda name: ev.TestFinished(name, "passed")) | _bodies(), max_size=30))
def test_folding_a_history_whole_is_folding_it_event_by_event(bodies: list[ev.Body]) -> None:
    history = [ev.Event(RUN, seq, float(seq), body) for seq, body in enumerate(bodies, 1)]
    assert fold(history) == functools.reduce(apply, history, INITIAL)


def test_a_kind_from_a_newer_version_is_kept_as_it_was() -> None:
    text = '{"kind":"future.thing","v":3,"x":[1,2]}'
    body = ev.body_from_json(text)
    assert isinstance(body, ev.Unknown)
    assert json.loads(ev.body_to_json(body)) == json.loads(text)


def test_new_fields_of_a_known_kind_are_ignored_and_missing_ones_are_not_guessed() -> None:
    assert ev.body_from_json('{"kind":"notice","v":1,"text":"hi","later":1}') == ev.Notice("hi")
    assert isinstance(ev.body_from_json('{"kind":"phase.started","v":1}'), ev.Unknown)


def _log(store: Store, tmp_path: Path, clock: Any = None) -> EventLog:
    if not store.query("SELECT 1 FROM runs"):
        create_run(store, RUN, tmp_path, "do it", Settings(), {})
    return EventLog(store, RUN, clock) if clock else EventLog(store, RUN)


async def _emit(log: EventLog, *bodies: tuple[ev.Body, str]) -> None:
    for body, once in bodies:
        log.emit(body, once=once)
    await log.flush()


def test_a_resumed_run_does_not_log_a_named_event_twice(store: Store, tmp_path: Path) -> None:
    import asyncio

    first = _log(store, tmp_path)
    asyncio.run(_emit(first, (ev.PhaseStarted("analyst"), "a"), (ev.Notice("tick"), "")))
    second = _log(store, tmp_path)
    asyncio.run(_emit(second, (ev.PhaseStarted("analyst"), "a"), (ev.Notice("tick"), "")))
    kinds = [(event.seq, event.body.kind) for event in read_events(store, RUN)]
    assert kinds == [(1, "phase.started"), (2, "notice"), (3, "notice")]


def test_times_never_go_backwards_even_when_the_clock_does(store: Store, tmp_path: Path) -> None:
    import asyncio

    times = iter([100.0, 50.0, 120.0])
    log = _log(store, tmp_path, lambda: next(times))
    asyncio.run(_emit(log, (ev.Notice("a"), ""), (ev.Notice("b"), ""), (ev.Notice("c"), "")))
    assert [event.at for event in read_events(store, RUN)] == [100.0, 100.0, 120.0]


def test_the_state_follows_money_and_phases() -> None:
    history = [
        ev.RunStarted("do it", "/p", "demo", "bubblewrap", 500_000, "0.1.0"),
        ev.PhaseStarted("implementer", 0),
        ev.ModelCalled("implementer", "implementer.0/0", "m", 9_000),
        ev.ModelAnswered("implementer", "implementer.0/0", "m", 10, 20, 0, 4_000, False, 12, 1),
        ev.PhaseFinished("implementer", 0, "done", "wrote it", 15),
        ev.RunFinished("verified", "ok", 0, cost_micros=4_000),
    ]
    events = [ev.Event(RUN, seq, float(seq), body) for seq, body in enumerate(history, 1)]
    middle = fold(events[:3])
    assert middle.reserved_micros == 9_000
    assert middle.phases["implementer"].status == "running"
    state = fold(events)
    assert (state.status, state.spent_micros, state.reserved_micros) == ("finished", 4_000, 0)
    assert state.models["m"].completion_tokens == 20
    assert state.phases["implementer"].cost_micros == 4_000
