"""The page before there is a run: examples, runs that are not over, what the machine lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.paths import Paths
from core.storage.store import Store
from screens.intents import StartDemo
from screens.widgets.prompt import Prompt
from tests.support.journal import PROJECT, lay_down
from tests.support.run_screen import RUN, SIZES, phase_begun, watching


@pytest.mark.parametrize("size", SIZES)
async def test_the_start_teaches_and_its_examples_fill_the_request(
    store: Store, paths: Paths, size: tuple[int, int]
) -> None:
    async with watching(store, paths, "", size) as watched:
        await watched.shows("Say what should change", str(PROJECT))
        prompt = watched.pilot.app.screen.query_one(Prompt)
        assert prompt.field.has_focus
        await watched.press("escape")
        await watched.press("enter")
        assert prompt.text.startswith("Add a --version flag")
        assert prompt.field.has_focus


async def test_the_start_offers_runs_that_are_not_over(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, phase_begun("tester"), "interrupted")
    lay_down(store, paths, "261123-0001-aaaaaa", phase_begun("tester"), "interrupted", Path("/elsewhere"))

    async with watching(store, paths, "", carry_out=True) as watched:
        await watched.shows("Runs that are not over", "interrupted", "Let people type durations")
        assert watched.text.count("! interrupted") == 1
        await watched.press("escape", "end", "enter")
        await watched.shows("[1] Phases", "r resumes")


async def test_the_start_says_what_the_machine_lacks(store: Store, paths: Paths) -> None:
    async with watching(store, paths, "") as watched:
        await watched.shows("This machine", "No model provider is configured", "--profile ollama")


async def test_d_tries_the_demonstration(store: Store, paths: Paths) -> None:
    async with watching(store, paths, "") as watched:
        await watched.shows("Try one of these")
        await watched.press("escape", "d")
        await watched.heard(StartDemo)
