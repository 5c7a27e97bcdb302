"""The admin screen: figures that are the ledger's, models that are the ones that would be asked."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from config.paths import Paths, user_paths
from config.settings import Settings
from core.cost_manager import CostManager, Limits
from core.gateway.spending import spent_by_day
from core.storage.store import Store
from core.text.display import usd
from screens.admin.box import Box
from screens.admin.models_tab import ProfilesList
from screens.admin.tabs import TABS, AdminPane
from screens.glyphs import ASCII, UNICODE
from screens.widgets.column_chart import column_chart
from tests.support.fake_clock import FakeClock
from tests.support.journal import lay_down
from tests.support.screens import SMALL, WIDE, opened, screen_text, shows, until

T = TypeVar("T")

RUN = "261123-0032-70570b"
OPUS, HAIKU = "anthropic/claude-opus-5-5", "anthropic/claude-haiku-5-5"


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


def today() -> date:
    return datetime.now(UTC).date()


def spend(
    store: Store, micros: int, model: str = OPUS, day: date | None = None, run: str = "r", state: str = "settled"
) -> None:
    """A line of the ledger, as a call leaves it."""
    row = (run, run, model, (day or today()).isoformat(), state, micros if state == "settled" else 0, micros)

    def write(db: sqlite3.Connection) -> None:
        db.execute(
            "INSERT INTO ledger (run_id, task_id, step, phase, model, day, state, cost_micros, reserved_micros, pid,"
            " created_at) VALUES (?, ?, 's', 'tester', ?, ?, ?, ?, ?, 1, 0)",
            row,
        )

    store.write(write)


@asynccontextmanager
async def admin(
    store: Store, paths: Paths, size: tuple[int, int] = WIDE, run_id: str = "", **env: str
) -> AsyncIterator[Pilot[None]]:
    async with opened(store, paths, size, run_id, folder=paths.data, env=env) as pilot:
        await pilot.press("f6")
        await until(pilot, lambda: pilot.app.screen.query(ProfilesList) and profiles(pilot).count)
        await until(pilot, lambda: box(pilot, "dearest"))
        yield pilot


def box(pilot: Pilot[None], name: str) -> str:
    """All that a box says, in sight or not."""
    return str(pilot.app.screen.query_one(f"#{name}", Box).query_one("Static").render())


def profiles(pilot: Pilot[None]) -> ProfilesList:
    return pilot.app.screen.query_one(ProfilesList)


def listed(pilot: Pilot[None]) -> list[str]:
    return [profiles(pilot).row(index, 100).plain for index in range(profiles(pilot).count)]


# --- money ---


def test_every_figure_is_a_sum_of_the_ledger(ready: Store, paths: Paths) -> None:
    month_begins = today().replace(day=1)
    spend(ready, 1_234_500)
    spend(ready, 2_000_000, HAIKU)
    spend(ready, 400_000, HAIKU)
    spend(ready, 9_000_000, OPUS, month_begins - timedelta(days=1))
    spend(ready, 50_000, state="reserved")
    spend(ready, 70_000, state="released")
    clock = FakeClock(datetime.now(UTC).timestamp())
    scopes = {scope.kind: scope for scope in CostManager(ready, Limits.of(Settings()), clock).scopes("", "")}
    assert (scopes["day"].spent, scopes["day"].committed) == (3_634_500, 3_684_500)
    by_day = dict(spent_by_day(ready, 14, today()))

    async def body() -> None:
        async with admin(ready, paths) as pilot:
            budgets = box(pilot, "budgets")
            for kind in ("day", "month"):
                scope = scopes[kind]
                spent, left, limit = (re.escape(usd(each)) for each in (scope.spent, scope.left, scope.limit))
                assert re.search(rf"{kind} +{spent} spent +{left} left of {limit}", budgets), budgets
            assert budgets.count(f"{usd(50_000)} held") == 2
            assert re.search(r"run +\$0\.50 each", budgets)
            assert " 37%" in budgets, "of the day"
            days = " ".join(box(pilot, "days").split())
            assert f"{usd(sum(by_day.values()))} in 14 days" in days
            assert f"today {usd(by_day[today().isoformat()])}" in days
            lines = [line.split() for line in box(pilot, "dearest").splitlines()]
            assert lines == [[HAIKU, "2", "calls", "$2.40"], [OPUS, "1", "call", usd(1_234_500)]]

    run_async(body())


def test_days_without_spending_are_there_with_nothing(ready: Store) -> None:
    spend(ready, 5, day=date(2026, 11, 20))
    spend(ready, 7, day=date(2026, 11, 20))
    spend(ready, 9, day=date(2026, 11, 1))
    found = spent_by_day(ready, 4, date(2026, 11, 22))
    assert found == [("2026-11-19", 0), ("2026-11-20", 12), ("2026-11-21", 0), ("2026-11-22", 0)]


def test_without_spending_it_says_so_instead_of_drawing(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        async with admin(ready, paths) as pilot:
            await shows(pilot, "Nothing spent yet in the last 14 days.")
            await shows(pilot, "Nothing spent yet this month.")
            await shows(pilot, "$10.00 left of $10.00")

    run_async(body())


def test_what_is_spent_meanwhile_is_there_when_looked_at_again(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        async with admin(ready, paths) as pilot:
            spend(ready, 4_000_000)
            await pilot.press("r")
            await shows(pilot, "$4.00 spent", "$6.00 left of $10.00", "1 call")

    run_async(body())


def test_the_watched_run_is_held_against_its_own_budgets(ready: Store, paths: Paths) -> None:
    row = lay_down(ready, paths, RUN, status="interrupted")
    spend(ready, 200_000, run=row.task_id)
    spend(ready, 100_000, run=RUN)

    async def body() -> None:
        async with admin(ready, paths, run_id=RUN) as pilot:
            await shows(pilot, f"Budgets, run {RUN}")
            assert re.search(r"run +\$0\.10 spent", box(pilot, "budgets")), box(pilot, "budgets")
            assert "$0.40 left of $0.50" in box(pilot, "budgets")

    run_async(body())


def test_a_budget_that_is_off_has_no_bar(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        async with admin(ready, paths, NEXUS_BUDGETS__DAY_USD="0") as pilot:
            assert re.search(r"day +off: no limit", box(pilot, "budgets"))

    run_async(body())


# --- models ---


def test_the_chosen_profile_is_named_with_the_reason_and_no_key_is_shown(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        env = {"OPENAI_API_KEY": "sk-hush", "GEMINI_API_KEY": "hush-too"}
        async with admin(ready, paths, **env) as pilot:
            chosen = [line.split()[0] for line in listed(pilot) if "chosen" in line]
            assert chosen == ["openai"]
            assert any("OPENAI_API_KEY is set" in line for line in listed(pilot))
            assert any("ANTHROPIC_API_KEY not set" in line for line in listed(pilot))
            await shows(pilot, "It is the first whose key is in the environment: OPENAI_API_KEY.", "Models of openai")
            for secret in env.values():
                assert secret not in screen_text(pilot) + "".join(listed(pilot))

    run_async(body())


def test_another_profile_can_be_looked_at(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        async with admin(ready, paths, ANTHROPIC_API_KEY="k") as pilot:
            said = box(pilot, "profile")
            assert re.search(rf"S small +{HAIKU} +0\.10 +0\.50", said)
            assert re.search(rf"L large +{OPUS} +4\.00 +20\.00", said)
            assert "from Nexus, 2026-" in said
            assert re.search(r"implementer +S → M → M +M → L → S +M → L → S", said)
            await pilot.press("G", "k")
            await shows(pilot, "Models of ollama", "127.0.0.1:11434")
            assert re.search(r"S M L +openai/qwen3-coder:30b +0\.00 +0\.00", box(pilot, "profile"))
            await pilot.press("j")
            await shows(pilot, "Models of custom", "It names no model")

    run_async(body())


def test_a_model_without_a_price_is_never_called_and_shown_so(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        env = {"NEXUS_MODELS__BASE_URL": "http://me:hush@127.0.0.1:8000/v1", "NEXUS_MODELS__MODEL": "own/thing"}
        async with admin(ready, paths, **env) as pilot:
            await shows(pilot, "price unknown, never called", "server 127.0.0.1:8000", "models.base_url names a server")
            assert "hush" not in screen_text(pilot)
        priced = {"NEXUS_MODELS__INPUT_USD_PER_MTOK": "1", "NEXUS_MODELS__OUTPUT_USD_PER_MTOK": "2"}
        async with admin(ready, paths, **env, **priced) as pilot:
            assert re.search(r"openai/own/thing +1\.00 +2\.00\n +from your settings", box(pilot, "profile"))

    run_async(body())


def test_without_a_key_it_says_what_to_do(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        async with admin(ready, paths) as pilot:
            await shows(pilot, "No model provider is configured", "ANTHROPIC_API_KEY")
            assert not [line for line in listed(pilot) if "chosen" in line]

    run_async(body())


def test_broken_settings_are_said_in_every_box(ready: Store, paths: Paths) -> None:
    paths.user_settings.write_text("budgets: [\n")

    async def body() -> None:
        async with opened(ready, paths, folder=paths.data) as pilot:
            await pilot.press("f6")
            for name in ("budgets", "days", "dearest", "profile"):
                await until(pilot, lambda name=name: "config.yaml:2" in box(pilot, name))

    run_async(body())


def test_litellm_is_not_loaded_for_it(paths: Paths) -> None:
    program = """
import asyncio, sys
from app.terminal.models_desk import UserModels
from config.paths import user_paths
from core.storage.store import Store
with Store(user_paths().database) as store:
    page = asyncio.run(UserModels(store, user_paths(), user_paths().data, {"OPENAI_API_KEY": "k"}).profiles())
print(page.chosen, "litellm" in sys.modules)
"""
    env = {**os.environ, "NEXUS_HOME": str(paths.data)}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert done.stdout == "openai False\n", done.stderr


# --- any window ---


@pytest.mark.parametrize("size", [(60, 16), SMALL, WIDE])
def test_everything_can_be_reached_by_keys_in_every_window(ready: Store, paths: Paths, size: tuple[int, int]) -> None:
    spend(ready, 3_000_000)

    async def body() -> None:
        async with admin(ready, paths, size, ANTHROPIC_API_KEY="k") as pilot:
            for words in (
                ("Budgets", "month"),
                ("Spent by day", "$3.00 in"),
                ("Dearest models", OPUS),
                ("Profiles", "chosen"),
            ):
                for _ in range(6):
                    if all(word in screen_text(pilot) for word in words):
                        break
                    await pilot.press("tab")
                    await pilot.pause()
                await shows(pilot, *words)
            while pilot.app.focused is None or pilot.app.focused.id != "profile":
                await pilot.press("tab")
            await pilot.press("G")
            await shows(pilot, "integrator")

    run_async(body())


def test_the_strip_has_the_tabs_that_exist(ready: Store, paths: Paths) -> None:
    async def body() -> None:
        async with admin(ready, paths) as pilot:
            head = screen_text(pilot).splitlines()[0]
            for number, tab in enumerate(TABS, start=1):
                assert f"{number} {tab.title}" in head
                assert isinstance(tab.make(), AdminPane)

    run_async(body())


# --- the chart ---


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=30),
    st.integers(0, 90),
    st.integers(1, 8),
    st.sampled_from([UNICODE, ASCII]),
)
def test_a_column_is_seen_for_every_day_that_cost_something(
    values: list[int], width: int, height: int, glyphs: Any
) -> None:
    lines = column_chart(glyphs, values, width, height)
    if width < len(values):
        assert lines == []
        return
    assert len(lines) == height
    assert len({len(line) for line in lines}) == 1 and len(lines[0]) <= width
    cells = len(lines[0]) // len(values)
    tall = [sum(line[at * cells] != " " for line in lines) for at in range(len(values))]
    assert [count > 0 for count in tall] == [value > 0 for value in values]
    for one, count in zip(values, tall, strict=True):
        assert one < max(values) or one == 0 or count == height
        for other, fewer in zip(values, tall, strict=True):
            assert one <= other or count >= fewer
