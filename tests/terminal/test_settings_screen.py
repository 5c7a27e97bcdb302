"""The settings screen: what holds and why, and changing it so that the file, the command and the screen agree."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from config.keys import all_keys
from config.paths import Paths, user_paths
from core.storage.store import Store
from screens.intents import CopyText
from screens.modals.setting import SettingModal
from screens.settings_screen import SettingsScreen
from screens.widgets.settings_list import SettingsList
from tests.support.nexus import NEXUS, clean_env, run_nexus
from tests.support.screens import SMALL, WIDE, opened, screen_text, shows, until
from tests.support.tmux import Tmux, needs_tmux

T = TypeVar("T")

FILE = """\
# mine
budgets:
  # not too much
  day_usd: 5  # five
"""


def run_async(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    nexus_home.mkdir(mode=0o700)
    return user_paths({"NEXUS_HOME": str(nexus_home)})


@pytest.fixture
def file(paths: Paths) -> Path:
    """The user's settings file."""
    paths.user_settings.write_text(FILE)
    return paths.user_settings


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


@pytest.fixture
def ready(paths: Paths) -> Iterator[Store]:
    with Store(paths.database) as opened_store:
        yield opened_store


@asynccontextmanager
async def settings(
    store: Store,
    paths: Paths,
    project: Path,
    size: tuple[int, int] = WIDE,
    heard: list[Message] | None = None,
    **env: str,
) -> AsyncIterator[Pilot[None]]:
    told = heard.append if heard is not None else None
    async with opened(store, paths, size, folder=project, heard=told, env=env) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))
        await until(pilot, lambda: listed(pilot).count or pilot.app.screen.has_class("-broken"))
        yield pilot


def listed(pilot: Pilot[None]) -> SettingsList:
    return pilot.app.screen_stack[0].query_one(SettingsList)


def row(pilot: Pilot[None], key: str) -> tuple[str, str]:
    """Value and origin as the list has them."""
    section = ""
    for index in range(listed(pilot).count):
        words = re.split(r"\s{2,}", listed(pilot).row(index, 200).plain.strip(" *"))
        if len(words) == 1:
            section = words[0]
        elif f"{section}.{words[0]}" == key:
            return words[1], words[2]
    raise AssertionError(f"{key} is not in the list")


async def go(pilot: Pilot[None], key: str) -> None:
    await pilot.press("g")
    while (here := listed(pilot).here) is None or here.key != key:
        before = listed(pilot).cursor
        await pilot.press("j")
        assert listed(pilot).cursor != before, f"{key} is not in the list"


async def type_value(pilot: Pilot[None], text: str) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, SettingModal))
    pilot.app.screen.query_one(Input).value = text
    await pilot.pause()


async def back_in_list(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))


def shown_by_command(paths: Paths, project: Path, key: str) -> tuple[object, str]:
    done = run_nexus("config", "show", "--json", "-C", str(project), env=clean_env(paths.data))
    return done.last[key]["value"], done.last[key]["origin"]


# --- changing ---


def test_a_change_is_in_the_file_with_its_comments_and_in_force(
    ready: Store, paths: Paths, file: Path, project: Path
) -> None:
    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            assert row(pilot, "budgets.day_usd") == ("5", "your file")
            await go(pilot, "budgets.day_usd")
            await pilot.press("enter")
            await type_value(pilot, "7")
            await pilot.press("enter")
            await shows(pilot, "budgets.day_usd = 7 in")
            await until(pilot, lambda: row(pilot, "budgets.day_usd") == ("7", "your file"))

    run_async(body())
    assert file.read_text() == FILE.replace("day_usd: 5", "day_usd: 7")
    assert shown_by_command(paths, project, "budgets.day_usd") == (7, f"{file}:4")


def test_a_mistake_is_said_while_it_is_typed_and_never_written(
    ready: Store, paths: Paths, file: Path, project: Path
) -> None:
    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await go(pilot, "budgets.day_usd")
            await pilot.press("enter")
            await type_value(pilot, "lots")
            await shows(pilot, "budgets.day_usd is 'lots'", "valid number")
            await pilot.press("enter")
            await type_value(pilot, "-1")
            await shows(pilot, "greater than or equal to")
            await pilot.press("enter")
            await pilot.pause()
            assert file.read_text() == FILE
            await type_value(pilot, "1")
            await shows(pilot, "Enter writes it to your file")
            await pilot.press("escape")
            await back_in_list(pilot)

    run_async(body())
    assert file.read_text() == FILE


def test_one_of_a_few_values_is_chosen_from_a_list(ready: Store, paths: Paths, file: Path, project: Path) -> None:
    async def body() -> None:
        async with settings(ready, paths, project, SMALL) as pilot:
            await go(pilot, "sandbox.backend")
            await pilot.press("enter")
            await shows(pilot, "docker", "bubblewrap", "Takes auto or docker or bubblewrap")
            await pilot.press("down", "down", "enter")
            await until(pilot, lambda: row(pilot, "sandbox.backend") == ("bubblewrap", "your file"))

    run_async(body())
    assert shown_by_command(paths, project, "sandbox.backend")[0] == "bubblewrap"
    assert file.read_text().startswith(FILE)


def test_yes_or_no_is_turned_over_at_once(ready: Store, paths: Paths, file: Path, project: Path) -> None:
    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await go(pilot, "delivery.commit")
            await pilot.press("enter")
            await until(pilot, lambda: row(pilot, "delivery.commit") == ("false", "your file"))
            assert isinstance(pilot.app.screen, SettingsScreen)
            await pilot.press("enter")
            await until(pilot, lambda: row(pilot, "delivery.commit") == ("true", "your file"))

    run_async(body())


def test_a_reset_takes_the_key_out_of_the_file_and_nothing_else(
    ready: Store, paths: Paths, file: Path, project: Path
) -> None:
    file.write_text(FILE + "  run_usd: 0.1\n")

    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await go(pilot, "budgets.run_usd")
            await pilot.press("delete")
            await shows(pilot, "taken out")
            await until(pilot, lambda: row(pilot, "budgets.run_usd") == ("0.5", "default"))
            await pilot.press("delete")
            await shows(pilot, "budgets.run_usd is at its default")

    run_async(body())
    assert file.read_text() == FILE


def test_a_file_that_cannot_be_written_is_said_beside_the_field(
    ready: Store, paths: Paths, file: Path, project: Path
) -> None:
    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await go(pilot, "budgets.day_usd")
            await pilot.press("enter")
            await type_value(pilot, "7")
            file.write_text("budgets: [\n")
            await pilot.press("enter")
            await shows(pilot, "config.yaml:2: this is not YAML")
            assert isinstance(pilot.app.screen, SettingModal)

    run_async(body())
    assert file.read_text() == "budgets: [\n"


# --- the project's file ---


def test_a_project_may_be_stricter_and_the_screen_says_why_not_looser(
    ready: Store, paths: Paths, file: Path, project: Path
) -> None:
    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await go(pilot, "budgets.day_usd")
            await pilot.press("p")
            await type_value(pilot, "50")
            await shows(pilot, "A project's file may not set budgets.day_usd to 50", "tightened (now 5)")
            await pilot.press("enter")
            await type_value(pilot, "2")
            await shows(pilot, "the project's file")
            await pilot.press("enter")
            await until(pilot, lambda: row(pilot, "budgets.day_usd") == ("2", "project"))
            await shows(pilot, "Your file sets it too")
            await pilot.press("delete")
            await shows(pilot, "now it is 2")

    run_async(body())
    assert (project / ".nexus" / "config.yaml").read_text() == "budgets:\n  day_usd: 2\n"
    assert shown_by_command(paths, project, "budgets.day_usd")[0] == 2
    assert "day_usd" not in file.read_text()


def test_what_only_the_user_may_set_is_refused_before_anything_is_typed(
    ready: Store, paths: Paths, project: Path
) -> None:
    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await go(pilot, "models.base_url")
            await pilot.press("p")
            await shows(pilot, "A project's file may not set")
            assert isinstance(pilot.app.screen, SettingsScreen)

    run_async(body())
    assert not (project / ".nexus").exists()


def test_what_a_project_may_not_say_is_shown_as_ignored(ready: Store, paths: Paths, project: Path) -> None:
    (project / ".nexus").mkdir()
    (project / ".nexus" / "config.yaml").write_text("models:\n  model: evil/model\n")

    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await shows(pilot, "models.model was", "ignored: only you may set it")
            assert row(pilot, "models.model") == ("empty", "default")

    run_async(body())


# --- what is shown ---


def test_every_setting_is_listed_with_its_help_and_limits(ready: Store, paths: Paths, project: Path) -> None:
    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await pilot.press("g")
            for key in all_keys().values():
                here = listed(pilot).here
                assert here is not None and here.key == key.dotted
                await shows(pilot, key.dotted, key.env, *key.meaning.split()[:2], *key.choices)
                await pilot.press("j")

    run_async(body())


def test_the_environment_wins_and_the_screen_says_so(ready: Store, paths: Paths, file: Path, project: Path) -> None:
    async def body() -> None:
        async with settings(ready, paths, project, NEXUS_BUDGETS__DAY_USD="3") as pilot:
            assert row(pilot, "budgets.day_usd") == ("3", "environment")
            await go(pilot, "budgets.day_usd")
            await shows(pilot, "from      environment:", "The variable wins over every file")
            await pilot.press("enter")
            await type_value(pilot, "4")
            await pilot.press("enter")
            await shows(pilot, "NEXUS_BUDGETS__DAY_USD wins with 3")
            await pilot.press("delete")
            await shows(pilot, "now it is 3")
            await pilot.press("delete")
            await shows(pilot, "unset")

    run_async(body())


def test_a_filter_looks_into_names_help_and_origin(ready: Store, paths: Paths, file: Path, project: Path) -> None:
    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await pilot.press("slash", *"utc day")
            await shows(pilot, "1 of 35 shown")
            await pilot.press("enter")
            here = listed(pilot).here
            assert here is not None and here.key == "budgets.day_usd"
            await pilot.press("escape")
            await shows(pilot, "35 settings, 1 changed")
            await pilot.press("slash", *"your file")
            await shows(pilot, "1 of 35 shown")
            await pilot.press(*"zzz")
            await shows(pilot, "No setting says that")
            await pilot.press("enter", "enter", "p", "delete", "y")
            assert isinstance(pilot.app.screen, SettingsScreen)

    run_async(body())


def test_a_broken_file_is_named_with_its_line_until_it_is_mended(
    ready: Store, paths: Paths, file: Path, project: Path
) -> None:
    file.write_text(FILE + "  run_usd: lots\n")

    async def body() -> None:
        async with settings(ready, paths, project) as pilot:
            await shows(pilot, "config.yaml:5: budgets.run_usd is", "'lots'", "e opens your file in your editor")
            await pilot.press("enter", "slash", "delete")
            assert isinstance(pilot.app.screen, SettingsScreen)
            file.write_text(FILE)
            await pilot.press("r")
            await shows(pilot, "35 settings, 1 changed", "day_usd")

    run_async(body())


def test_a_password_in_an_address_is_neither_shown_nor_written_over_by_chance(
    ready: Store, paths: Paths, file: Path, project: Path
) -> None:
    heard: list[Message] = []
    file.write_text("models:\n  base_url: http://me:hunter2@box:8000/v1\n")

    async def body() -> None:
        async with settings(ready, paths, project, heard=heard) as pilot:
            await go(pilot, "models.base_url")
            await shows(pilot, "http://***@box:8000/v1")
            await pilot.press("y", "enter")
            await type_value(pilot, "")
            await pilot.press("enter")
            await shows(pilot, "Type the whole address")
            assert "hunter2" not in screen_text(pilot)

    run_async(body())
    assert "hunter2" in file.read_text()
    copied = {each.text for each in heard if isinstance(each, CopyText)}
    assert copied == {"nexus config set models.base_url 'http://***@box:8000/v1'"}


@pytest.mark.parametrize("size", [(60, 16), SMALL, WIDE])
def test_a_setting_can_be_changed_in_every_window(
    ready: Store, paths: Paths, file: Path, project: Path, size: tuple[int, int]
) -> None:
    async def body() -> None:
        async with settings(ready, paths, project, size) as pilot:
            await go(pilot, "limits.mutants")
            await shows(pilot, "mutants", "Mutants of the new code")
            await pilot.press("enter")
            await shows(pilot, "a whole number, 0 to 1,000,000,000", "Enter writes it to your file", "Save")
            await type_value(pilot, "12")
            await pilot.press("enter")
            await until(pilot, lambda: row(pilot, "limits.mutants") == ("12", "your file"))

    run_async(body())


# --- in the user's editor ---


@needs_tmux
def test_the_file_is_opened_in_the_editor_and_read_again(tmp_path: Path, paths: Paths, project: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "$1" > "$1.opened"\nprintf "budgets:\\n  day_usd: 42\\n" > "$1"\n')
    editor.chmod(0o755)
    env = {**clean_env(paths.data, TERM="xterm-256color", LANG="C.UTF-8"), "EDITOR": str(editor)}
    env.pop("VISUAL", None)
    argv = [*NEXUS, str(project)]
    assert argv[0] == sys.executable
    with Tmux(tmp_path / "tmux", argv, env) as terminal:
        terminal.shows("^p")
        terminal.keys("F5")
        terminal.shows("35 settings, 0 changed")
        terminal.keys("e")
        terminal.shows("35 settings, 1 changed")
    assert paths.user_settings.with_name("config.yaml.opened").exists()
