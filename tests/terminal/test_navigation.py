"""Finding one's way: screens, palette, themes, and what is remembered."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from app.terminal.preferences import Preferences
from config.paths import Paths
from core.storage.store import Store
from screens.modals.confirm import ConfirmModal
from screens.review_screen import ReviewScreen
from tests.support.journal import lay_down
from tests.support.live import eventually
from tests.support.screens import SMALL, hides, opened, shows, until

RUN = "261123-0032-70570b"


async def mode(pilot: Pilot[None], name: str) -> None:
    await until(pilot, lambda: pilot.app.current_mode == name and pilot.app.screen.is_mounted)


# --- screens ---


async def test_a_key_leads_to_each_screen_and_back_to_the_last(store: Store, paths: Paths) -> None:
    async with opened(store, paths, SMALL) as pilot:
        for key, name in (("f3", "history"), ("f4", "doctor"), ("f5", "settings"), ("f6", "admin"), ("f2", "run")):
            await pilot.press(key)
            await mode(pilot, name)
        await pilot.press("escape", "minus")
        await mode(pilot, "admin")


async def test_the_key_of_a_screen_closes_what_lies_over_it(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with opened(store, paths, SMALL, RUN) as pilot:
        await until(pilot, lambda: pilot.app.view is not None)
        pilot.app.push_screen(ReviewScreen(RUN))
        await until(pilot, lambda: isinstance(pilot.app.screen, ReviewScreen))
        await pilot.press("f2")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1)


@pytest.mark.parametrize("key", ["f3", "ctrl+o", "ctrl+t", "ctrl+p", "f1", "ctrl+q"])
async def test_a_question_is_answered_before_one_goes_elsewhere(store: Store, paths: Paths, key: str) -> None:
    async with opened(store, paths, SMALL) as pilot:
        question = ConfirmModal("Really?")
        pilot.app.push_screen(question)
        await until(pilot, lambda: pilot.app.screen is question)
        await pilot.press(key)
        await pilot.pause()
        assert pilot.app.screen is question
        assert pilot.app.current_mode == "run"


# --- palette ---


async def palette(pilot: Pilot[None], *keys: str) -> None:
    """Open the palette, type, and wait for what it finds."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    await pilot.press(*keys)


async def test_the_palette_names_actions_by_group_and_verb_and_carries_them_out(store: Store, paths: Paths) -> None:
    async with opened(store, paths, SMALL) as pilot:
        await palette(pilot, *"doctor")
        await shows(pilot, "app: doctor", "What this machine can do", "Key: f4")
        await pilot.press("enter")
        await mode(pilot, "doctor")


async def test_the_palette_has_nothing_that_the_registry_has_not(store: Store, paths: Paths) -> None:
    """Textual's own commands would say the same in other words."""

    async with opened(store, paths, (80, 60)) as pilot:
        await palette(pilot, *"quit")
        await shows(pilot, "app: quit")
        await hides(pilot, "Quit the application")


async def test_the_palette_opens_a_run_by_its_request(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with opened(store, paths, SMALL) as pilot:
        await palette(pilot, *"durations")
        await shows(pilot, f"run: open {RUN}")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.view is not None and pilot.app.view.row.id == RUN)


# --- colours ---


async def theme_of(store: Store, paths: Paths, **env: str) -> str:
    async with opened(store, paths, SMALL, env=env) as pilot:
        return pilot.app.theme


@pytest.mark.parametrize(
    ("env", "theme"),
    [
        ({}, "nexus-dark"),
        ({"COLORTERM": ""}, "ansi-dark"),
        ({"COLORTERM": "", "COLORFGBG": "0;15"}, "ansi-light"),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "ansi-dark"),
        ({"NO_COLOR": "1"}, "ansi-dark"),
        ({"TEXTUAL_THEME": "nord"}, "nord"),
        ({"TEXTUAL_THEME": "no-such-theme"}, "nexus-dark"),
    ],
    ids=["all colours", "few colours", "on a light ground", "over SSH", "no colours", "wanted", "wanted in vain"],
)
async def test_the_first_theme_is_what_the_terminal_can_show(
    store: Store, paths: Paths, env: dict[str, str], theme: str
) -> None:
    assert await theme_of(store, paths, **env) == theme


async def test_a_theme_that_was_chosen_is_kept(store: Store, paths: Paths) -> None:
    async with opened(store, paths, SMALL) as pilot:
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"gruvbox")
        await shows(pilot, "theme: gruvbox")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.theme == "gruvbox")
        await until(pilot, (paths.data / "terminal.json").exists)
    assert await theme_of(store, paths) == "gruvbox"
    assert await theme_of(store, paths, SSH_CONNECTION="10.0.0.1 1 10.0.0.2 22") == "gruvbox"
    assert await theme_of(store, paths, NO_COLOR="1") == "ansi-dark"


# --- what is remembered ---


def written(place: Path, name: str) -> Any:
    """The value in the file, when it has come there."""
    try:
        return json.loads(place.read_text())["values"].get(name)
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return None


def remember(preferences: Preferences, place: Path, name: str, value: str | bool) -> None:
    preferences.set(name, value)
    eventually(lambda: written(place, name) == value)


def test_preferences_are_for_their_user_alone_and_survive(tmp_path: Path) -> None:
    place = tmp_path / "data" / "terminal.json"
    remember(Preferences(place, print), place, "theme", "nord")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert Preferences(place, print).get("theme", "") == "nord"
    assert [file.name for file in place.parent.iterdir()] == ["terminal.json"]


def test_two_terminals_do_not_forget_for_each_other(tmp_path: Path) -> None:
    place = tmp_path / "terminal.json"
    first, second = Preferences(place, print), Preferences(place, print)
    assert (first.get("theme", ""), second.get("follow", True)) == ("", True)
    remember(first, place, "theme", "nord")
    remember(second, place, "follow", False)
    assert written(place, "theme") == "nord"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 2, "values": {"theme": "nord"}}', '{"version": 1, "values": []}', "\x00\xff" * 9],
)
def test_preferences_that_cannot_be_read_count_as_none(tmp_path: Path, text: str) -> None:
    place = tmp_path / "terminal.json"
    place.write_bytes(text.encode("latin-1"))
    preferences = Preferences(place, print)
    assert preferences.get("theme", "default") == "default"
    remember(preferences, place, "theme", "nord")


@pytest.mark.parametrize("value", [7, True, None, {"a": 1}, ["nord"]])
def test_a_value_of_another_type_is_not_taken_for_the_wanted_one(tmp_path: Path, value: object) -> None:
    place = tmp_path / "terminal.json"
    place.write_text(json.dumps({"version": 1, "values": {"theme": value}}))
    assert Preferences(place, print).get("theme", "default") == "default"


def test_a_choice_that_cannot_be_kept_is_told_and_holds_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("")
    said: list[str] = []
    preferences = Preferences(tmp_path / "in-the-way" / "terminal.json", said.append)
    preferences.set("theme", "nord")
    eventually(lambda: said)
    assert preferences.get("theme", "") == "nord"
    place = tmp_path / "in-the-way" / "terminal.json"
    assert said == [f"{place} cannot be written (File exists): the choice holds until you leave."]
