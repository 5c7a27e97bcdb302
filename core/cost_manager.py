"""Budgets that hold: the worst case is reserved before a call, in one transaction, across all processes.

At every instant, settled plus reserved is at most each limit. A reservation ends settled (with what the call cost) or
released (nothing was billed). Money is in integer micro-dollars; a limit of 0 is off.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from config.errors import BudgetExceeded
from config.settings import Settings
from core.clock import Clock
from core.events import BudgetAlert
from core.gateway.model_calls import ModelRequest, Usage
from core.storage.processes import process_lives
from core.storage.store import Store, Write

ScopeKind = Literal["task", "run", "day", "month"]
ALERT_PERCENTS = (50, 80, 100)

_SUM = (
    "SELECT COALESCE(SUM(CASE state WHEN 'reserved' THEN reserved_micros WHEN 'settled' THEN cost_micros END), 0)"
    " AS committed, COALESCE(SUM(CASE state WHEN 'settled' THEN cost_micros END), 0) AS spent FROM ledger WHERE "
)
# What is dated after today counts as today: a clock that was set back must not open the budget a second time.
_WHERE: dict[ScopeKind, str] = {
    "task": "task_id = ?",
    "run": "run_id = ?",
    "day": "day >= ?",
    "month": "day >= ? || '-01'",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Micro-dollars; 0 is off."""

    task: int
    run: int
    day: int
    month: int

    @staticmethod
    def of(settings: Settings) -> Limits:
        budgets = settings.budgets
        usd = (settings.limits.cost_limit_per_task, budgets.run_usd, budgets.day_usd, budgets.month_usd)
        return Limits(*(micros(amount) for amount in usd))


@dataclass(frozen=True, slots=True)
class Scope:
    """One budget: what it counts, and how much of it is used."""

    kind: ScopeKind
    key: str
    limit: int
    committed: int
    """Settled and reserved."""
    spent: int
    """Settled."""

    @property
    def left(self) -> int:
        return max(0, self.limit - self.committed)


@dataclass(frozen=True, slots=True)
class Reservation:
    id: int
    micros: int


class CostManager:
    def __init__(self, store: Store, limits: Limits, clock: Clock) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock

    async def reserve(self, request: ModelRequest, model: str, worst: int, price_snapshot: str) -> Reservation:
        """Set `worst` micro-dollars aside. Raises BudgetExceeded, with the figures, when a budget has not that much."""
        making = self._store.submit(lambda conn: self._reserve(conn, request, model, worst, price_snapshot))
        try:
            made = await asyncio.shield(asyncio.wrap_future(making))
        except asyncio.CancelledError:
            making.add_done_callback(self._take_back)
            raise
        if isinstance(made, Scope):
            raise _exceeded(made, model, worst)
        return made

    def _take_back(self, making: Future[Reservation | Scope]) -> None:
        """Release a reservation whose caller was cancelled while it was being written."""
        if not making.cancelled() and making.exception() is None:
            made = making.result()
            if isinstance(made, Reservation):
                self._store.submit(self.release(made))

    def begin(self, reservation: Reservation) -> Write[None]:
        """A write that says the call goes out now: from here on it may be billed, whatever happens to this process."""

        def write(conn: sqlite3.Connection) -> None:
            conn.execute("UPDATE ledger SET usage = '{\"begun\": true}' WHERE id = ?", (reservation.id,))

        return write

    def settle(self, reservation: Reservation, cost: int, usage: Usage) -> Write[bool]:
        """A write that closes a reservation with its cost; False when it was closed before."""
        numbers = json.dumps(
            {
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "cached_tokens": usage.cached_tokens,
            }
        )

        def write(conn: sqlite3.Connection) -> bool:
            row = (cost, int(usage.estimated), numbers, self._clock.now(), reservation.id)
            changed = conn.execute(
                "UPDATE ledger SET state = 'settled', cost_micros = ?, estimated = ?, usage = ?, closed_at = ?"
                " WHERE id = ? AND state = 'reserved'",
                row,
            )
            return changed.rowcount == 1

        return write

    def release(self, reservation: Reservation) -> Write[bool]:
        """A write that closes a reservation for which nothing was billed; False when it was closed before."""

        def write(conn: sqlite3.Connection) -> bool:
            changed = conn.execute(
                "UPDATE ledger SET state = 'released', closed_at = ? WHERE id = ? AND state = 'reserved'",
                (self._clock.now(), reservation.id),
            )
            return changed.rowcount == 1

        return write

    async def sweep(self) -> int:
        """Close the reservations of processes that died; returns how many.

        A call that had gone out may have been billed in full, so it is booked at its worst case, as an estimate: the
        budget must hold. One that had not gone out is released.
        """
        rows = self._store.query("SELECT id, pid, created_at FROM ledger WHERE state = 'reserved'")
        dead = [row["id"] for row in rows if not process_lives(row["pid"], row["created_at"])]
        if not dead:
            return 0
        return await self._store.awrite(lambda conn: self._close_dead(conn, dead))

    def scopes(self, run_id: str, task_id: str) -> list[Scope]:
        """The budgets that are on, narrowest first, as they stand now."""
        found: list[Scope] = []
        for kind, key, limit in self._budgets(run_id, task_id):
            row = self._store.query(_SUM + _WHERE[kind], (key,))[0]
            found.append(Scope(kind, key, limit, row["committed"], row["spent"]))
        return found

    def spent(self, kind: ScopeKind, key: str) -> int:
        """Settled micro-dollars of a task, a run, or since a day (`2026-11-22`) or month (`2026-11`)."""
        return int(self._store.query(_SUM + _WHERE[kind], (key,))[0]["spent"])

    def remaining(self, run_id: str, task_id: str) -> int | None:
        """Micro-dollars that the next call may cost at most; None when every budget is off."""
        return min((scope.left for scope in self.scopes(run_id, task_id)), default=None)

    async def new_alerts(self, run_id: str, task_id: str) -> list[BudgetAlert]:
        """Thresholds of settled spending crossed since the last look, each reported once to the whole user."""
        return await self._store.awrite(lambda conn: self._alerts(conn, run_id, task_id))

    # --- within a transaction ---

    def _reserve(
        self, conn: sqlite3.Connection, request: ModelRequest, model: str, worst: int, price_snapshot: str
    ) -> Reservation | Scope:
        for kind, key, limit in self._budgets(request.run_id, request.task_id):
            row = conn.execute(_SUM + _WHERE[kind], (key,)).fetchone()
            if row["committed"] + worst > limit:
                return Scope(kind, key, limit, row["committed"], row["spent"])
        now = self._clock.now()
        cursor = conn.execute(
            "INSERT INTO ledger (run_id, task_id, step, phase, model, day, state, reserved_micros, price_snapshot, pid,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, 'reserved', ?, ?, ?, ?)",
            (
                request.run_id,
                request.task_id,
                request.step,
                request.phase,
                model,
                _day(now),
                worst,
                price_snapshot,
                os.getpid(),
                now,
            ),
        )
        return Reservation(int(cursor.lastrowid or 0), worst)

    def _close_dead(self, conn: sqlite3.Connection, ids: Sequence[int]) -> int:
        now = self._clock.now()
        closed = 0
        for row_id in ids:
            closed += conn.execute(
                "UPDATE ledger SET state = CASE WHEN usage ->> 'begun' THEN 'settled' ELSE 'released' END,"
                " cost_micros = CASE WHEN usage ->> 'begun' THEN reserved_micros ELSE 0 END,"
                " estimated = COALESCE(usage ->> 'begun', 0), closed_at = ? WHERE id = ? AND state = 'reserved'",
                (now, row_id),
            ).rowcount
        return closed

    def _alerts(self, conn: sqlite3.Connection, run_id: str, task_id: str) -> list[BudgetAlert]:
        said: list[BudgetAlert] = []
        for kind, key, limit in self._budgets(run_id, task_id):
            spent = conn.execute(_SUM + _WHERE[kind], (key,)).fetchone()["spent"]
            for percent in ALERT_PERCENTS:
                if spent * 100 < limit * percent:
                    break
                row = (f"{kind}:{key}", percent, self._clock.now())
                new = conn.execute("INSERT OR IGNORE INTO budget_alerts (scope, percent, at) VALUES (?, ?, ?)", row)
                if new.rowcount:
                    said.append(BudgetAlert(kind, percent, spent, limit))
        return said

    def _budgets(self, run_id: str, task_id: str) -> list[tuple[ScopeKind, str, int]]:
        day = _day(self._clock.now())
        budgets: list[tuple[ScopeKind, str, int]] = [
            ("task", task_id, self._limits.task),
            ("run", run_id, self._limits.run),
            ("day", day, self._limits.day),
            ("month", day[:7], self._limits.month),
        ]
        return [budget for budget in budgets if budget[2] > 0]


def micros(usd: float) -> int:
    """Micro-dollars of a dollar amount, rounded down: a limit is never stretched."""
    return int((Decimal(str(usd)) * 1_000_000).to_integral_value(ROUND_FLOOR))


def dollars(amount: int) -> str:
    """`$0.0123`; as many digits as it takes to tell small sums apart."""
    return f"${Decimal(amount) / 1_000_000:.4f}" if amount % 100 == 0 else f"${Decimal(amount) / 1_000_000:.6f}"


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")


_SETTING: dict[ScopeKind, str] = {
    "task": "limits.cost_limit_per_task",
    "run": "--budget (budgets.run_usd)",
    "day": "budgets.day_usd",
    "month": "budgets.month_usd",
}


def _exceeded(scope: Scope, model: str, worst: int) -> BudgetExceeded:
    return BudgetExceeded(
        f"The next call to {model} needs up to {dollars(worst)}, but {dollars(scope.left)} is left"
        f" of the {scope.kind}'s {dollars(scope.limit)}.",
        f"Raise {_SETTING[scope.kind]}, lower models.max_output_tokens, or choose a cheaper model.",
    )
