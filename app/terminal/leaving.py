"""The way out: at once when nothing goes on, else after asking what is to become of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from subprocess import Popen
from typing import TYPE_CHECKING, cast

from rich.text import Text

from app.terminal.steering import Steering
from config.errors import NexusError
from core.run.runs import LIVE, find_run
from screens.modals.leave import LeaveModal, Leaving

if TYPE_CHECKING:
    from app.terminal.application import NexusApp

_TWICE_S = 2.0
_START_S = 5.0
"""How long a run that is just starting is waited for: it hears no command before."""


class WayOut:
    """Mixed into the application."""

    _interrupted_at: float = -_TWICE_S
    _engines: dict[str, Popen[bytes]]
    """Those that were started here."""

    @property
    def _out(self) -> NexusApp:
        return cast("NexusApp", self)

    def action_interrupt(self) -> None:
        """^C once says what it would do, twice does it; when that asks a question, twice again leaves anyway."""
        now = time.monotonic()
        if now - self._interrupted_at >= _TWICE_S:
            self._interrupted_at = now
            self._out.notify("Press ctrl+c again to leave.", timeout=_TWICE_S)
        elif isinstance(self._out.screen, LeaveModal):
            self._out.exit(return_code=130)
        else:
            self._interrupted_at = -_TWICE_S
            self._leave()

    async def action_quit(self) -> None:
        self._leave()

    def _leave(self) -> None:
        going = self._going()
        if not going:
            self._out.exit()
        elif not isinstance(self._out.screen, LeaveModal):

            def then(wish: Leaving | None) -> None:
                if wish == "detach":
                    self._out.exit(message=_farewell(going))
                elif wish == "cancel":
                    self._out.run_worker(self._cancel_and_leave(going))

            self._out.push_screen(LeaveModal(going), then)

    def _going(self) -> list[str]:
        """The live runs that this terminal watches or has started."""
        view = self._out.view
        watched = [view.row.id] if view is not None and view.live else []
        started = [run_id for run_id, engine in self._engines.items() if engine.poll() is None]
        # An engine takes a moment to end after its run has.
        unended = [run_id for run_id in started if _unended(self._out.steering, run_id)]
        return list(dict.fromkeys([*watched, *unended]))

    async def _cancel_and_leave(self, run_ids: Sequence[str]) -> None:
        problems = await asyncio.to_thread(lambda: [_cancel(self._out.steering, run_id) for run_id in run_ids])
        words = [problem for problem in problems if problem]
        self._out.exit(message=Text("\n".join(words)) if words else None)


def _unended(steering: Steering, run_id: str) -> bool:
    try:
        return find_run(steering.store, run_id).status in ("queued", *LIVE)
    except NexusError:
        return True  # rather one question too many


def _cancel(steering: Steering, run_id: str) -> str:
    """Tell a run to stop; why it could not be told, or empty. Blocks."""
    deadline = time.monotonic() + _START_S
    try:
        while find_run(steering.store, run_id).status == "queued" and time.monotonic() < deadline:
            time.sleep(0.1)
        if find_run(steering.store, run_id).status in LIVE:
            steering.steer(run_id, "cancel")
    except NexusError as error:
        return f"Run {run_id} was not cancelled: {error}"
    return ""


def _farewell(run_ids: Sequence[str]) -> Text:
    return Text("\n".join(f"Run {run_id} goes on. To see it again: nexus --run {run_id}" for run_id in run_ids))
