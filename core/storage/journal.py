"""Durable execution: a paid or slow step runs once per run, however often the run is killed and resumed.

The result of a step is recorded under its key in the same transaction as whatever else the step has to book (the
ledger's settlement, the audit row). A resumed run asks for the same keys in the same order and gets the records.
A step without a record was under way, or not begun, when the process died: it is run, under the same idempotency
key.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.ids import RunId
from core.storage.store import Store

T = TypeVar("T")


def _nothing(_: sqlite3.Connection) -> None:
    return None


@dataclass(frozen=True, slots=True)
class StepResult(Generic[T]):
    """What a step produced, and writes that belong in the same transaction as its record."""

    value: T
    book: Callable[[sqlite3.Connection], None] = _nothing


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How a step's value becomes JSON and comes back."""

    to_json: Callable[[T], Any]
    from_json: Callable[[Any], T]


class Journal:
    """The recorded steps of one run."""

    def __init__(self, store: Store, run_id: RunId, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._run = run_id
        self._clock = clock
        rows = store.query("SELECT step, result FROM journal WHERE run_id = ?", (run_id,))
        self._done: dict[str, str] = {row["step"]: row["result"] for row in rows}

    def has(self, key: str) -> bool:
        return key in self._done

    async def step(self, key: str, codec: Codec[T], run: Callable[[], Awaitable[StepResult[T]]]) -> T:
        """The recorded value under `key`, or that of `run`, durable before this returns.

        Nothing is recorded when `run` raises: a refused or failed step is tried again by a resumed run.
        """
        recorded = self._done.get(key)
        if recorded is not None:
            return codec.from_json(json.loads(recorded))
        began = self._clock()
        outcome = await run()
        text = json.dumps(codec.to_json(outcome.value), ensure_ascii=False)

        def record(db: sqlite3.Connection) -> None:
            outcome.book(db)
            db.execute(
                "INSERT INTO journal (run_id, step, started_at, ended_at, result) VALUES (?, ?, ?, ?, ?)",
                (self._run, key, began, self._clock(), text),
            )

        await self._store.awrite(record)
        self._done[key] = text
        return outcome.value
