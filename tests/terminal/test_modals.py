"""Questions over the screen: safe by default, deaf while they have hardly been seen, at home in the smallest window."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key, MouseDown, MouseUp
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Button, TextArea

from config.paths import Paths, user_paths
from core import events as ev
from core.run.commands import Command, take
from core.run.runs import find_run
from core.storage.event_log import EventLog
from core.storage.store import Store
from screens.intents import Decide
from screens.modals.approval import ApprovalModal
from screens.modals.base import DEAF_S, Modal
from screens.modals.comment import CommentModal
from screens.modals.confirm import ConfirmModal
from screens.modals.export import ExportModal
from screens.modals.help import HelpModal
from screens.modals.jump import JumpModal
from screens.modals.leave import LeaveModal
from screens.modals.rate import RateModal
from screens.review_screen import ReviewScreen
from screens.widgets.prompt import RequestField
from tests.support.delivery import git, picture
from tests.support.fake_clock import FakeClock
from tests.support.journal import lay_down
from tests.support.review import FILES, asks, proposed
from tests.support.screens import SMALL, opened, screen_text, shows, until

SMALLEST = (60, 16)
RUN = "261123-0032-70570b"
HOSTILE = "Delete [bold]a[/]\x1b]52;c;cHduZWQ=\x07 file?"


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    return user_paths({"NEXUS_HOME": str(nexus_home)})


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scene())


@asynccontextmanager
async def asked(store: Store, paths: Paths, modal: Modal[Any]) -> AsyncIterator[tuple[Pilot[None], list[Any]]]:
    """The application with that modal in front; what it answers is put in the list."""
    answers: list[Any] = []
    async with opened(store, paths, SMALL) as pilot:
        pilot.app.push_screen(modal, answers.append)
        await until(pilot, lambda: pilot.app.screen is modal and pilot.app.focused is not None)
        yield pilot, answers


def answers_to(store: Store, paths: Paths, modal: Modal[Any], *keys: str) -> list[Any]:
    given: list[Any] = []

    async def scene() -> None:
        async with asked(store, paths, modal) as (pilot, answers):
            await pilot.press(*keys)
            await pilot.pause()
            given.extend(answers)

    play(scene)
    return given


def click(pilot: Pilot[None], target: Widget) -> None:
    """As the driver reports it; the pilot's own click goes past the application."""
    at = {"x": target.region.x + 1, "y": target.region.y, "delta_x": 0, "delta_y": 0, "button": 1}
    for kind in (MouseDown, MouseUp):
        pilot.app.post_message(kind(None, **at, shift=False, meta=False, ctrl=False))


# --- yes or no ---


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["y"], True), (["n"], False), (["escape"], False), (["enter"], False), (["left", "enter"], True)],
    ids=["y", "n", "escape", "enter", "moving to yes"],
)
def test_only_a_plain_yes_confirms(store: Store, paths: Paths, keys: list[str], answer: bool) -> None:
    assert answers_to(store, paths, ConfirmModal("Really?"), *keys) == [answer]


def test_keys_that_come_too_fast_answer_once(store: Store, paths: Paths) -> None:
    async def scene() -> None:
        async with asked(store, paths, ConfirmModal("Really?")) as (pilot, answers):
            for key in "yn":
                pilot.app.post_message(Key(key, key))
            await until(pilot, lambda: not pilot.app.screen.is_modal)
            assert answers == [True]

    play(scene)


def test_a_question_is_shown_as_it_is_written_and_controls_nothing(store: Store, paths: Paths) -> None:
    async def scene() -> None:
        async with asked(store, paths, ConfirmModal(HOSTILE, detail=HOSTILE)) as (pilot, _):
            await shows(pilot, "Delete [bold]a[/]")
            pilot.app.screen.query_one("#no", Button).focus()

    play(scene)


# --- a comment ---


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ([*"mend", "ctrl+j", *"it", "enter"], ["mend\nit"]),
        (["escape"], [None]),
        (["enter"], []),
        (["space", "enter"], []),
        ([*"no", "tab", "tab", "enter"], [None]),
    ],
    ids=["lines", "escape", "empty", "blank", "by button"],
)
def test_a_comment_is_sent_by_enter_and_never_empty(
    store: Store, paths: Paths, keys: list[str], answer: list[str | None]
) -> None:
    assert answers_to(store, paths, CommentModal("Reject"), *keys) == answer


def test_a_comment_that_is_not_required_may_be_empty(store: Store, paths: Paths) -> None:
    assert answers_to(store, paths, CommentModal("Reject", required=False), "enter") == [""]


# --- a rating ---


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["4", *"ok 1", "enter"], [(4, "ok 1")]),
        (["enter", "enter"], [(3, "")]),
        (["escape"], [None]),
        (["tab", "tab", "tab", *"why", "enter"], []),
    ],
    ids=["stars and note", "by enter", "escape", "note without stars"],
)
def test_a_rating_has_stars_and_perhaps_a_note(store: Store, paths: Paths, keys: list[str], answer: list[Any]) -> None:
    keys = ["space" if key == " " else key for key in keys]
    assert answers_to(store, paths, RateModal(), *keys) == answer


def test_an_earlier_rating_is_where_a_new_one_begins(store: Store, paths: Paths) -> None:
    assert answers_to(store, paths, RateModal(2, "slow"), "enter", "enter") == [(2, "slow")]


# --- a run that asks ---


@asynccontextmanager
async def waiting(store: Store, paths: Paths, folder: Path) -> AsyncIterator[Pilot[None]]:
    """The application on a run that asks for approval, its question in front."""
    with proposed(store, paths, folder):
        async with opened(store, paths, SMALL, RUN, folder) as pilot:
            await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
            await until(pilot, lambda: not pilot.app.screen.deaf)
            yield pilot


def commands(store: Store) -> list[Command]:
    return take(store, RUN)


def test_a_run_that_waits_says_what_it_asks_and_what_happens_otherwise(
    store: Store, paths: Paths, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with waiting(store, paths, tmp_path) as pilot:
            await shows(pilot, "Deliver 5 changed files", "branch of", FILES[0], FILES[-1])
            assert pilot.app.focused is not None
            assert pilot.app.focused.id == "review"

    play(scene)


def test_the_countdown_moves_with_the_clock(
    store: Store, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    monkeypatch.setattr("screens.modals.approval.time.time", lambda: 1000.0 + clock.monotonic())
    question = ev.ApprovalRequested("again", "Try once more?", "stop", deadline=1000.0 + clock.monotonic() + 100)

    async def scene() -> None:
        async with asked(store, paths, ApprovalModal(RUN, question)) as (pilot, _):
            await shows(pilot, "within 1 min 40 s, the run stops")
            clock.advance(39)
            await shows(pilot, "within 1 min 01 s, the run stops")
            clock.advance(100)
            await shows(pilot, "The time to answer is over")

    play(scene)


def test_keys_and_clicks_for_what_was_there_before_do_not_answer(
    store: Store, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(ApprovalModal, "clock", staticmethod(lambda: now[0]))

    async def scene() -> None:
        with proposed(store, paths, tmp_path):
            async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
                await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
                modal = pilot.app.screen
                await pilot.pause()
                now[0] += DEAF_S - 0.01
                await pilot.press("a", "enter", "escape", "q", "f3")
                click(pilot, modal.query_one("#approve"))
                await pilot.pause()
                assert pilot.app.screen is modal
                assert commands(store) == []
                now[0] += 0.02
                click(pilot, modal.query_one("#approve"))
                await until(pilot, lambda: commands(store))

    play(scene)


def test_a_question_waits_until_the_line_that_is_typed_has_a_pause(store: Store, paths: Paths, tmp_path: Path) -> None:
    def before_it_asks(event: ev.Event) -> bool:
        return event.seq == 5

    async def scene() -> None:
        with proposed(store, paths, tmp_path, until=before_it_asks, status="running") as run:
            async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
                await until(pilot, lambda: pilot.app.view is not None)
                field = pilot.app.screen.query_one(RequestField)
                field.focus()
                log = EventLog(store, run.id)
                log.emit(ev.ApprovalRequested("delivery.0", "Deliver?", "branch", files=["a.py"]))
                for letter in "an approval":
                    await pilot.press("space" if letter == " " else letter)
                assert field.text == "an approval"
                await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
                assert field.text == "an approval"
                assert commands(store) == []

    play(scene)


def test_approving_sends_the_answer_and_asks_no_more(store: Store, paths: Paths, tmp_path: Path) -> None:
    async def scene() -> None:
        async with waiting(store, paths, tmp_path) as pilot:
            await pilot.press("a")
            await until(pilot, lambda: not isinstance(pilot.app.screen, ApprovalModal))
            await until(pilot, lambda: store.query("SELECT 1 FROM commands"))
            (command,) = commands(store)
            assert command.kind == "decide"
            assert command.payload == {"approval": "delivery.0", "approved": True, "comment": "", "files": []}

    play(scene)


def test_rejecting_takes_a_comment_along(store: Store, paths: Paths, tmp_path: Path) -> None:
    async def scene() -> None:
        async with waiting(store, paths, tmp_path) as pilot:
            await pilot.press("r")
            await until(pilot, lambda: isinstance(pilot.app.focused, TextArea) and pilot.app.screen.is_modal)
            await pilot.press("r", "o", "u", "n", "d", "enter")
            await until(pilot, lambda: store.query("SELECT 1 FROM commands"))
            (command,) = commands(store)
            assert command.payload["approved"] is False
            assert command.payload["comment"] == "round"

    play(scene)


def test_reviewing_opens_the_change(store: Store, paths: Paths, tmp_path: Path) -> None:
    async def scene() -> None:
        async with waiting(store, paths, tmp_path) as pilot:
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, ReviewScreen))
            assert commands(store) == []

    play(scene)


def test_what_is_left_for_later_does_not_come_back(store: Store, paths: Paths, tmp_path: Path) -> None:
    async def scene() -> None:
        with proposed(store, paths, tmp_path) as run:
            async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
                await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
                await until(pilot, lambda: not pilot.app.screen.deaf)
                await pilot.press("escape")
                log = EventLog(store, run.id)
                log.emit(ev.Notice("still here"))
                await until(pilot, lambda: pilot.app.view.state.notices)
                await pilot.pause()
                assert not pilot.app.screen.is_modal
                assert commands(store) == []

    play(scene)


@pytest.mark.parametrize("covered", [False, True], ids=["in front", "covered by another modal"])
def test_a_question_that_was_answered_elsewhere_goes_away(
    store: Store, paths: Paths, tmp_path: Path, covered: bool
) -> None:
    async def scene() -> None:
        with proposed(store, paths, tmp_path) as run:
            async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
                await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalModal))
                if covered:
                    pilot.app.push_screen(ConfirmModal("Really?"))
                    await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmModal))
                log = EventLog(store, run.id)
                log.emit(ev.ApprovalDecided("delivery.0", "approved"))
                await until(pilot, lambda: pilot.app.view.state.approval is None)
                if covered:
                    await pilot.press("n")
                await until(pilot, lambda: not pilot.app.screen.is_modal)

    play(scene)


def test_the_review_screen_is_not_covered_by_its_own_question(store: Store, paths: Paths, tmp_path: Path) -> None:
    async def scene() -> None:
        with proposed(store, paths, tmp_path, until=lambda event: event.seq == 5, status="running") as run:
            async with opened(store, paths, SMALL, RUN, tmp_path) as pilot:
                await until(pilot, lambda: pilot.app.view is not None)
                pilot.app.push_screen(ReviewScreen(RUN))
                await until(pilot, lambda: isinstance(pilot.app.screen, ReviewScreen))
                log = EventLog(store, run.id)
                log.emit(ev.ApprovalRequested("delivery.0", "Deliver?", "branch", files=["a.py"]))
                await until(pilot, lambda: pilot.app.view.state.approval is not None)
                await pilot.pause(0.2)
                assert isinstance(pilot.app.screen, ReviewScreen)

    play(scene)


def test_nobody_is_asked_for_a_run_that_nobody_drives(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, asks, "interrupted")

    async def scene() -> None:
        async with opened(store, paths, SMALL, RUN) as pilot:
            await until(pilot, lambda: pilot.app.view is not None)
            await pilot.pause(0.2)
            assert not pilot.app.screen.is_modal

    play(scene)


def test_an_escalation_offers_another_try_or_the_end(store: Store, paths: Paths) -> None:
    question = ev.ApprovalRequested("escalation.2", "Three attempts failed. Try once more?", "stop")
    for key, approved in (("t", True), ("s", False)):
        heard: list[Decide] = []

        def hear(message: Message, heard: list[Decide] = heard) -> None:
            if isinstance(message, Decide):
                heard.append(message)

        async def scene(key: str = key, heard: list[Decide] = heard) -> None:
            async with opened(store, paths, SMALL, heard=hear) as pilot:
                modal = ApprovalModal(RUN, question)
                pilot.app.push_screen(modal)
                await until(pilot, lambda: pilot.app.screen is modal and not modal.deaf)
                assert pilot.app.focused is not None
                assert pilot.app.focused.id == "later"
                await pilot.press(key)
                await until(pilot, lambda: heard)

        play(scene)
        assert heard[0].approved is approved
        assert heard[0].approval == "escalation.2"


# --- export ---


def exported(store: Store, paths: Paths, folder: Path, target: Path, *keys: str) -> str:
    """What the application says after those keys in the export modal."""
    said: list[str] = []

    async def scene() -> None:
        with proposed(store, paths, folder / "project"):
            async with opened(store, paths, SMALL, "", folder) as pilot:
                pilot.app.push_screen(ExportModal(RUN, target))
                await until(pilot, lambda: isinstance(pilot.app.screen, ExportModal))
                await pilot.press(*keys)
                await until(pilot, lambda: list(pilot.app._notifications))
                said.extend(note.message for note in pilot.app._notifications)

    play(scene)
    return said[0]


def test_an_exported_diff_turns_the_project_into_what_the_run_made(store: Store, paths: Paths, tmp_path: Path) -> None:
    said = exported(store, paths, tmp_path, tmp_path, "d")
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
def test_an_export_is_what_the_run_left(
    store: Store, paths: Paths, tmp_path: Path, key: str, name: str, holds: str
) -> None:
    exported(store, paths, tmp_path, tmp_path, key)
    text = (tmp_path / f"nexus-{RUN}{name}").read_text()
    assert holds in text.lower() or holds in text
    if key == "e":
        assert [json.loads(line)["seq"] for line in text.splitlines()] == list(range(1, len(text.splitlines()) + 1))


def test_an_export_overwrites_nothing(store: Store, paths: Paths, tmp_path: Path) -> None:
    mine = tmp_path / f"nexus-{RUN}.md"
    mine.write_text("mine")
    said = exported(store, paths, tmp_path, tmp_path, "m")
    assert mine.read_text() == "mine"
    assert said.endswith(f"nexus-{RUN}-2.md")


def test_a_place_that_takes_no_file_is_told_in_a_sentence(store: Store, paths: Paths, tmp_path: Path) -> None:
    said = exported(store, paths, tmp_path, tmp_path / "no" / "folder", "m")
    assert (
        said == f"{tmp_path / 'no' / 'folder'} cannot be written (No such file or directory).\nChoose another folder."
    )


# --- leaving ---


@pytest.mark.parametrize("keys", [["q"], ["ctrl+q"], ["ctrl+c", "ctrl+c"]], ids=["q", "ctrl+q", "ctrl+c twice"])
def test_leaving_is_immediate_when_nothing_goes_on(store: Store, paths: Paths, keys: list[str]) -> None:
    async def scene() -> None:
        async with opened(store, paths, SMALL) as pilot:
            await pilot.press("escape", *keys)
            await until(pilot, lambda: pilot.app._exit)
            assert pilot.app.return_code == 0

    play(scene)


@asynccontextmanager
async def leaving(store: Store, paths: Paths, folder: Path) -> AsyncIterator[Pilot[None]]:
    """The application on a live run, asked to end."""
    with proposed(store, paths, folder, until=lambda event: event.seq == 5, status="running"):
        async with opened(store, paths, SMALL, RUN, folder) as pilot:
            await until(pilot, lambda: pilot.app.view is not None)
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(pilot.app.screen, LeaveModal))
            yield pilot


def test_a_live_run_asks_what_becomes_of_it_and_staying_is_the_default(
    store: Store, paths: Paths, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with leaving(store, paths, tmp_path) as pilot:
            await shows(pilot, f"nexus --run {RUN}")
            await pilot.press("enter")
            await until(pilot, lambda: not pilot.app.screen.is_modal)
            assert not pilot.app._exit
            assert commands(store) == []

    play(scene)


def test_leaving_lets_the_run_go_on_and_says_how_to_come_back(store: Store, paths: Paths, tmp_path: Path) -> None:
    async def scene() -> None:
        async with leaving(store, paths, tmp_path) as pilot:
            await pilot.press("d")
            await until(pilot, lambda: pilot.app._exit)
            assert str(pilot.app._exit_renderables[0]) == f"Run {RUN} goes on. To see it again: nexus --run {RUN}"
            assert commands(store) == []

    play(scene)


def test_leaving_can_cancel_the_run(store: Store, paths: Paths, tmp_path: Path) -> None:
    async def scene() -> None:
        async with leaving(store, paths, tmp_path) as pilot:
            await pilot.press("c")
            await until(pilot, lambda: pilot.app._exit)
            assert [command.kind for command in commands(store)] == ["cancel"]

    play(scene)


def test_a_run_that_was_started_here_counts_though_another_is_watched(store: Store, paths: Paths) -> None:
    async def scene() -> None:
        async with opened(store, paths, SMALL) as pilot:
            with subprocess.Popen(["sleep", "1000"]) as engine:
                pilot.app.follow_engine("261123-0100-aaaaaa", engine)
                pilot.app.open_run("")
                await pilot.press("ctrl+q")
                await shows(pilot, "A run is going on.", "nexus --run 261123-0100-aaaaaa")
                await pilot.press("s")
                engine.kill()
                engine.wait()
            await pilot.press("ctrl+q")
            await until(pilot, lambda: pilot.app._exit)

    play(scene)


def test_who_insists_gets_out(store: Store, paths: Paths, tmp_path: Path) -> None:
    async def scene() -> None:
        async with leaving(store, paths, tmp_path) as pilot:
            await pilot.press("ctrl+c", "ctrl+c")
            await until(pilot, lambda: pilot.app._exit)
            assert pilot.app.return_code == 130

    play(scene)


# --- help and jump ---


def test_help_lists_what_can_be_done_here_and_finds_it(store: Store, paths: Paths) -> None:
    async def scene() -> None:
        async with opened(store, paths, (120, 50)) as pilot:
            await pilot.press("f1")
            await until(pilot, lambda: isinstance(pilot.app.screen, HelpModal))
            await pilot.press(*"palette")
            await shows(pilot, "Everywhere", "ctrl+p, :", "Find any action")
            assert "Prompt" not in screen_text(pilot)
            await pilot.press(*"xyz")
            await shows(pilot, "Nothing here is called 'palettexyz'")
            await pilot.press("escape")
            await until(pilot, lambda: not pilot.app.screen.is_modal)

    play(scene)


def test_help_scrolls_to_how_keys_are_changed(store: Store, paths: Paths) -> None:
    async def scene() -> None:
        async with opened(store, paths, SMALLEST) as pilot:
            await pilot.press("f1")
            await until(pilot, lambda: isinstance(pilot.app.screen, HelpModal))
            assert "Keys of your own" not in screen_text(pilot)
            for _ in range(12):
                await pilot.press("pagedown")
            await shows(pilot, "run.zoom: Z")

    play(scene)


def test_a_letter_jumps_to_its_panel(store: Store, paths: Paths) -> None:
    async def scene() -> None:
        async with opened(store, paths, (120, 36)) as pilot:
            wanted = pilot.app.screen.focus_chain
            assert pilot.app.focused is not wanted[0]
            await pilot.press("ctrl+o")
            await until(pilot, lambda: isinstance(pilot.app.screen, JumpModal))
            await shows(pilot, " a ", " s ")
            await pilot.press("a")
            await until(pilot, lambda: pilot.app.focused is wanted[0])
            await pilot.press("ctrl+o")
            await until(pilot, lambda: isinstance(pilot.app.screen, JumpModal))
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.focused is wanted[0] and not pilot.app.screen.is_modal)

    play(scene)


# --- the smallest window, and plain characters ---

QUESTION = ev.ApprovalRequested("delivery.0", "Deliver 40 files? " * 4, "branch", 1.0, [f"f/{n}.py" for n in range(40)])
MODALS: dict[str, Callable[[], Modal[Any]]] = {
    "confirm": lambda: ConfirmModal("Take back what the run delivered? " * 3, detail="It touches 5 files. " * 6),
    "comment": lambda: CommentModal("Reject the change", "What should be different? " * 4),
    "rate": lambda: RateModal(4, "good"),
    "approval": lambda: ApprovalModal(RUN, QUESTION),
    "leave": lambda: LeaveModal([RUN, RUN]),
    "export": lambda: ExportModal(RUN, Path("/home/mia/a/long/way/to/a/project/of/hers")),
}


@asynccontextmanager
async def put(pilot: Pilot[None], modal: Modal[Any]) -> AsyncIterator[Modal[Any]]:
    """That modal in front of the application."""
    pilot.app.push_screen(modal)
    await until(pilot, lambda: pilot.app.screen is modal and pilot.app.focused is not None)
    await pilot.pause()
    yield modal
    modal.dismiss(None)
    await until(pilot, lambda: pilot.app.screen is not modal)


@pytest.mark.parametrize("size", [SMALLEST, SMALL, (120, 36)], ids=["60x16", "80x24", "120x36"])
def test_every_modal_fits_its_window_with_all_its_choices(store: Store, paths: Paths, size: tuple[int, int]) -> None:
    async def scene() -> None:
        async with opened(store, paths, size) as pilot:
            for name, make in MODALS.items():
                async with put(pilot, make()) as modal:
                    dialog = modal.query_one("#dialog")
                    assert modal.region.contains_region(dialog.region), name
                    assert dialog.max_scroll_x == 0, name
                    for button in modal.query(Button):
                        button.scroll_visible(animate=False)
                        await pilot.pause()
                        assert dialog.content_region.contains_region(button.region), (name, button.id)

    play(scene)


def test_every_modal_is_drawn_in_ascii_where_nothing_else_is_to_be_had(store: Store, paths: Paths) -> None:
    async def scene() -> None:
        async with opened(store, paths, SMALL, env={"NEXUS_ASCII": "1"}) as pilot:
            for name, make in MODALS.items():
                async with put(pilot, make()):
                    assert screen_text(pilot).isascii(), name

    play(scene)
