"""The figures beside a run that its log alone does not hold: budgets across runs, and what guardrails leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core import events as ev
from core.events import Event
from core.guardrails import GuardEvent, GuardState, Policy, Remaining, decide, observe
from core.run.runs import RunRow
from core.storage.store import Store

if TYPE_CHECKING:
    from core.cost_manager import CostManager, Scope

_MONEY = (ev.RunStarted, ev.RunResumed, ev.ModelCalled, ev.ModelRetried, ev.ModelAnswered, ev.RunFinished)


@dataclass(slots=True)
class Figures:
    """Kept up to date event by event."""

    store: Store
    budgets: tuple[Scope, ...] = ()
    left: Remaining | None = None
    _costs: CostManager | None = None
    _policy: Policy | None = None
    _state: GuardState = field(default_factory=GuardState)

    def after(self, row: RunRow, events: Sequence[Event]) -> Figures:
        if self._costs is None or any(isinstance(event.body, ev.RunResumed) for event in events):
            self._work_under(row)
        if not self.budgets or any(isinstance(event.body, _MONEY) for event in events):
            assert self._costs is not None
            self.budgets = tuple(self._costs.scopes(row.id, row.task_id))
        for event in events:
            if isinstance(event.body, ev.GuardrailDecided):
                fact = GuardEvent.from_dict(event.body.event)
                assert self._policy is not None
                self.left = decide(self._state, fact, self._policy).remaining
                self._state = observe(self._state, fact)
        return self

    def _work_under(self, row: RunRow) -> None:
        """A resumed run may have been given other limits."""
        from config.settings import Settings
        from core.clock import SystemClock
        from core.cost_manager import CostManager, Limits

        settings = Settings.model_validate(row.settings)
        self._policy = Policy.from_settings(settings.limits)
        self._costs = CostManager(self.store, Limits.of(settings), SystemClock())


def delivery_state(store: Store, run_id: str) -> str:
    """How far the delivery of a run is, also when it was undone after the run; empty: there was none."""
    rows = store.query("SELECT state FROM deliveries WHERE run_id = ?", (run_id,))
    return str(rows[0]["state"]) if rows else ""
