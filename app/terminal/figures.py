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
    _waiting: list[Event] = field(default_factory=list)
    _rules: tuple[CostManager, Policy] | None = None
    _state: GuardState = field(default_factory=GuardState)

    def note(self, events: Sequence[Event]) -> None:
        """Keep them for the next `work_out`."""
        self._waiting += events

    def work_out(self, row: RunRow, events: Sequence[Event]) -> None:
        """Bring both figures up to date. Raises StoreError, and then nothing has changed."""
        waiting = [*self._waiting, *events]
        if self._rules is None or any(isinstance(event.body, ev.RunResumed) for event in waiting):
            self._rules = self._rules_of(row)
        if self._rules is None:
            return
        costs, policy = self._rules
        if not self.budgets or any(isinstance(event.body, _MONEY) for event in waiting):
            self.budgets = tuple(costs.scopes(row.id, row.task_id))
        self._waiting.clear()
        for event in waiting:
            if isinstance(event.body, ev.GuardrailDecided) and event.body.event:
                fact = GuardEvent.from_dict(event.body.event)
                self.left = decide(self._state, fact, policy).remaining
                self._state = observe(self._state, fact)

    def _rules_of(self, row: RunRow) -> tuple[CostManager, Policy] | None:
        """What the run works under; a resumed run may have been given other limits."""
        from config.settings import Settings
        from core.clock import SystemClock
        from core.cost_manager import CostManager, Limits

        try:
            settings = Settings.model_validate(row.settings)
        except ValueError:  # recorded by a version of Nexus with other settings: better no figures than wrong ones
            return None
        return CostManager(self.store, Limits.of(settings), SystemClock()), Policy.from_settings(settings.limits)


def delivery_state(store: Store, run_id: str) -> str:
    """How far the delivery of a run is, also when it was undone after the run; empty: there was none."""
    rows = store.query("SELECT state FROM deliveries WHERE run_id = ?", (run_id,))
    return str(rows[0]["state"]) if rows else ""
