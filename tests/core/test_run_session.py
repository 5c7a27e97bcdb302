"""However the work of a run ends, the session ends it with `run.finished` and leaves it in a state to go on from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from config.errors import BudgetExceeded, NexusError, SandboxUnavailable
from config.paths import user_paths
from config.settings import Settings
from core.ids import RunId
from core.run.control import RunControl
from core.run.run_session import Opened, RunSession
from core.run.runs import create_run, find_run
from core.storage.event_log import EventLog, read_events
from core.storage.store import Store

RUN = RunId("261122-2104-00000a")


def _drive(store: Store, folder: Path, opening: Callable[[RunControl], Awaitable[Opened]]) -> tuple[str, int, str]:
    """Verdict, exit code and reason of a run whose services open like that."""

    async def work() -> tuple[str, int, str]:
        row = create_run(store, RUN, folder, "a request", Settings(), {})
        log = EventLog(store, RUN)
        control = RunControl(store, RUN, log)
        session = RunSession(
            store,
            user_paths(),
            row,
            log,
            lambda _row, _log, _journal, _control: opening(control),
            lambda _run: "none",
            lambda error: NexusError(f"Unforeseen: {error}."),
        )
        finished = await session.drive(control)
        return finished.verdict, finished.exit_code, finished.reason

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("error", "verdict", "code", "reason"),
    [
        (SandboxUnavailable("No box."), "failed", 5, "No box."),
        (BudgetExceeded("No money."), "stopped", 6, "No money."),
        (ZeroDivisionError("oh"), "failed", 1, "Unforeseen: oh."),
    ],
    ids=["sandbox", "budget", "unforeseen"],
)
def test_every_error_ends_in_the_log_and_the_run_can_go_on(
    store: Store, tmp_path: Path, error: Exception, verdict: str, code: int, reason: str
) -> None:
    async def opening(_: RunControl) -> Opened:
        raise error

    assert _drive(store, tmp_path, opening) == (verdict, code, reason)
    assert [event.body.kind for event in read_events(store, RUN)] == ["run.finished"]
    row = find_run(store, RUN)
    assert (row.status, row.verdict, row.exit_code) == ("interrupted", verdict, code)
    assert (user_paths().run_dir(RUN) / "report.html").exists()


def test_whatever_an_interrupted_run_says_on_its_way_out_it_was_interrupted(store: Store, tmp_path: Path) -> None:
    async def opening(control: RunControl) -> Opened:
        control.cancel("The run was interrupted (^C).")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionError("the provider hung up") from None
        raise AssertionError("never told to stop")

    assert _drive(store, tmp_path, opening) == ("cancelled", 130, "The run was interrupted (^C).")
