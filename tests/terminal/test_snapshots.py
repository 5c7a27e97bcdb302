"""Every screen as it looks, at 120x36 and 80x24, from a recorded run and no engine.

What is compared is the text of the screen. `NEXUS_UPDATE_SNAPSHOTS=1 pytest tests/terminal/test_snapshots.py` writes
what is seen now; look at the difference before you commit it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from app.terminal.application import NexusApp
from config.paths import Paths
from core.events import Event, PhaseStarted
from core.run.runs import claim
from core.storage.store import Store
from screens.widgets.agent_panel import AgentPanel
from tests.support.journal import BEGAN_AT, PROJECT, lay_down
from tests.support.review import proposed
from tests.support.screens import SMALL, WIDE, opened, screen_text, shows, until

FOLDER = Path(__file__).parent / "snapshots"
RUN = "261123-0032-70570b"
NOW = BEGAN_AT + 60


@dataclass(frozen=True)
class Recorded:
    """A finding of doctor, for `screens.ports.Checked`."""

    id: str
    status: str
    summary: str
    remedy: str = ""
    duration_ms: int = 12


FINDINGS = (
    Recorded("host.python", "ok", "Python 3.11.7 on Linux x86_64"),
    Recorded("host.terminal", "warn", "The locale's encoding is ANSI_X3.4-1968, not UTF-8.", "export LANG=C.UTF-8"),
    Recorded("sandbox.docker", "fail", "The Docker daemon does not answer.", "sudo systemctl start docker", 2000),
)


class RecordedDoctor:
    """Says on every machine the same; `told` once it has said what is missing."""

    told = False

    async def names(self, online: bool = False) -> Sequence[str]:
        return [one.id for one in FINDINGS]

    async def examine(self, online: bool = False) -> AsyncIterator[Recorded]:
        for finding in FINDINGS:
            yield finding

    async def missing(self) -> Sequence[Recorded]:
        self.told = True
        return [one for one in FINDINGS if one.status != "ok"]


Steps = Callable[[Pilot[None]], Awaitable[None]]


def press(*keys: str, then: Sequence[str]) -> Steps:
    """Press keys, and wait for words that are read in threads: the screen can rest before they are there."""

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        await shows(pilot, *then)

    return steps


def from_the_panel(*keys: str, then: Sequence[str]) -> Steps:
    """Leave the prompt first: what is shown depends on which panel has the keys."""

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.focused, AgentPanel))
        await press(*keys, then=then)(pilot)

    return steps


def is_testing(event: Event) -> bool:
    """The middle of the run: the second attempt is about to be written."""
    return isinstance(event.body, PhaseStarted) and event.body.phase == "implementer" and event.body.attempt == 1


FINISHED: dict[str, Steps] = {
    "run": from_the_panel(then=["● [4] Agent", "delivered to commit"]),
    "run-output": from_the_panel("5", "t", then=["verify-1.log", "passed: 30 passed", "32 lines", "Find"]),
    "history": press("f3", then=["1 run", "verified", "Asked", "Report"]),
    "replay": press("f3", "p", then=["event 1 of 146", "analyst", "run  Let people"]),
    "report": from_the_panel("o", then=["the change passed in the sandbox", "Model profile"]),
    "doctor": press("f4", then=["sudo systemctl start docker", "mend what failed"]),
    "settings": press("f5", then=["settings, 0 changed", "NEXUS_MODELS__PROFILE"]),
    "admin": press("f6", then=["month  $0.00 spent", "ANTHROPIC_API_KEY not set", "Nothing spent yet this month"]),
    "help": from_the_panel("f1", then=["Type to search", "The models' answers"]),
    "palette": press("ctrl+p", *"theme", then=["theme: ansi-dark", "theme: monokai"]),
    "rate": from_the_panel("s", then=["perfect 5", "A note"]),
    "export": from_the_panel("x", then=["Into this folder", "Diff d"]),
}


async def nothing(pilot: Pilot[None]) -> None:
    """The screen as it is."""


async def insist(pilot: Pilot[None], key: str, then: str) -> None:
    """Press a key again while it is ignored: a question that pops up by itself takes none for 300 ms."""
    while then not in screen_text(pilot):
        await pilot.press(key)
        await asyncio.sleep(0.1)


async def review(pilot: Pilot[None]) -> None:
    await insist(pilot, "v", "a approves all 5")
    await shows(pilot, "hunk 1/1", "verified")


async def review_split(pilot: Pilot[None]) -> None:
    await review(pilot)
    await pilot.press("down", "down", "d")
    await shows(pilot, "side by side needs")


async def leave(pilot: Pilot[None]) -> None:
    while "The run waits for you" in screen_text(pilot):
        await pilot.press("l")
        await asyncio.sleep(0.1)
    await pilot.press("escape", "q")
    await shows(pilot, "Stay")


ASKING: dict[str, Steps] = {"waiting": nothing, "review": review, "review-split": review_split, "leave": leave}


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Half a minute after the recorded run began, in UTC, wherever and whenever this runs."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def home(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder whose name is the same each time: it is seen on screens."""
    folder = Path("/tmp/nexus-snapshots") / "".join(c if c.isalnum() else "-" for c in request.node.name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def paths_of(home: Path) -> Paths:
    return Paths(home, home / "cache", home)


async def same(pilot: Pilot[None], name: str) -> None:
    """Compare the screen, once it stands still, with what was kept under `name`."""
    seen = await _at_rest(pilot)
    columns, rows = pilot.app.size
    place = FOLDER / f"{name}-{columns}x{rows}.txt"
    if os.environ.get("NEXUS_UPDATE_SNAPSHOTS"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(seen + "\n", encoding="utf-8")
    assert (seen + "\n").splitlines() == place.read_text(encoding="utf-8").splitlines()


async def _at_rest(pilot: Pilot[None]) -> str:
    """The screen when it was three times the same, further apart than any timer of a screen."""
    seen: list[str] = []
    while len(seen) < 3 or len(set(seen[-3:])) > 1:
        await pilot.pause()
        await asyncio.sleep(0.3)
        seen.append(screen_text(pilot))
    return seen[-1]


async def whole(pilot: Pilot[None]) -> None:
    """Budgets are read after the first picture of a run."""
    app = cast(NexusApp, pilot.app)
    await until(pilot, lambda: app.view is not None and app.view.budgets)


def doctored(app: NexusApp, doctor: RecordedDoctor | None = None) -> None:
    """Its doctor finds the same on every machine."""
    app.services.__dict__["doctor"] = doctor or RecordedDoctor()


sizes = pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])


@sizes
@pytest.mark.parametrize("name", list(FINISHED))
def test_a_finished_run(home: Path, name: str, size: tuple[int, int]) -> None:
    async def scene() -> None:
        paths = paths_of(home)
        with Store(paths.database) as store:
            lay_down(store, paths, RUN)
            async with opened(store, paths, size, RUN, PROJECT, prepare=doctored) as pilot:
                await shows(pilot, "delivered to commit")
                await whole(pilot)
                await FINISHED[name](pilot)
                await same(pilot, name)

    asyncio.run(scene())


@pytest.mark.parametrize("size", [WIDE, SMALL, (60, 16)], ids=["wide", "small", "smallest"])
def test_a_run_at_work(home: Path, size: tuple[int, int]) -> None:
    async def scene() -> None:
        paths = paths_of(home)
        with Store(paths.database) as store:
            lay_down(store, paths, RUN, is_testing)
            lock = claim(paths, RUN)
            try:
                async with opened(store, paths, size, RUN, PROJECT) as pilot:
                    await shows(pilot, "running")
                    await whole(pilot)
                    await same(pilot, "working")
            finally:
                lock.release()

    asyncio.run(scene())


@sizes
@pytest.mark.parametrize("name", ["waiting", "review", "review-split", "leave"])
def test_a_run_that_asks(home: Path, name: str, size: tuple[int, int]) -> None:
    async def scene() -> None:
        paths = paths_of(home)
        with Store(paths.database) as store, proposed(store, paths, home, RUN):
            async with opened(store, paths, size, RUN, home / "worklog") as pilot:
                await shows(pilot, "The run waits for you")
                await whole(pilot)
                await ASKING[name](pilot)
                await same(pilot, name)

    asyncio.run(scene())


@pytest.mark.parametrize("size", [WIDE, SMALL, (60, 16), (50, 12)], ids=["wide", "small", "smallest", "too small"])
def test_nothing_was_asked_yet(home: Path, size: tuple[int, int]) -> None:
    async def scene() -> None:
        paths, doctor = paths_of(home), RecordedDoctor()
        with Store(paths.database) as store:
            prepare = partial(doctored, doctor=doctor)
            async with opened(store, paths, size, "", PROJECT, prepare=prepare) as pilot:
                await shows(pilot, "Say what" if size != (50, 12) else "60x16")
                await until(pilot, lambda: doctor.told)
                await same(pilot, "empty")

    asyncio.run(scene())
