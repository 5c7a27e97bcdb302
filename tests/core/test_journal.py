"""Durable execution: steps run once, and their bookings share their fate."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from config.settings import Settings
from core.ids import RunId
from core.run.runs import create_run
from core.storage.journal import Codec, Journal, StepResult
from core.storage.store import Store

RUN = RunId("261122-2104-000001")
NUMBER: Codec[int] = Codec(lambda value: value, int)


def _journal(store: Store, tmp_path: Path) -> Journal:
    if not store.query("SELECT 1 FROM runs"):
        create_run(store, RUN, tmp_path, "do it", Settings(), {})
    return Journal(store, RUN)


def _step(value: int, calls: list[int], book: object = None):  # type: ignore[no-untyped-def]
    async def run() -> StepResult[int]:
        calls.append(value)
        return StepResult(value, book) if book else StepResult(value)  # type: ignore[arg-type]

    return run


def test_a_recorded_step_is_not_run_again(store: Store, tmp_path: Path) -> None:
    calls: list[int] = []
    assert asyncio.run(_journal(store, tmp_path).step("a", NUMBER, _step(7, calls))) == 7
    assert asyncio.run(_journal(store, tmp_path).step("a", NUMBER, _step(8, calls))) == 7
    assert calls == [7]


def test_a_step_that_failed_is_tried_again(store: Store, tmp_path: Path) -> None:
    async def broken() -> StepResult[int]:
        raise TimeoutError("provider")

    with pytest.raises(TimeoutError):
        asyncio.run(_journal(store, tmp_path).step("a", NUMBER, broken))
    calls: list[int] = []
    assert asyncio.run(_journal(store, tmp_path).step("a", NUMBER, _step(3, calls))) == 3


def test_booking_and_record_are_one_transaction(store: Store, tmp_path: Path) -> None:
    def refuses(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO budget_alerts (scope, percent, at) VALUES ('run:x', 50, 0)")
        raise sqlite3.IntegrityError("no")

    calls: list[int] = []
    with pytest.raises(sqlite3.IntegrityError):
        asyncio.run(_journal(store, tmp_path).step("a", NUMBER, _step(1, calls, refuses)))
    assert store.query("SELECT count(*) FROM budget_alerts")[0][0] == 0
    assert not _journal(store, tmp_path).has("a")

    def books(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO budget_alerts (scope, percent, at) VALUES ('run:x', 50, 0)")

    asyncio.run(_journal(store, tmp_path).step("a", NUMBER, _step(1, calls, books)))
    assert store.query("SELECT count(*) FROM budget_alerts")[0][0] == 1
    assert _journal(store, tmp_path).has("a")
