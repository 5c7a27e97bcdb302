"""The feed hands a run over: whole, in order, no faster than it is shown, and how the run stands."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import cast

import pytest
from textual.message import Message

from app.terminal.application import NexusApp
from config.paths import Paths
from config.settings import LimitSettings, Settings
from core import events as ev
from core.events import body_to_json
from core.guardrails import GuardEvent
from core.ids import RunId
from core.run.runs import begin_run, change_run, create_run
from core.storage.store import Store
from screens.news import RunMoved
from tests.support.feed import ANSWER, RUN, Run, Screen, watching
from tests.support.screens import opened, until

OTHER = RunId("261123-0102-bbbbbb")

# --- events ---


def test_a_run_opened_in_the_middle_comes_whole_and_goes_on_in_order(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.RunStarted("r", "p", "custom", "bubblewrap", 0, "0"), ev.PhaseStarted("implementer", 1))
    run.notices(3, 40)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.state.seq == 40)
        first = screen.batches[0][1]
        assert first.first and [event.seq for event in first.events] == list(range(1, 41))
        for last in (41, 60, 61):
            run.notices(run.log._seq + 1, last)
        screen.saw(lambda: screen.view.state.seq == 61)
    assert screen.seqs == list(range(1, 62))
    assert [news.first for _, news in screen.batches].count(True) == 1
    assert screen.view.state.phases["implementer"].status == "running"


def test_what_happens_while_a_picture_is_painted_comes_as_one_batch(run: Run, store: Store, paths: Paths) -> None:
    run.notices(1, 1)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.budgets)  # the second batch; nothing is left to tell
        screen.paints.clear()
        run.notices(2, 2)
        screen.saw(lambda: screen.view.state.seq == 2)
        before = len(screen.batches)
        for number in range(3, 103):
            run.notices(number, number)
        time.sleep(0.3)  # room to do the wrong thing
        assert len(screen.batches) == before
        screen.paints.set()
        screen.saw(lambda: screen.view.state.seq == 102)
        assert len(screen.batches) == before + 1


def test_a_screen_that_is_closed_while_it_paints_does_not_stop_the_feed(
    run: Run, store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.terminal.feed._LONGEST_PAINT_S", 0.05)
    monkeypatch.setattr(Screen, "_paint", lambda _, feed: feed.taken())
    with watching(store, paths) as screen:
        for number in range(1, 6):
            run.notices(number, number)
            screen.saw(lambda: screen.view.state.seq == number)  # noqa: B023 - waited for here


def test_events_of_other_runs_disturb_nobody(run: Run, store: Store, paths: Paths, tmp_path: Path) -> None:
    other = Run(store, paths, OTHER, tmp_path)
    run.notices(1, 1)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.budgets)
        before = len(screen.batches)
        other.notices(1, 50)
        run.write(ANSWER, b"nobody announced this")
        time.sleep(0.3)
        assert len(screen.batches) == before
    other.lock.release()


def test_an_event_that_a_busy_database_refused_is_waited_for(run: Run, store: Store, paths: Paths) -> None:
    _insert(store, 1, 2, 4, 5)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.state.seq == 2)
        _insert(store, 6)
        _insert(store, 3)
        screen.saw(lambda: screen.view.state.seq == 6)
    assert screen.seqs == [1, 2, 3, 4, 5, 6]


def test_a_gap_that_nobody_will_fill_is_passed_over(run: Run, store: Store, paths: Paths) -> None:
    _insert(store, 1, 3)
    run.lock.release()
    store.write(lambda db: db.execute("UPDATE runs SET status = 'interrupted'"))
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.state.seq == 3)
    assert screen.seqs == [1, 3]


def _insert(store: Store, *seqs: int) -> None:
    rows = [(RUN, seq, float(seq), body_to_json(ev.Notice(str(seq)))) for seq in seqs]
    store.write(
        lambda db: db.executemany("INSERT INTO events (run_id, seq, at, body) VALUES (?, ?, ?, ?)", rows).rowcount
    )


# --- how a run stands ---


def test_a_run_whose_process_died_is_shown_as_interrupted(run: Run, store: Store, paths: Paths) -> None:
    run.notices(1, 1)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.row.status == "running")
        run.lock.release()  # as the kernel does
        began = time.monotonic()
        screen.saw(lambda: screen.view.row.status == "interrupted")
        assert not screen.view.live
        assert time.monotonic() - began < 10


def test_a_run_that_is_resumed_is_live_again_under_its_new_limits(run: Run, store: Store, paths: Paths) -> None:
    fact = GuardEvent("failure", phase="implementer", fingerprint="f").to_dict()
    decided = ev.GuardrailDecided("RETRY", "", "", "implementer", 1, fact)
    run.emit(ev.RunStarted("r", "p", "custom", "bubblewrap", 0, "0"), decided)
    run.finish()
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.left is not None)
        assert screen.view.left is not None and screen.view.left.errors == 4
        assert not screen.view.live
        run.lock.acquire()
        change_run(store, RUN, Settings(limits=LimitSettings(max_total_errors=9, cost_limit_per_task=7)), {})
        begin_run(store, RUN)
        run.emit(ev.RunResumed("more money"), decided)
        screen.saw(lambda: screen.view.state.resumed == 1 and screen.view.left.errors == 7)  # type: ignore[union-attr]
        assert screen.view.live and screen.view.state.status == "running"
        assert screen.view.budgets[0].limit == 7_000_000


def test_a_run_recorded_with_settings_nobody_knows_has_no_figures(run: Run, store: Store, paths: Paths) -> None:
    store.write(lambda db: db.execute('UPDATE runs SET settings = \'{"flux": {"capacity": 3}}\''))
    with watching(store, paths) as screen:
        run.emit(ev.GuardrailDecided("RETRY", "", "", "implementer", 1, {"kind": "failure"}))
        run.notices(2, 3)
        screen.saw(lambda: screen.view.state.seq == 3)
    assert (screen.view.budgets, screen.view.left, screen.view.trouble) == ((), None, "")


def test_why_an_engine_ended_is_told_while_its_run_waits(store: Store, paths: Paths, tmp_path: Path) -> None:
    create_run(store, RUN, tmp_path, "r", Settings(), {})
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.row.status == "queued")
        screen.feed.engine_ended("There is no sandbox.")
        screen.saw(lambda: screen.view.trouble == "There is no sandbox.")


# --- switching ---


def test_switching_quickly_between_runs_shows_nothing_of_the_one_before(
    run: Run, store: Store, paths: Paths, tmp_path: Path
) -> None:
    other = Run(store, paths, OTHER, tmp_path)
    both = (run, other)
    for each in both:
        each.notices(1, 1)
    heard: list[RunMoved] = []

    def hear(message: Message) -> None:
        if type(message) is RunMoved and message.view is not None:
            heard.append(message)

    async def switch() -> None:
        async with opened(store, paths, run_id=RUN, folder=tmp_path, heard=hear) as pilot:
            for number in range(2, 13):
                for each in both:
                    each.notices(number, number)
                cast(NexusApp, pilot.app).open_run(RUN if number % 2 else OTHER)
                for _ in range(number % 4):
                    await pilot.pause()
            await until(pilot, lambda: heard and _shown(heard[-1]) == (OTHER, 12))

    asyncio.run(switch())
    other.lock.release()
    before = ""
    for message in heard:
        shown, _ = _shown(message)
        if shown != before:
            assert message.news.first and message.news.events[0].seq == 1
        before = shown


def _shown(message: RunMoved) -> tuple[str, int]:
    assert message.view is not None
    return message.view.row.id, message.view.state.seq
