"""Steering a run through the commands table, also while the database is in trouble."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.errors import GuardrailStop
from config.settings import Settings
from core import events as ev
from core.ids import RunId
from core.run.commands import send
from core.run.control import Answer, RunControl
from core.run.outcome import Cancelled
from core.run.runs import create_run, find_run, rating_of, set_status
from core.run.work_clock import WorkClock
from core.storage.event_log import EventLog, read_events
from core.storage.store import Store

RUN = RunId("261122-2104-00000a")


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store that gives up on a locked database at once, with one run in it."""
    monkeypatch.setattr("core.storage.store.BUSY_TIMEOUT_MS", 10)
    with Store(tmp_path / "nexus.db") as store:
        create_run(store, RUN, tmp_path, "a request", Settings(), {})
        set_status(store, RUN, "running")
        yield store


async def _steered(store: Store, *commands: tuple[Any, dict[str, Any]]) -> tuple[RunControl, asyncio.Task[None]]:
    """A control whose work waits for ever, with commands waiting for it."""
    for kind, payload in commands:
        send(store, RUN, kind, payload)
    control = RunControl(store, RUN, EventLog(store, RUN))
    work: asyncio.Task[None] = asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]
    control.start(work)
    return control, work


async def _until(holds: Any) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.01)


def _kinds(store: Store) -> list[str]:
    return [event.body.kind for event in read_events(store, RUN)]


def test_a_locked_database_delays_commands_and_loses_none(impatient: Store) -> None:
    async def work() -> None:
        other = sqlite3.connect(impatient.path, isolation_level=None)
        send(impatient, RUN, "cancel")
        other.execute("BEGIN IMMEDIATE")
        control, waits = await _steered(impatient)
        async with asyncio.timeout(30):
            with pytest.raises(Exception, match="locked"):
                await impatient.awrite(lambda _: None)  # at least one look at the commands failed as well
        assert not waits.done()
        other.execute("COMMIT")
        other.close()
        await asyncio.wait({waits}, timeout=30)
        assert waits.cancelled()
        assert isinstance(control.ending, Cancelled)
        await control.stop()

    asyncio.run(work())


def test_events_refused_by_a_locked_database_are_written_later_in_order(impatient: Store) -> None:
    async def work() -> None:
        log = EventLog(impatient, RUN)
        other = sqlite3.connect(impatient.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for number in range(5):
            log.emit(ev.Notice(str(number)), once=f"notice:{number}")
        with pytest.raises(Exception, match="locked"):
            await impatient.awrite(lambda _: None)
        other.execute("COMMIT")
        other.close()
        log.emit(ev.Notice("5"))
        await log.flush()

    asyncio.run(work())
    written = read_events(impatient, RUN)
    assert [event.seq for event in written] == [1, 2, 3, 4, 5, 6]
    assert [event.body for event in written] == [ev.Notice(str(number)) for number in range(6)]


def test_a_command_that_makes_no_sense_is_a_notice_and_the_next_one_is_obeyed(impatient: Store) -> None:
    async def work() -> None:
        control, waits = await _steered(
            impatient,
            ("rate", {}),
            ("rate", {"stars": 9}),
            ("decide", {"approved": True}),
            ("rate", {"stars": 4, "note": "fine"}),
            ("pause", {}),
        )
        await _until(lambda: find_run(impatient, RUN).status == "paused")
        await control.stop()
        waits.cancel()

    asyncio.run(work())
    assert rating_of(impatient, RUN) == (4, "fine")
    assert _kinds(impatient) == ["notice", "notice", "notice", "run.paused"]


def test_old_commands_are_dropped_but_for_ratings(impatient: Store) -> None:
    async def work() -> None:
        send(impatient, RUN, "cancel")
        send(impatient, RUN, "rate", {"stars": 2})
        control = RunControl(impatient, RUN, EventLog(impatient, RUN))
        await control.drop_old_commands()
        await control.checkpoint()

    asyncio.run(work())
    assert rating_of(impatient, RUN) == (2, "")


def test_a_question_is_answered_by_name_and_the_table_shows_that_it_waits(impatient: Store) -> None:
    async def work() -> Answer | None:
        control, waits = await _steered(impatient)
        asking = asyncio.create_task(control.decision("delivery.0", "Deliver?", "branch", 60, ["a.py"]))
        await _until(lambda: find_run(impatient, RUN).status == "waiting")
        send(impatient, RUN, "pause")
        await _until(lambda: find_run(impatient, RUN).status == "paused")
        send(impatient, RUN, "resume")
        await _until(lambda: find_run(impatient, RUN).status == "waiting")
        send(impatient, RUN, "decide", {"approval": "another", "approved": True})
        send(impatient, RUN, "decide", {"approval": "delivery.0", "approved": True, "files": ["a.py"]})
        answer = await asking
        assert find_run(impatient, RUN).status == "running"
        await control.stop()
        waits.cancel()
        return answer

    assert asyncio.run(work()) == Answer(True, "", ("a.py",))
    assert _kinds(impatient)[-2:] == ["notice", "approval.decided"]


def test_the_first_reason_to_stop_is_the_one_that_counts(impatient: Store) -> None:
    async def work() -> RunControl:
        control = RunControl(impatient, RUN, EventLog(impatient, RUN))
        control.end(GuardrailStop("Too slow."))
        control.cancel("^C")
        waits: asyncio.Task[None] = asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]
        control.start(waits)
        await asyncio.wait({waits}, timeout=30)
        assert waits.cancelled()
        with pytest.raises(GuardrailStop):
            await control.checkpoint()
        await control.stop()
        return control

    assert str(asyncio.run(work()).ending) == "Too slow."


def test_the_clock_of_work_stands_still_while_people_are_waited_for() -> None:
    now = 100.0
    clock = WorkClock(lambda: now)
    now += 5
    with clock.standing_still():
        now += 1000
        with clock.standing_still():
            now += 1000
        assert clock.elapsed_s == 5
        now += 1000
    now += 2
    assert clock.elapsed_s == 7
