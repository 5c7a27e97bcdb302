"""Exporting a run: files that say what the run left, and never overwrite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.paths import Paths
from core.run.runs import find_run
from core.storage.store import Store
from screens.modals.export import ExportModal
from tests.support.delivery import git, picture
from tests.support.review import FILES, proposed
from tests.support.screens import SMALL, opened, until

RUN = "261123-0032-70570b"


async def exported(store: Store, paths: Paths, folder: Path, target: Path, *keys: str) -> str:
    """What the application says after those keys in the export modal."""
    with proposed(store, paths, folder / "project"):
        async with opened(store, paths, SMALL, "", folder) as pilot:
            pilot.app.push_screen(ExportModal(RUN, target))
            await until(pilot, lambda: isinstance(pilot.app.screen, ExportModal))
            await pilot.press(*keys)
            await until(pilot, lambda: list(pilot.app._notifications))
            return next(iter(pilot.app._notifications)).message


async def test_an_exported_diff_turns_the_project_into_what_the_run_made(
    store: Store, paths: Paths, tmp_path: Path
) -> None:
    said = await exported(store, paths, tmp_path, tmp_path, "d")
    diff = tmp_path / f"nexus-{RUN}.diff"
    assert said == f"Written to {diff}"
    project = Path(find_run(store, RUN).project)
    before = picture(project)
    git(project, "apply", "--check", str(diff))
    git(project, "apply", str(diff))
    assert {name for name in picture(project) if picture(project).get(name) != before.get(name)} == set(FILES)


@pytest.mark.parametrize(
    ("key", "name", "holds"),
    [("h", ".html", "<!doctype html"), ("m", ".md", "# "), ("e", ".events.jsonl", '"run.started"')],
)
async def test_an_export_is_what_the_run_left(
    store: Store, paths: Paths, tmp_path: Path, key: str, name: str, holds: str
) -> None:
    await exported(store, paths, tmp_path, tmp_path, key)
    text = (tmp_path / f"nexus-{RUN}{name}").read_text()
    assert holds in text.lower() or holds in text
    if key == "e":
        assert [json.loads(line)["seq"] for line in text.splitlines()] == list(range(1, len(text.splitlines()) + 1))


async def test_an_export_overwrites_nothing(store: Store, paths: Paths, tmp_path: Path) -> None:
    mine = tmp_path / f"nexus-{RUN}.md"
    mine.write_text("mine")
    said = await exported(store, paths, tmp_path, tmp_path, "m")
    assert mine.read_text() == "mine"
    assert said.endswith(f"nexus-{RUN}-2.md")


async def test_a_place_that_takes_no_file_is_told_in_a_sentence(store: Store, paths: Paths, tmp_path: Path) -> None:
    said = await exported(store, paths, tmp_path, tmp_path / "no" / "folder", "m")
    assert (
        said == f"{tmp_path / 'no' / 'folder'} cannot be written (No such file or directory).\nChoose another folder."
    )
