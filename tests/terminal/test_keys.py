"""The registry of actions against the classes that carry them out, the palette, the footer and the keymap."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.screen import Screen

import screens
from app.terminal.application import NexusApp
from app.terminal.keymap import read_keymap
from app.terminal.palette import NexusProvider
from config.paths import Paths
from core.storage.store import Store
from screens.actions import ACTIONS, RESERVED, Action
from screens.keys import key_name, keys_of
from screens.modes import MODES
from screens.widgets.key_bar import KeyBar
from tests.support.journal import lay_down
from tests.support.review import proposed
from tests.support.screens import SMALL, opened, screen_text, shows, until

RUN = "261123-0032-70570b"
UNSAFE = ("alt+", "meta+", "ctrl+shift+", "super+", "hyper+")
"""Modifiers that many terminals do not send."""


def owners() -> dict[str, list[type[DOMNode]]]:
    """Action id to the classes that bind it."""
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        importlib.import_module(module.name)
    found: dict[str, list[type[DOMNode]]] = {}

    def look(kind: type[DOMNode]) -> None:
        for binding in vars(kind).get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id:
                found.setdefault(binding.id, []).append(kind)
        for child in kind.__subclasses__():
            look(child)

    look(DOMNode)
    assert NexusApp in found["app.quit"]
    return found


OWNERS = owners()
each_action = pytest.mark.parametrize("action", ACTIONS, ids=[action.id for action in ACTIONS])


# --- each action ---


@each_action
def test_an_action_is_carried_out_by_the_class_that_binds_it(action: Action) -> None:
    assert OWNERS.get(action.id), f"no class has bindings({action.scope!r})"
    for owner in OWNERS[action.id]:
        where, name, _ = parse(action.call)
        target = {"": owner, "app": NexusApp, "screen": Screen}[where]
        assert callable(getattr(target, f"action_{name}", None)), f"{target.__name__} has no action_{name}"


@each_action
def test_an_action_says_what_it_is_for(action: Action) -> None:
    assert action.title and len(action.title) <= 16
    assert action.help.endswith(".") and len(action.help) > len(action.title)
    assert action.scope and "." in action.id


@each_action
def test_an_actions_keys_reach_it_on_every_terminal(action: Action) -> None:
    keys = keys_of(action, {})
    assert keys
    assert not RESERVED & set(keys)
    assert not [key for key in keys if key.startswith(UNSAFE)]


@each_action
def test_an_actions_keys_are_its_own(action: Action) -> None:
    mine = set(keys_of(action, {}))
    for other in ACTIONS:
        if other is not action and (other.scope == action.scope or "app" in (other.scope, action.scope)):
            assert not mine & set(keys_of(other, {})), f"{action.id} and {other.id}"


def test_names_are_given_once() -> None:
    assert [name for name, count in Counter(action.id for action in ACTIONS).items() if count > 1] == []
    assert [name for name, count in Counter(action.label for action in ACTIONS).items() if count > 1] == []


def test_every_binding_with_a_name_is_in_the_registry() -> None:
    assert set(OWNERS) - {action.id for action in ACTIONS} == set()


# --- on the screens ---


def focuses(screen: Screen[Any]) -> Iterator[None]:
    """Every place the focus can be, one after the other."""
    for widget in list(screen.focus_chain):
        screen.set_focus(widget)
        yield


async def settle(pilot: Pilot[None], mode: str) -> None:
    pilot.app.action_show_mode(mode)
    await until(pilot, lambda: pilot.app.current_mode == mode and pilot.app.screen.is_mounted)
    await until(pilot, lambda: "Palette" in screen_text(pilot))


@pytest.mark.parametrize("mode", MODES)
async def test_whatever_a_key_does_the_palette_does_too(store: Store, paths: Paths, tmp_path: Path, mode: str) -> None:
    lay_down(store, paths, RUN)
    async with opened(store, paths, SMALL, RUN) as pilot:
        await settle(pilot, mode)
        seen = 0
        for _ in focuses(pilot.app.screen):
            await pilot.pause()
            screen = pilot.app.screen
            offered = {entry.text: entry.help for entry in NexusProvider(screen).entries()}
            by_id = {action.id: action for action in ACTIONS}
            for _, binding, enabled, _ in screen.active_bindings.values():
                if binding.id and enabled:
                    action = by_id[binding.id]
                    assert action.help in offered[action.label]
                    assert key_name(keys_of(action, {})[0]) in offered[action.label]
                    seen += 1
        assert seen


@pytest.mark.parametrize("mode", MODES)
async def test_the_footer_fits_and_always_shows_help_palette_and_the_way_out(
    store: Store, paths: Paths, tmp_path: Path, mode: str
) -> None:
    with proposed(store, paths, tmp_path, status="interrupted"):
        async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
            await settle(pilot, mode)
            for _ in focuses(pilot.app.screen):
                await pilot.pause()
                await pilot.pause()
                line = screen_text(pilot).splitlines()[-1]
                assert re.search(r" \S+ Quit  \S+ Help  \S+ Palette$", line)
                assert cell_len(line) <= SMALL[0]


async def test_a_click_on_a_key_of_the_footer_presses_it(store: Store, paths: Paths) -> None:
    async with opened(store, paths, SMALL) as pilot:
        await shows(pilot, "Help")
        at = screen_text(pilot).splitlines()[-1].index("Help")
        await pilot.click(KeyBar, offset=(at, 0))
        await shows(pilot, "Type to search")


# --- keys of one's own ---


def keymap(paths: Paths, text: str) -> tuple[dict[str, str], list[str]]:
    paths.keymap.parent.mkdir(parents=True, exist_ok=True)
    paths.keymap.write_text(text)
    found, problems = read_keymap(paths.keymap)
    return found, [problem.removeprefix(str(paths.keymap)) for problem in problems]


def test_no_keymap_is_no_trouble(paths: Paths) -> None:
    assert read_keymap(paths.keymap) == ({}, [])
    assert keymap(paths, "") == ({}, [])
    assert keymap(paths, "# only a comment\n") == ({}, [])


def test_keys_are_written_as_people_write_them(paths: Paths) -> None:
    text = 'run.zoom: Z\nrun.pause: [ctrl+x, "?+"]\napp.palette: "ctrl+p, f9"\nrun.copy: ","\nrun.demo: [Ctrl+G, "@"]\n'
    found, problems = keymap(paths, text)
    assert found == {
        "run.zoom": "Z",
        "run.pause": "ctrl+x",
        "app.palette": "ctrl+p,f9",
        "run.copy": "comma",
        "run.demo": "ctrl+g,@",
    }
    assert problems == [": `?+` for run.pause is no key; keys are written like x, X, f5, ctrl+x or shift+tab."]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("run.zom: Z", ": there is no action `run.zom`; did you mean `run.zoom`?"),
        ("xyzzy: Z", ": there is no action `xyzzy`; F1 lists them."),
        ("run.zoom: ctrl+m", ": `ctrl+m` for run.zoom does not reach Nexus: terminals or multiplexers take that key."),
        ("run.zoom: ctlr+x", ": `ctlr+x` for run.zoom is no key; keys are written like x, X, f5, ctrl+x or shift+tab."),
        ("run.zoom:", ": run.zoom names no key."),
        ("run.zoom: c", ": `c` for run.zoom is already the key of run.cancel."),
        ("run.zoom: '?'", ": `?` for run.zoom is already the key of app.help."),
        ("app.back: i", ": `i` for app.back is already the key of run.prompt."),
        ("run.zoom: [Z", ":1: this is not YAML: expected ',' or ']', but got '<stream end>'; the keys are as ever."),
        ("- run.zoom", " must hold lines such as `run.zoom: Z`; the keys are as ever."),
        ("a: " + "x" * 70_000, " is larger than 64 KiB; the keys are as ever."),
    ],
)
def test_what_is_wrong_in_a_keymap_is_told_in_a_sentence_and_left_out(paths: Paths, text: str, problem: str) -> None:
    found, problems = keymap(paths, text)
    assert found == {}
    assert problems == [problem]


def test_two_actions_may_swap_their_keys(paths: Paths) -> None:
    found, problems = keymap(paths, "run.zoom: c\nrun.cancel: z\n")
    assert found == {"run.zoom": "c", "run.cancel": "z"}
    assert problems == []


def test_of_two_that_want_one_key_the_first_gets_it(paths: Paths) -> None:
    found, problems = keymap(paths, "run.zoom: Z\nrun.rate: Z\n")
    assert found == {"run.zoom": "Z"}
    assert problems == [": `Z` for run.rate is already the key of run.zoom."]


async def test_a_key_of_ones_own_works_and_help_and_footer_show_it(store: Store, paths: Paths) -> None:
    paths.keymap.parent.mkdir(parents=True, exist_ok=True)
    paths.keymap.write_text("app.help: f9\nrun.zom: z\n")

    async with opened(store, paths, SMALL) as pilot:
        await until(pilot, lambda: pilot.app.user_keys)
        await until(pilot, lambda: any("did you mean" in note.message for note in pilot.app._notifications))
        await pilot.press("f1")
        await pilot.pause()
        assert not pilot.app.screen.is_modal
        await until(pilot, lambda: " f9 Help" in screen_text(pilot))
        await pilot.press("f9")
        await until(pilot, lambda: pilot.app.screen.is_modal)
