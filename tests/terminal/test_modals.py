"""Questions over the screen: safe by default, deaf while they have hardly been seen, at home in the smallest window."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Button

from config.paths import Paths
from core import events as ev
from core.storage.store import Store
from screens.modals.approval import ApprovalModal
from screens.modals.base import Modal
from screens.modals.comment import CommentModal
from screens.modals.confirm import ConfirmModal
from screens.modals.export import ExportModal
from screens.modals.help import HelpModal
from screens.modals.jump import JumpModal
from screens.modals.leave import LeaveModal
from screens.modals.rate import RateModal
from tests.support.screens import SMALL, hides, opened, screen_text, shows, until

SMALLEST = (60, 16)
RUN = "261123-0032-70570b"
HOSTILE = "Delete [bold]a[/]\x1b]52;c;cHduZWQ=\x07 file?"


@asynccontextmanager
async def asked(store: Store, paths: Paths, modal: Modal[Any]) -> AsyncIterator[tuple[Pilot[None], list[Any]]]:
    """The application with that modal in front; what it answers is put in the list."""
    answers: list[Any] = []
    async with opened(store, paths, SMALL) as pilot:
        pilot.app.push_screen(modal, answers.append)
        await until(pilot, lambda: pilot.app.screen is modal and pilot.app.focused is not None)
        yield pilot, answers


async def answers_to(store: Store, paths: Paths, modal: Modal[Any], *keys: str) -> list[Any]:
    async with asked(store, paths, modal) as (pilot, answers):
        await pilot.press(*keys)
        await pilot.pause()
        return answers


# --- yes or no ---


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["y"], True), (["n"], False), (["escape"], False), (["enter"], False), (["left", "enter"], True)],
    ids=["y", "n", "escape", "enter", "moving to yes"],
)
async def test_only_a_plain_yes_confirms(store: Store, paths: Paths, keys: list[str], answer: bool) -> None:
    assert await answers_to(store, paths, ConfirmModal("Really?"), *keys) == [answer]


async def test_keys_that_come_too_fast_answer_once(store: Store, paths: Paths) -> None:
    async with asked(store, paths, ConfirmModal("Really?")) as (pilot, answers):
        for key in "yn":
            pilot.app.post_message(Key(key, key))
        await until(pilot, lambda: not pilot.app.screen.is_modal)
        assert answers == [True]


async def test_a_question_is_shown_as_it_is_written_and_controls_nothing(store: Store, paths: Paths) -> None:
    async with asked(store, paths, ConfirmModal(HOSTILE, detail=HOSTILE)) as (pilot, _):
        await shows(pilot, "Delete [bold]a[/]")
        pilot.app.screen.query_one("#no", Button).focus()


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
async def test_a_comment_is_sent_by_enter_and_never_empty(
    store: Store, paths: Paths, keys: list[str], answer: list[str | None]
) -> None:
    assert await answers_to(store, paths, CommentModal("Reject"), *keys) == answer


async def test_a_comment_that_is_not_required_may_be_empty(store: Store, paths: Paths) -> None:
    assert await answers_to(store, paths, CommentModal("Reject", required=False), "enter") == [""]


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
async def test_a_rating_has_stars_and_perhaps_a_note(
    store: Store, paths: Paths, keys: list[str], answer: list[Any]
) -> None:
    keys = ["space" if key == " " else key for key in keys]
    assert await answers_to(store, paths, RateModal(), *keys) == answer


async def test_an_earlier_rating_is_where_a_new_one_begins(store: Store, paths: Paths) -> None:
    assert await answers_to(store, paths, RateModal(2, "slow"), "enter", "enter") == [(2, "slow")]


# --- help and jump ---


async def test_help_lists_what_can_be_done_here_and_finds_it(store: Store, paths: Paths) -> None:
    async with opened(store, paths, (120, 50)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpModal))
        await pilot.press(*"palette")
        await shows(pilot, "Everywhere", "ctrl+p, :", "Find any action")
        await hides(pilot, "Prompt")
        await pilot.press(*"xyz")
        await shows(pilot, "Nothing here is called 'palettexyz'")
        await pilot.press("escape")
        await until(pilot, lambda: not pilot.app.screen.is_modal)


async def test_help_scrolls_to_how_keys_are_changed(store: Store, paths: Paths) -> None:
    async with opened(store, paths, SMALLEST) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpModal))
        await hides(pilot, "Keys of your own")
        for _ in range(12):
            await pilot.press("pagedown")
        await shows(pilot, "run.zoom: Z")


async def test_a_letter_jumps_to_its_panel(store: Store, paths: Paths) -> None:
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
async def test_every_modal_fits_its_window_with_all_its_choices(
    store: Store, paths: Paths, size: tuple[int, int]
) -> None:
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


async def test_every_modal_is_drawn_in_ascii_where_nothing_else_is_to_be_had(store: Store, paths: Paths) -> None:
    async with opened(store, paths, SMALL, env={"NEXUS_ASCII": "1"}) as pilot:
        for name, make in MODALS.items():
            async with put(pilot, make()):
                assert screen_text(pilot).isascii(), name
