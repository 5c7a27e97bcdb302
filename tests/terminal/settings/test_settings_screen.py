"""The settings screen: what holds and why, finding a setting, and the file in the user's editor."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from textual.message import Message

from config.keys import all_keys
from config.paths import Paths
from core.storage.store import Store
from screens.intents import CopyText
from screens.settings_screen import SettingsScreen
from tests.support.nexus import NEXUS, clean_env
from tests.support.screens import SMALL, WIDE, screen_text, shows, until
from tests.support.settings_screen import FILE, go, listed, row, run_async, settings, type_value
from tests.support.tmux import Tmux, needs_tmux

COUNT = len(all_keys())

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
            await shows(pilot, f"1 of {COUNT} shown")
            await pilot.press("enter")
            here = listed(pilot).here
            assert here is not None and here.key == "budgets.day_usd"
            await pilot.press("escape")
            await shows(pilot, f"{COUNT} settings, 1 changed")
            await pilot.press("slash", *"your file")
            await shows(pilot, f"1 of {COUNT} shown")
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
            await shows(pilot, f"{COUNT} settings, 1 changed", "day_usd")

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
        terminal.shows(f"{COUNT} settings, 0 changed")
        terminal.keys("e")
        terminal.shows(f"{COUNT} settings, 1 changed")
    assert paths.user_settings.with_name("config.yaml.opened").exists()
