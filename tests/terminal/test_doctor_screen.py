"""Doctor's screen: every check at once, each answer as it comes, and what mends it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual.message import Message
from textual.pilot import Pilot

from app.terminal.doctor_desk import DoctorDesk
from config.paths import Paths, user_paths
from core.storage.store import Store
from screens.intents import CopyText
from screens.ports import Checked
from screens.widgets.check_list import CheckList, CheckRow, command_of
from tests.support.nexus import clean_env, run_nexus
from tests.support.screens import SMALL, WIDE, opened, screen_text, shows, until

T = TypeVar("T")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    nexus_home.mkdir(mode=0o700)
    return user_paths({"NEXUS_HOME": str(nexus_home)})


@pytest.fixture
def ready(paths: Paths) -> Iterator[Store]:
    with Store(paths.database) as opened_store:
        yield opened_store


@pytest.fixture
def slow_git(tmp_path: Path) -> Path:
    """A folder with a `git` that answers when the file `go` is beside it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "git"
    program.write_text(f"#!/bin/sh\nwhile [ ! -e {folder}/go ]; do sleep 0.02; done\necho git version 9\n")
    program.chmod(0o755)
    return folder


@asynccontextmanager
async def doctor(
    store: Store,
    paths: Paths,
    size: tuple[int, int] = WIDE,
    heard: list[Message] | None = None,
    **env: str,
) -> AsyncIterator[Pilot[None]]:
    told = heard.append if heard is not None else None
    async with opened(store, paths, size, folder=paths.data, heard=told, env=env) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: pilot.app.screen.query(CheckRow))
        yield pilot


def rows(pilot: Pilot[None]) -> dict[str, CheckRow]:
    return {row.check: row for row in pilot.app.screen.query(CheckRow)}


def status(pilot: Pilot[None], name: str) -> str:
    result = rows(pilot)[name].result
    return result.status if result else ""


async def all_answered(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: rows(pilot) and all(row.result for row in rows(pilot).values()))
    await shows(pilot, " ok", "fit for work" if not failed(pilot) else "mend what failed")


def failed(pilot: Pilot[None]) -> list[str]:
    return [name for name in rows(pilot) if status(pilot, name) == "fail"]


# --- as they come ---


def test_a_slow_check_holds_up_no_other(ready: Store, paths: Paths, slow_git: Path) -> None:
    async def body() -> None:
        async with doctor(ready, paths, PATH=f"{slow_git}:/usr/bin:/bin") as pilot:
            assert "host.git" in screen_text(pilot), "its row is there before its answer"
            await until(pilot, lambda: all(row.result for name, row in rows(pilot).items() if not _waits(name)))
            assert rows(pilot)["host.git"].result is None
            (line,) = [line for line in screen_text(pilot).splitlines() if "host.git" in line]
            assert line.split() == ["…", "host.git"]
            assert " checked" in screen_text(pilot).splitlines()[0]
            (slow_git / "go").touch()
            await shows(pilot, "git version 9")

    def _waits(name: str) -> bool:
        return name == "host.git" or name.startswith("sandbox")

    run_async(body())


def asks_git() -> bool:
    return any(thread.name == "doctor-host.git" for thread in threading.enumerate())


def test_leaving_does_not_wait_for_a_check(ready: Store, paths: Paths, slow_git: Path) -> None:
    async def body() -> None:
        async with doctor(ready, paths, PATH=f"{slow_git}:/usr/bin:/bin") as pilot:
            await until(pilot, asks_git)

    run_async(body())
    asked = asks_git()
    (slow_git / "go").touch()
    assert asked, "it was still asking when the screen was gone"


def test_the_screen_says_what_the_command_says(ready: Store, paths: Paths) -> None:
    said = run_nexus("doctor", "--json", "-C", str(paths.data), env=clean_env(paths.data))
    checks = {one["id"]: one for one in said.last["checks"]}

    async def body() -> None:
        env = clean_env(paths.data)
        async with doctor(ready, paths, **env) as pilot:
            await all_answered(pilot)
            assert list(rows(pilot)) == list(checks)
            assert {name: status(pilot, name) for name in checks} == {
                name: one["status"] for name, one in checks.items()
            }
            statuses = [one["status"] for one in checks.values()]
            count = [statuses.count(word) for word in ("ok", "warn", "fail")]
            head = screen_text(pilot).splitlines()[0]
            assert f"{count[0]} ok, {count[1]} to look at, {count[2]} failed" in head

    run_async(body())


def test_what_was_mended_is_ok_when_looked_at_again(ready: Store, paths: Paths) -> None:
    paths.data.chmod(0o755)

    async def body() -> None:
        async with doctor(ready, paths) as pilot:
            await all_answered(pilot)
            assert status(pilot, "store.folders") == "warn"
            paths.data.chmod(0o700)
            await pilot.press("r")
            await until(pilot, lambda: status(pilot, "store.folders") == "ok")

    run_async(body())


def test_the_provider_is_asked_only_on_request(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        env = {"NEXUS_MODELS__BASE_URL": "http://127.0.0.1:1/v1", "NO_PROXY": "*"}
        async with doctor(ready, paths, **env) as pilot:
            await all_answered(pilot)
            assert "provider.online" not in rows(pilot)
            await pilot.press("o")
            await until(pilot, lambda: "provider.online" in rows(pilot))
            await shows(pilot, "127.0.0.1:1 does not answer")
            assert status(pilot, "provider.online") == "fail"

    run_async(body())


# --- what mends it ---


def test_y_copies_the_command_that_mends_it(ready: Store, paths: Paths) -> None:
    paths.data.chmod(0o755)
    heard: list[Message] = []

    async def body() -> None:
        async with doctor(ready, paths, heard=heard) as pilot:
            await all_answered(pilot)
            checks = pilot.app.screen.query_one(CheckList)
            await pilot.press("g")
            while checks.here is None or checks.here.id != "store.folders":
                await pilot.press("j")
            await pilot.press("y")
            await until(pilot, lambda: any(isinstance(each, CopyText) for each in heard))

    run_async(body())
    copied = {(each.text, each.what) for each in heard if isinstance(each, CopyText)}
    assert copied == {(f"chmod 700 {paths.data}", "command")}


@pytest.mark.parametrize(
    ("remedy", "command"),
    [
        ("chmod 700 /home/mia/.local", "chmod 700 /home/mia/.local"),
        ("Run: sudo apt-get install -y bubblewrap", "sudo apt-get install -y bubblewrap"),
        ("Run: nexus sandbox build Or: Run: x", "nexus sandbox build"),
        (
            "Run: sudo apt-get install -y debootstrap, then sudo nexus sandbox build",
            "sudo apt-get install -y debootstrap",
        ),
        ("`nexus config show --origin` shows what is in force.", "nexus config show --origin"),
        ("Set one of A, B; `--demo` shows Nexus at work.", ""),
        ("Free some space.", ""),
        ("", ""),
    ],
)
def test_the_command_of_a_remedy(remedy: str, command: str) -> None:
    assert command_of(remedy) == command


def test_the_cursor_goes_to_what_failed(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        async with doctor(ready, paths, SMALL) as pilot:
            await all_answered(pilot)
            assert failed(pilot) == ["provider.profile"]
            checks = pilot.app.screen.query_one(CheckList)
            await until(pilot, lambda: checks.here is not None and checks.here.id == "provider.profile")
            await shows(pilot, "No model provider is")

    run_async(body())


# --- any window, any text ---


@pytest.mark.parametrize("size", [(60, 16), SMALL, WIDE])
def test_every_word_of_a_remedy_fits_every_window(ready: Store, paths: Paths, size: tuple[int, int]) -> None:
    async def body() -> None:
        async with doctor(ready, paths, size) as pilot:
            await all_answered(pilot)
            await shows(pilot, "ANTHROPIC_API_KEY,", "OPENROUTER_API_KEY,", "without", "account.")
            assert "--demo" not in screen_text(pilot), "the terminal has a key for it"

    run_async(body())


def test_a_program_cannot_write_on_the_screen(ready: Store, paths: Paths, slow_git: Path) -> None:
    (slow_git / "go").touch()
    (slow_git / "git").write_text("#!/bin/sh\nprintf 'git \\033]0;owned\\007 \\033[2J[bold]version[/bold]'\n")

    async def body() -> None:
        async with doctor(ready, paths, PATH=f"{slow_git}:/usr/bin:/bin") as pilot:
            await shows(pilot, "[bold]version[/bold]")
            assert "\x1b" not in screen_text(pilot)

    run_async(body())


def test_nothing_of_doctor_is_loaded_before_it_is_shown(paths: Paths) -> None:
    program = """
import asyncio, sys
from pathlib import Path
from app.terminal.application import NexusApp
from config.paths import user_paths
from core.storage.store import Store
async def main():
    paths = user_paths()
    with Store(paths.database) as store:
        async with NexusApp(store, paths, paths.data, {"PATH": "/usr/bin"}).run_test() as pilot:
            await pilot.pause()
            print([name for name in sys.modules if name in ("screens.doctor_screen", "docker", "litellm")])
asyncio.run(main())
"""
    env = {**os.environ, "NEXUS_HOME": str(paths.data)}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


# --- what a first start is told ---


def looked_at(folder: Path, **env: str) -> dict[str, Checked]:
    found = run_async(DoctorDesk(folder, {"PATH": "/usr/bin:/bin", "NEXUS_HOME": str(folder), **env}).missing())
    return {one.id: one for one in found}


def missing(folder: Path, **env: str) -> dict[str, str]:
    return {name: one.summary for name, one in looked_at(folder, **env).items()}


def test_the_demonstration_is_offered_by_its_key(paths: Paths) -> None:
    remedy = looked_at(paths.data)["provider.profile"].remedy
    assert remedy.endswith("the key d on the start page shows Nexus at work without any account.")
    assert command_of(remedy) == ""


def test_what_stands_in_the_way_of_a_first_run_is_found_without_running_anything(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(missing(paths.data)) == ["provider.profile"]
    assert missing(paths.data, OPENAI_API_KEY="k") == {}
    (paths.data / "config.yaml").write_text("sandbox:\n  backend: bubblewrap\n")
    monkeypatch.setenv("PATH", str(paths.data))
    found = missing(paths.data, PATH=str(paths.data), OPENAI_API_KEY="k")
    assert list(found) == ["sandbox", "host.git"]
    assert "bubblewrap is installed" in found["sandbox"]
    (paths.data / "config.yaml").write_text("sandbox: [\n")
    assert "config.yaml:2" in missing(paths.data, OPENAI_API_KEY="k")["config.settings"]
