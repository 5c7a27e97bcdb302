"""Writing a request: lines, paste, earlier requests, file names, and what sends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.message import Message
from textual.pilot import Pilot

from app.terminal.application import NexusApp
from config.paths import Paths, user_paths
from config.settings import Settings
from core.ids import RunId
from core.run.runs import claim, create_run
from core.storage.store import Store
from evals.demo.layout import request as request_of_the_demonstration
from screens.intents import StartRun
from screens.widgets.file_completion import rank, typed_name
from screens.widgets.prompt import Prompt
from tests.support.journal import lay_down
from tests.support.screens import WIDE, opened, screen_text, shows, until

RUN = "261123-0032-70570b"


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    return user_paths({"NEXUS_HOME": str(nexus_home)})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "shop"
    for name in ("shop/cart.py", "shop/carton.py", "tests/test_cart.py", "docs/a [b] c.md"):
        place = project / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("x = 1\n")
    return project


class Asked:
    """The application on a project, and the requests that were sent."""

    def __init__(self, pilot: Pilot[None], sent: list[str]) -> None:
        self.pilot = pilot
        self.sent = sent

    @property
    def prompt(self) -> Prompt:
        return self.pilot.app.screen.query_one(Prompt)

    @property
    def text(self) -> str:
        return self.prompt.text

    async def type(self, text: str) -> None:
        await self.pilot.press(*({" ": "space", "@": "at"}.get(one, one) for one in text))

    async def paste(self, text: str) -> None:
        self.prompt.field.post_message(events.Paste(text))
        await self.pilot.pause()


@asynccontextmanager
async def asking(store: Store, paths: Paths, folder: Path, run_id: str = "") -> AsyncIterator[Asked]:
    sent: list[str] = []

    def heard(message: Message) -> None:
        if isinstance(message, StartRun):
            message.prevent_default().stop()  # no engine is started here
            sent[:] = [message.request]

    async with opened(store, paths, folder=folder, heard=heard, run_id=run_id) as pilot:
        await until(pilot, lambda: pilot.app.screen.query(Prompt) and pilot.app.focused is not None)
        yield Asked(pilot, sent)


@pytest.fixture
def ask(store: Store, paths: Paths, folder: Path) -> Callable[[Callable[[Asked], Awaitable[None]]], None]:
    """Run a story in the application."""

    def run(story: Callable[[Asked], Awaitable[None]]) -> None:
        async def told() -> None:
            async with asking(store, paths, folder) as asked:
                await story(asked)

        asyncio.run(told())

    return run


Ask = Callable[[Callable[[Asked], Awaitable[None]]], None]


def requested(store: Store, folder: Path, *requests: str) -> None:
    for number, request in enumerate(requests):
        create_run(store, RunId(f"261123-000{number}-abcdef"), folder, request, Settings(), {})


# --- sending ---


def test_enter_sends_what_was_typed_and_empties_the_field(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.type("add a flag")
        await asked.pilot.press("enter")
        await until(asked.pilot, lambda: asked.sent)
        assert asked.sent == ["add a flag"]
        assert asked.text == ""

    ask(story)


def test_what_was_sent_comes_back_with_the_up_arrow(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.type("add a flag")
        await asked.pilot.press("enter")
        await until(asked.pilot, lambda: asked.sent)
        await asked.pilot.press("up")
        assert asked.text == "add a flag"

    ask(story)


@pytest.mark.parametrize("typed", ["", "   ", "\n\n"])
def test_an_empty_request_is_not_sent(ask: Ask, typed: str) -> None:
    async def story(asked: Asked) -> None:
        await asked.paste(typed)
        await asked.pilot.press("enter")
        await shows(asked.pilot, "Type what should change first.")
        assert asked.sent == []

    ask(story)


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter"])
def test_a_new_line_is_made_without_sending(ask: Ask, key: str) -> None:
    async def story(asked: Asked) -> None:
        await asked.type("one")
        await asked.pilot.press(key)
        await asked.type("two")
        assert asked.text == "one\ntwo"
        assert asked.sent == []

    ask(story)


def test_pasted_lines_are_text_and_never_send(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.paste("one\r\ntwo\rthree\n")
        assert asked.text == "one\ntwo\nthree\n"
        assert asked.sent == []
        await asked.pilot.press("enter")
        await until(asked.pilot, lambda: asked.sent)
        assert asked.sent == ["one\ntwo\nthree"]

    ask(story)


def test_pasted_control_sequences_are_left_out(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.paste("fix \x1b[31mred\x1b[0m \x1b]52;c;ZXZpbA==\x07and \u202ereversed\x00")
        assert asked.text == "fix red and reversed"

    ask(story)


def test_a_paste_of_a_megabyte_is_cut_with_a_sentence(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.paste("x" * 1_000_000)
        await shows(asked.pilot, "The paste was cut")
        assert len(asked.text) == 100_000

    ask(story)


def test_ctrl_c_empties_the_field_and_then_belongs_to_the_application(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.type("something")
        await asked.pilot.press("ctrl+c")
        assert asked.text == ""
        assert "ctrl+c again" not in screen_text(asked.pilot)
        await asked.pilot.press("ctrl+c")
        await shows(asked.pilot, "ctrl+c again")

    ask(story)


def test_letters_that_are_keys_elsewhere_are_text_here(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.type("quick dirty 12345 zoo")
        assert asked.text == "quick dirty 12345 zoo"

    ask(story)


def test_the_footer_names_only_keys_that_work_in_the_field(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await shows(asked.pilot, "Send", "New line")
        footer = screen_text(asked.pilot).splitlines()[-1]
        assert "Demo" not in footer
        await asked.pilot.press("escape")
        await shows(asked.pilot, "d Demo")

    ask(story)


# --- the field grows ---


def test_the_field_grows_with_its_lines_up_to_eight(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        field = asked.prompt.field
        assert field.size.height == 1
        for number in range(12):
            await asked.type(str(number % 10))
            await asked.pilot.press("ctrl+j")
        assert field.size.height == 8

    ask(story)


# --- earlier requests ---


def testearlier_requests_come_back_and_the_draft_is_kept(store: Store, folder: Path, ask: Ask) -> None:
    requested(store, folder, "first thing", "second thing\nin two lines")

    async def story(asked: Asked) -> None:
        await until(asked.pilot, lambda: asked.prompt.field.earlier)
        await asked.type("a draft")
        await asked.pilot.press("up")
        assert asked.text == "second thing\nin two lines"
        await asked.pilot.press("up")  # to its first line
        assert asked.text == "second thing\nin two lines"
        await asked.pilot.press("up")
        assert asked.text == "first thing"
        await asked.pilot.press("up")
        assert asked.text == "first thing"
        await asked.pilot.press("down")
        assert asked.text == "second thing\nin two lines"
        await asked.pilot.press("down")
        assert asked.text == "a draft"

    ask(story)


def test_requests_of_another_project_are_not_offered(store: Store, folder: Path, tmp_path: Path, ask: Ask) -> None:
    requested(store, tmp_path / "elsewhere", "not from here")

    async def story(asked: Asked) -> None:
        await asked.pilot.pause()
        await asked.pilot.press("up")
        assert asked.text == ""

    ask(story)


def test_the_arrows_move_between_lines_before_they_reach_forearlier_requests(
    store: Store, folder: Path, ask: Ask
) -> None:
    requested(store, folder, "earlier")

    async def story(asked: Asked) -> None:
        await until(asked.pilot, lambda: asked.prompt.field.earlier)
        await asked.paste("one\ntwo")
        await asked.pilot.press("up")
        assert asked.text == "one\ntwo"
        await asked.pilot.press("up")
        assert asked.text == "earlier"

    ask(story)


# --- file names ---


def test_an_at_sign_offers_files_and_enter_takes_one_without_sending(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.type("look at @cart")
        await shows(asked.pilot, "shop/cart.py", "tests/test_cart.py")
        await asked.pilot.press("enter")
        assert asked.text == "look at shop/cart.py "
        assert asked.sent == []
        assert not asked.prompt.completion.is_open

    ask(story)


def test_the_arrows_choose_a_file_and_tab_takes_it(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.type("@cart")
        await shows(asked.pilot, "shop/carton.py")
        await asked.pilot.press("down", "tab")
        assert asked.text == "shop/carton.py "

    ask(story)


def test_escape_closes_the_list_and_then_leaves_the_field(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.type("@cart")
        await shows(asked.pilot, "shop/cart.py")
        await asked.pilot.press("escape")
        assert not asked.prompt.completion.is_open
        assert asked.prompt.field.has_focus
        await asked.pilot.press("escape")
        assert not asked.prompt.field.has_focus

    ask(story)


def test_names_that_look_like_markup_are_shown_and_taken_as_they_are(ask: Ask) -> None:
    async def story(asked: Asked) -> None:
        await asked.type("@docs")
        await shows(asked.pilot, "docs/a [b] c.md")
        await asked.pilot.press("tab")
        assert asked.text == "docs/a [b] c.md "

    ask(story)


def test_a_mail_address_is_no_file_name() -> None:
    assert typed_name("write to mia@example.org") is None
    assert typed_name("see @sho") == "sho"
    assert typed_name("@") == ""


def test_files_are_ranked_by_how_well_they_fit() -> None:
    files = ["src/cart.py", "src/a_cart.py", "cart/z.py", "c/a/r/t.py", "other.py"]
    assert rank(files, "cart") == ["src/cart.py", "src/a_cart.py", "cart/z.py", "c/a/r/t.py"]


@pytest.mark.parametrize("typed", ["(", "[", "\\", "*", "a" * 500])
def test_ranking_takes_any_characters(typed: str) -> None:
    assert rank(["a(b[c.py"], typed) in ([], ["a(b[c.py"])


# --- beside a run ---


def test_a_second_request_beside_a_live_run_asks_first(store: Store, paths: Paths, folder: Path) -> None:
    lay_down(store, paths, RUN, lambda event: event.seq == 20, "running", folder)

    async def story() -> None:
        async with asking(store, paths, folder, RUN) as asked:
            await shows(asked.pilot, "running", "architect")
            await asked.pilot.press("i")
            await asked.type("another thing")
            await asked.pilot.press("enter")
            await shows(asked.pilot, "Start a second one beside it?")
            await asked.pilot.press("n")
            await asked.pilot.pause()
            assert asked.sent == []
            assert asked.text == "another thing"
            await asked.pilot.press("enter")
            await shows(asked.pilot, "Start a second one beside it?")
            await asked.pilot.press("y")
            await until(asked.pilot, lambda: asked.sent)
            assert asked.sent == ["another thing"]

    lock = claim(paths, RUN)
    try:
        asyncio.run(story())
    finally:
        lock.release()


def test_the_demonstration_is_ready_to_be_sent(store: Store, paths: Paths, folder: Path) -> None:
    async def story() -> None:
        app = NexusApp(store, paths, folder, {"LANG": "C.UTF-8", "TERM": "xterm-256color"}, demo=True)
        async with app.run_test(size=WIDE) as pilot:
            await until(pilot, lambda: pilot.app.screen.query(Prompt))
            text = pilot.app.screen.query_one(Prompt).text
            assert text.split() == request_of_the_demonstration().split()
            assert "\n" not in text

    asyncio.run(story())
