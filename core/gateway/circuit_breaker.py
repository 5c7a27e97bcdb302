"""Stop asking a model that keeps failing; let exactly k probes find out when it is back.

The state machine is pure. Its state is one row per model, so that a restart does not hammer a provider that is
down and all processes share one set of probes. A breaker that is closed costs one read per call and no write.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from core.clock import Clock
from core.storage.store import Store

Outcome = Literal["ok", "failed", "neutral"]
"""`neutral` says nothing about the model's health: cancelled, or refused for a reason of ours."""

_PROBE_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    failures: int = 5
    """Failures in a row that open the breaker."""
    open_s: float = 5.0
    """First open time; doubles with every failed probe."""
    open_cap_s: float = 300.0
    probes: int = 1
    """Calls let through at once when the open time is over; as many must succeed to close."""
    probe_lease_s: float = 300.0
    """A probe whose process died is given up after this long."""


@dataclass(frozen=True, slots=True)
class BreakerState:
    failures: int = 0
    opened_at: float = 0.0
    open_s: float = 0.0
    """0: closed."""
    successes: int = 0
    """Probes that succeeded since the open time ended."""
    probes: dict[str, float] = field(default_factory=dict)
    """Probes under way: id → start."""


class Blocked(Exception):
    """The breaker is open, or all probes are out; asking again makes sense after `wait_s`."""

    def __init__(self, name: str, wait_s: float) -> None:
        super().__init__(name)
        self.name = name
        self.wait_s = wait_s


def admit(state: BreakerState, policy: BreakerPolicy, now: float, probe: str) -> tuple[BreakerState, float]:
    """The state after a request for a permit, and the seconds to wait: 0 when it is granted."""
    if state.open_s == 0:
        return state, 0.0
    # A clock that was set back must not keep the breaker open for longer than its open time.
    since = now - state.opened_at if now >= state.opened_at else 0.0
    if now < state.opened_at:
        state = replace(state, opened_at=now)
    if since < state.open_s:
        return state, state.open_s - since
    running = {key: min(start, now) for key, start in state.probes.items() if now - start < policy.probe_lease_s}
    if len(running) + state.successes >= policy.probes:
        return replace(state, probes=running), _PROBE_POLL_S
    return replace(state, probes={**running, probe: now}), 0.0


def settle(state: BreakerState, policy: BreakerPolicy, now: float, outcome: Outcome, probe: str) -> BreakerState:
    """The state after a call ended. Calls that began before the breaker opened no longer count."""
    if state.open_s == 0:
        return _settle_closed(state, policy, now, outcome)
    running = dict(state.probes)
    if running.pop(probe, None) is None:
        return state
    if outcome == "failed":
        longer = min(policy.open_cap_s, state.open_s * 2)
        return BreakerState(failures=state.failures + 1, opened_at=now, open_s=longer)
    if outcome == "neutral":
        return replace(state, probes=running)
    if state.successes + 1 >= policy.probes:
        return BreakerState()
    return replace(state, probes=running, successes=state.successes + 1)


def _settle_closed(state: BreakerState, policy: BreakerPolicy, now: float, outcome: Outcome) -> BreakerState:
    if outcome == "neutral":
        return state
    if outcome == "ok":
        return BreakerState()
    failures = state.failures + 1
    if failures < policy.failures:
        return BreakerState(failures=failures)
    return BreakerState(failures=failures, opened_at=now, open_s=policy.open_s)


class CircuitBreaker:
    """The breakers of all models, by name."""

    def __init__(self, store: Store, policy: BreakerPolicy, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock

    async def permit(self, name: str, probe: str) -> None:
        """Return when the call may go ahead; `probe` names it. Raises Blocked."""
        rows = self._store.query("SELECT state FROM breakers WHERE name = ?", (name,))
        if not rows or _decode(rows[0]["state"]).open_s == 0:
            return
        wait = await self._store.awrite(lambda conn: self._admit(conn, name, probe))
        if wait > 0:
            raise Blocked(name, wait)

    def record(self, name: str, probe: str, outcome: Outcome) -> Callable[[sqlite3.Connection], None]:
        """A write that books how a permitted call ended."""

        def write(conn: sqlite3.Connection) -> None:
            state = _read(conn, name)
            after = settle(state, self._policy, self._clock.now(), outcome, probe)
            if after != state:
                self._save(conn, name, after)

        return write

    def _admit(self, conn: sqlite3.Connection, name: str, probe: str) -> float:
        state = _read(conn, name)
        after, wait = admit(state, self._policy, self._clock.now(), probe)
        if after != state:
            self._save(conn, name, after)
        return wait

    def _save(self, conn: sqlite3.Connection, name: str, state: BreakerState) -> None:
        conn.execute(
            "INSERT INTO breakers (name, state, updated_at) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at",
            (name, json.dumps(asdict(state)), self._clock.now()),
        )


def _read(conn: sqlite3.Connection, name: str) -> BreakerState:
    row = conn.execute("SELECT state FROM breakers WHERE name = ?", (name,)).fetchone()
    return _decode(row["state"]) if row else BreakerState()


def _decode(text: str) -> BreakerState:
    return BreakerState(**json.loads(text))
