"""Keys that arrive in one packet do what they do when they are typed one by one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest
from textual.events import Key
from textual.widgets import TextArea

from app.terminal.application import NexusApp
from config.paths import Paths, user_paths
from core.storage.store import Store
from screens.intents import OpenRun
from screens.modals.approval import ApprovalModal
from tests.support.journal import lay_down
from tests.support.review import proposed
from tests.support.screens import SMALL, WIDE, opened, shows, until


def _key(name: str) -> Key:
    return Key(name, {"backspace": "\x7f"}.get(name, name if len(name) == 1 else None))


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("a b backspace c", "ac"),
        ("a b c backspace backspace d", "ad"),
        ("a c left b", "abc"),
        (" ".join("abcdefghij" * 5), "abcdefghij" * 5),
    ],
)
def test_corrections_reach_the_prompt_in_the_order_they_were_typed(nexus_home: Path, keys: str, text: str) -> None:
    async def type_at_once() -> None:
        paths = user_paths()
        with Store(paths.database) as store:
            async with opened(store, paths) as pilot:
                await shows(pilot, "Request")
                field = pilot.app.screen.query_one("RequestField")
                await until(pilot, lambda: field.has_focus)
                for name in keys.split():
                    pilot.app.post_message(_key(name))
                await until(pilot, lambda: field.text == text)  # type: ignore[attr-defined]

    asyncio.run(type_at_once())


def test_a_key_goes_to_the_panel_that_the_key_before_it_went_to(nexus_home: Path) -> None:
    async def type_at_once() -> None:
        paths = user_paths()
        with Store(paths.database) as store:
            row = lay_down(store, paths, "261123-0000-abcdef")
            async with opened(store, paths) as pilot:
                pilot.app.post_message(OpenRun(row.id))
                await shows(pilot, row.id, "[5] Tests")
                for name in ("5", "t"):
                    pilot.app.post_message(_key(name))
                await shows(pilot, "[5] Output")

    asyncio.run(type_at_once())


def test_a_key_goes_to_the_panel_that_escape_left_the_prompt_for(nexus_home: Path) -> None:
    async def type_at_once() -> None:
        paths = user_paths()
        with Store(paths.database) as store:
            row = lay_down(store, paths, "261123-0000-abcdef")
            async with opened(store, paths, run_id=row.id) as pilot:
                await shows(pilot, row.id, "[5] Tests")
                field = pilot.app.screen.query_one("RequestField")
                await pilot.press("i")
                await until(pilot, lambda: field.has_focus)
                for name in ("escape", "5", "t"):
                    pilot.app.post_message(_key(name))
                await shows(pilot, "[5] Output")
                assert field.text == ""  # type: ignore[attr-defined]

    asyncio.run(type_at_once())


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("1 G", "+ def parse_duration"),
        ("3 G", "Attempts 2"),
        ("z 1 j", "tests/test_durations.py"),
        ("r q z", "qz"),
    ],
)
def test_a_key_in_the_review_goes_to_what_the_key_before_it_opened(
    nexus_home: Path, tmp_path: Path, keys: str, words: str, size: tuple[int, int]
) -> None:
    async def type_at_once() -> None:
        paths = user_paths()
        with Store(paths.database) as store, proposed(store, paths, tmp_path) as run:
            async with opened(store, paths, size, run.id, run.workspace.project) as pilot:
                await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal) and not pilot.app.screen.deaf)
                await pilot.press("v")
                await shows(pilot, "a approves all 5", "@@ -2,6 +2,10 @@")
                for name in keys.split():
                    pilot.app.post_message(_key(name))
                await shows(pilot, words)

    asyncio.run(type_at_once())


def test_keys_go_on_after_one_that_never_came_back(nexus_home: Path) -> None:
    """The field that had the focus was closed with the key in its queue."""

    async def lose_one() -> None:
        paths = user_paths()
        with Store(paths.database) as store:
            async with opened(store, paths) as pilot:
                await shows(pilot, "Request")
                app = cast(NexusApp, pilot.app)
                field = app.screen.query_one("RequestField")
                await until(pilot, lambda: field.has_focus)
                came_back = app._come_back
                app._come_back = lambda: None  # type: ignore[method-assign]
                app.post_message(_key("a"))
                await until(pilot, lambda: field.text == "a")  # type: ignore[attr-defined]
                app._come_back = came_back  # type: ignore[method-assign]
                app.post_message(_key("b"))
                await until(pilot, lambda: field.text == "ab")  # type: ignore[attr-defined]

    asyncio.run(lose_one())


TRICKLE = "discount(price, percent) rounds half up" * 4


async def test_keys_that_trickle_in_while_others_wait_stay_in_order(store: Store, paths: Paths) -> None:
    async with opened(store, paths, SMALL) as pilot:
        field = pilot.app.screen.query_one(TextArea)
        await until(pilot, lambda: field.has_focus)
        for index, letter in enumerate(TRICKLE):
            pilot.app.post_message(Key(letter, letter))
            for _ in range(index % 7):
                await asyncio.sleep(0)
        await until(pilot, lambda: len(field.text) == len(TRICKLE))
        assert field.text == TRICKLE
