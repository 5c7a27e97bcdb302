"""What screens read, answered from the database and the disk, in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import UsageError
from config.paths import Paths
from core.events import Event
from core.run.runs import RunRow, find_run, rating_of, recent_requests
from core.storage.event_log import read_events
from core.storage.store import Store
from screens.ports import RunFilter, RunPage

if TYPE_CHECKING:
    from app.terminal.doctor_desk import DoctorDesk
    from app.terminal.models_desk import UserModels
    from app.terminal.settings_desk import UserSettings
    from core.run.proposal import Proposal


@dataclass(frozen=True, slots=True)
class UserRuns:
    """`screens.ports.Runs` over the user's database."""

    store: Store
    paths: Paths

    async def page(self, search: str, status: RunFilter, offset: int, limit: int) -> RunPage:
        from app.terminal.run_pages import read_page

        return await asyncio.to_thread(read_page, self.store, search, status, offset, limit)

    async def events(self, run_id: str) -> Sequence[Event]:
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

    async def requests(self) -> Sequence[str]:
        return await asyncio.to_thread(recent_requests, self.store, self.folder)

    async def files(self) -> Sequence[str]:
        return await asyncio.to_thread(_files, self.folder)


class UserServices:
    """`screens.ports.Services`. What only some screens need is made when it is first asked for."""

    def __init__(self, store: Store, paths: Paths, folder: Path, env: Mapping[str, str]) -> None:
        self.store = store
        self.paths = paths
        self.env = env
        self.runs = UserRuns(store, paths)
        self.project = OpenProject(store, folder)

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
        return place.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"Run {run_id} has no report ({error.strerror}).", "A run writes it when it ends.") from error


def _files(folder: Path) -> list[str]:
    from core.context.listing import list_files

    return [file.path for file in list_files(folder).files]
