"""The one place where services are put together: which agents, which gateway, which sandbox, for one run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from agents.roster import default_roster
from config.paths import Paths
from config.settings import Settings
from core.clock import SystemClock
from core.code_executor import CodeExecutor
from core.cost_manager import CostManager, Limits
from core.gateway.litellm_gateway import make_gateway
from core.guardrails import GuardrailMonitor, Policy
from core.project_packages import find_packages
from core.run.control import RunControl
from core.run.run_context import DeliveryMode, RunContext
from core.run.run_session import Opened
from core.run.runs import RunRow
from core.sandbox_runner import SandboxRunner
from core.storage.event_log import EventLog
from core.storage.journal import Journal
from core.storage.store import Store
from core.workspace import Workspace
from sandbox.model import LANGUAGES

OpenRun = Callable[[RunRow, EventLog, Journal, RunControl], Awaitable[Opened]]


def opener(store: Store, paths: Paths) -> OpenRun:
    """Builds the services of a run from what its row recorded, so that a resumed run gets the same ones."""

    async def open_run(row: RunRow, log: EventLog, journal: Journal, control: RunControl) -> Opened:
        settings = Settings.model_validate(row.settings)
        options = row.options
        runner = SandboxRunner(settings.sandbox, paths.cache)
        cassette = Path(options["cassette"]) if options.get("cassette") else None
        record = Path(options["record"]) if options.get("record") else None
        pace = float(options.get("tokens_per_s", 0))
        gateway = make_gateway(
            store, settings, os.environ, log.emit, cassette=cassette, tokens_per_s=pace, record=record
        )
        # Beside everything that follows: it takes longer than all of it.
        gateway.warm_up()
        try:
            # Fail before any money is spent: no sandbox means no verdict, and no verdict means no delivery.
            begun = log.has("run.started")
            workspace, _ = await asyncio.gather(_workspace(row, paths, begun), runner.start())
            project = Path(row.project)
            packages = {
                language: await find_packages(project, settings.sandbox, runner, paths.cache, language)
                for language in LANGUAGES
            }
        except BaseException:
            await runner.close()
            await gateway.close()
            raise

        async def close() -> None:
            await asyncio.gather(runner.close(), gateway.close())

        run = RunContext(
            row=row,
            settings=settings,
            store=store,
            paths=paths,
            log=log,
            journal=journal,
            control=control,
            workspace=workspace,
            gateway=gateway,
            executor=CodeExecutor(runner),
            roster=default_roster(),
            costs=CostManager(store, Limits.of(settings), SystemClock()),
            guard=GuardrailMonitor(Policy.from_settings(settings.limits)),
            delivery=_delivery(options.get("delivery")),
            packages=packages,
        )
        return run, close

    return open_run


async def _workspace(row: RunRow, paths: Paths, begun: bool) -> Workspace:
    make = Workspace.open if begun else Workspace.create
    return await asyncio.to_thread(make, Path(row.project), row.id, paths.cache)


def _delivery(name: object) -> DeliveryMode:
    if name == "apply":
        return "apply"
    return "ask" if name == "ask" else "branch"
