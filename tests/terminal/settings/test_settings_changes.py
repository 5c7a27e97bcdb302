"""Changing settings on screen, so that the file, the command and the screen agree."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from config.paths import Paths
from core.storage.store import Store
from screens.modals.setting import SettingModal
from screens.settings_screen import SettingsScreen
from tests.support.nexus import clean_env, run_nexus
from tests.support.screens import SMALL, shows, until
from tests.support.settings_screen import FILE, go, row, run_async, settings, type_value


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
