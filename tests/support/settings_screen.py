"""The settings screen: going to a setting, typing a value, reading its row."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from config.paths import Paths
from core.storage.store import Store
from screens.modals.setting import SettingModal
from screens.settings_screen import SettingsScreen
from screens.widgets.settings_list import SettingsList
from tests.support.screens import WIDE, opened, until

T = TypeVar("T")


FILE = """\
# mine
budgets:
  # not too much
  day_usd: 5  # five
"""


def run_async(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


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
