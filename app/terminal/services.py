"""What screens read, answered from the database and the disk, in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import UsageError
from config.paths import Paths
from core.run.runs import RunRow, find_run, rating_of, recent_requests, sweep
from core.storage.store import Store

if TYPE_CHECKING:
    from app.terminal.doctor_desk import DoctorDesk
    from app.terminal.models_desk import UserModels
    from app.terminal.settings_desk import UserSettings
    from core.events import Event
    from core.run.proposal import Proposal
    from core.run.run_list import RunDetail, RunFilter, RunPage


_LONGEST_REPORT = 4_000_000
"""Characters; Nexus itself writes far shorter ones."""


@dataclass(frozen=True, slots=True)
class UserRuns:
    """`screens.ports.Runs` over the user's database."""

    store: Store
    paths: Paths
    _watcher: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "watch-runs"))
    """One thread, since only its own connection can say whether the database has moved."""

    async def page(self, search: str, status: RunFilter, project: str, offset: int, limit: int) -> RunPage:
        from core.run.run_list import read_page

        return await asyncio.to_thread(read_page, self.store, search, status, project, offset, limit)

    async def moved(self, live: bool) -> int:
        return await asyncio.get_running_loop().run_in_executor(self._watcher, self._version, live)

    def _version(self, live: bool) -> int:
        if live:
            sweep(self.store, self.paths)
        return int(self.store.query("PRAGMA data_version")[0][0])

    async def detail(self, run_id: str) -> RunDetail:
        from core.run.run_list import read_detail

        return await asyncio.to_thread(read_detail, self.store, self.paths, run_id)

    async def events(self, run_id: str) -> Sequence[Event]:
        from core.storage.event_log import read_events

        return await asyncio.to_thread(read_events, self.store, run_id)

    async def row(self, run_id: str) -> RunRow:
        return await asyncio.to_thread(find_run, self.store, run_id)

    async def rating(self, run_id: str) -> tuple[int, str] | None:
        return await asyncio.to_thread(rating_of, self.store, run_id)

    async def report(self, run_id: str) -> str:
        return await asyncio.to_thread(_report, self.paths, run_id)

    async def proposal(self, run_id: str) -> Proposal:
        from core.run.proposal import read_proposal

        return await asyncio.to_thread(read_proposal, self.store, self.paths, run_id)


@dataclass(frozen=True, slots=True)
class OpenProject:
    """`screens.ports.Project`: the folder the terminal was opened in."""

    store: Store
    folder: Path
    suggestion: str = ""
    """A request to begin with."""

    async def requests(self) -> Sequence[str]:
        return await asyncio.to_thread(recent_requests, self.store, self.folder)

    async def files(self) -> Sequence[str]:
        return await asyncio.to_thread(_files, self.folder)


class UserServices:
    """`screens.ports.Services`. What only some screens need is made when it is first asked for."""

    def __init__(self, store: Store, paths: Paths, folder: Path, env: Mapping[str, str], suggestion: str = "") -> None:
        self.store = store
        self.paths = paths
        self.env = env
        self.runs = UserRuns(store, paths)
        self.project = OpenProject(store, folder, suggestion)

    @cached_property
    def doctor(self) -> DoctorDesk:
        from app.terminal.doctor_desk import DoctorDesk

        return DoctorDesk(self.project.folder, self.env)

    @cached_property
    def settings(self) -> UserSettings:
        from app.terminal.settings_desk import UserSettings

        return UserSettings(self.project.folder, self.env)

    @cached_property
    def models(self) -> UserModels:
        from app.terminal.models_desk import UserModels

        return UserModels(self.store, self.paths, self.project.folder, self.env)


def _report(paths: Paths, run_id: str) -> str:
    place = paths.run_dir(run_id) / "report.md"
    try:
        with place.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST_REPORT)
    except OSError as error:
        raise UsageError(f"Run {run_id} has no report ({error.strerror}).", "A run writes it when it ends.") from error


def _files(folder: Path) -> list[str]:
    from core.context.listing import list_files

    return [file.path for file in list_files(folder).files]
