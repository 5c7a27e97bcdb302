"""The run screen: what it shows of a run at every width, what it offers when, and what its keys lead to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Markdown

from config.paths import Paths, user_paths
from config.settings import Settings
from core import events as ev
from core.delivery import records
from core.delivery.model import Record
from core.events import Body, Event
from core.ids import RunId
from core.run.runs import claim, create_run, finish_run, set_status
from core.storage.event_log import EventLog
from core.storage.store import Store
from screens.intents import ChooseLog, ContinueRun, CopyText, OpenRun, StartDemo, SteerRun, UndoRun, ViewText
from screens.news import RunMoved
from screens.ports import News
from screens.widgets.agent_panel import AgentPanel
from screens.widgets.answer_block import AnswerBlock, as_document, newest_part
from screens.widgets.live_text import LiveText
from screens.widgets.prompt import Prompt
from tests.support.journal import PROJECT, lay_down
from tests.support.screens import SMALL, WIDE, opened, screen_text, shows, until

RUN = "261123-0032-70570b"
SMALLEST = (60, 16)
SIZES = [WIDE, SMALL, SMALLEST]
INTENTS = (SteerRun, ContinueRun, UndoRun, StartDemo, OpenRun, ViewText, CopyText, ChooseLog)
HOSTILE = "\x1b[31mred\x1b[0m\x1b]52;c;ZXZpbA==\x07 \u202egnp.exe\u202c [bold]loud[/bold] [@click=app.exit]\x00"


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    return user_paths({"NEXUS_HOME": str(nexus_home)})


@dataclass
class Watched:
    """The application watching a run, and what its keys asked for."""

    pilot: Pilot[None]
    asked: list[Message] = field(default_factory=list)

    @property
    def text(self) -> str:
        return screen_text(self.pilot)

    @property
    def footer(self) -> str:
        return self.text.splitlines()[-1]

    @property
    def header(self) -> str:
        return self.text.splitlines()[0]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def shows(self, *words: str) -> None:
        await shows(self.pilot, *words)

    async def shows_not(self, word: str) -> None:
        await until(self.pilot, lambda: word not in self.text)

    async def heard(self, kind: type[Message]) -> Any:
        """The intent of that kind; it went no further."""
        await until(self.pilot, lambda: any(isinstance(one, kind) for one in self.asked))
        return next(one for one in self.asked if isinstance(one, kind))


@asynccontextmanager
async def watching(
    store: Store, paths: Paths, run_id: str = RUN, size: tuple[int, int] = WIDE, carry_out: bool = False
) -> AsyncIterator[Watched]:
    asked: list[Message] = []

    def heard(message: Message) -> None:
        if isinstance(message, INTENTS) and message not in asked:
            asked.append(message)
            if not carry_out:
                message.prevent_default().stop()

    async with opened(store, paths, size, run_id, heard=heard) as pilot:
        yield Watched(pilot, asked)


def phase_begun(phase: str, attempt: int = 0) -> Callable[[Event], bool]:
    def begun(event: Event) -> bool:
        body = event.body
        return isinstance(body, ev.PhaseStarted) and (body.phase, body.attempt) == (phase, attempt)

    return begun


class Driven:
    """A run that somebody drives: its lock is held, and events can be added."""

    def __init__(self, store: Store, paths: Paths, run_id: str = RUN) -> None:
        self.store = store
        self.run_id = RunId(run_id)
        self._lock = claim(paths, run_id)
        self._log = EventLog(store, self.run_id)

    def __enter__(self) -> Driven:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def emit(self, *bodies: Body) -> None:
        for body in bodies:
            self._log.emit(body)
        self.store.write(lambda db: None)  # when this is done, so are the events before it

    def status(self, status: str) -> None:
        set_status(self.store, self.run_id, status)

    def finish(self, body: ev.RunFinished) -> None:
        self.emit(body)
        finish_run(self.store, self.run_id, body)


def begin(store: Store, paths: Paths, request: str = "do it", **options: Any) -> Driven:
    """A run that has only begun."""
    create_run(store, RunId(RUN), PROJECT, request, Settings(), {})
    driven = Driven(store, paths)
    driven.status("running")
    driven.emit(ev.RunStarted(request, str(PROJECT), "openai", "bubblewrap", 500_000, "1", **options))
    return driven


# --- a whole run ---


async def test_a_wide_window_shows_every_panel_of_a_run(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("[1] Phases", "[2] Guardrails", "[3] Cost", "[4] Agent", "[5] Tests")
        await watched.shows("8 of 8 phases", "3 of 3 left", "RETRY", "Recorded answers cost nothing", "30 passed")
        for phase in ("analyst", "architect", "implementer", "tester", "verify", "reviewer", "integrator"):
            assert any(f"✓ {phase}" in line and "done" in line for line in watched.text.splitlines())
        await watched.shows("✓ verified", "Verified and delivered to commit", "1 retry", "report")


@pytest.mark.parametrize("size", [SMALL, SMALLEST])
async def test_a_narrow_window_shows_one_panel_and_the_names_of_all(
    store: Store, paths: Paths, size: tuple[int, int]
) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=size) as watched:
        await watched.shows("1 Phases  2 Guardrails  3 Cost [4 Agent] 5 Sandbox", "deliver")
        for key, tab, words in (
            ("1", "[1 Phases]", "✓ analyst"),
            ("2", "[2 Guardrails]", "of 3 left"),
            ("3", "[3 Cost]", "$0.00 spent"),
            ("5", "[5 Sandbox]", "✓ passed"),
        ):
            await watched.press(key)
            await watched.shows(tab, words)
        await watched.shows_not("✓ analyst")
        await watched.shows("verified")


@pytest.mark.parametrize("size", SIZES)
async def test_every_line_of_the_screen_fits_the_window(store: Store, paths: Paths, size: tuple[int, int]) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=size) as watched:
        await watched.shows("verified", "Agent", "Help")
        lines = watched.text.splitlines()
        assert len(lines) == size[1]
        assert lines[0].strip().startswith(("nexus", RUN))
        assert "Help" in lines[-1]


async def test_zoom_gives_a_panel_the_whole_window_and_gives_it_back(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("[1] Phases")
        await watched.press("3", "z")
        await watched.shows_not("[1] Phases")
        await watched.shows("[3] Cost", "replay/worklog", "month")
        await watched.shows_not("Say what should change")
        await watched.press("z")
        await watched.shows("[1] Phases", "Say what should change")
        await watched.press("z")
        await watched.shows_not("[1] Phases")
        await watched.press("escape")
        await watched.shows("[1] Phases")


async def test_tab_walks_through_all_panels_to_the_request_and_round(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=SMALL) as watched:
        await watched.shows("[4 Agent]")
        await watched.press("tab")
        await watched.shows("[5 Sandbox]")
        await watched.press("tab")
        assert watched.pilot.app.screen.query_one(Prompt).field.has_focus
        await watched.press("tab")
        await watched.shows("[1 Phases]")
        await watched.press("shift+tab", "shift+tab")
        await watched.shows("[5 Sandbox]")


async def test_a_click_on_a_tab_shows_its_panel(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=SMALL) as watched:
        await watched.shows("[4 Agent]")
        await watched.pilot.click("#tabs", offset=(4, 0))
        await watched.shows("[1 Phases]", "✓ analyst")


async def test_the_panel_with_the_keys_is_marked_with_more_than_a_colour(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("● [4] Agent")
        await watched.press("1")
        await watched.shows("● [1] Phases")
        await watched.shows_not("● [4]")


# --- while it works ---


async def test_a_retry_is_counted_against_its_limit(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, phase_begun("implementer", 1))

    with Driven(store, paths):
        async with watching(store, paths) as watched:
            await watched.shows("▶ implementer", "retry 1/3", "▶ running", "failed")
            assert "Pause" in watched.footer
            assert "Cancel" in watched.footer
            assert "Undo" not in watched.footer
            assert "Rate" not in watched.footer


async def test_phases_that_are_left_out_say_so(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)
    driven.emit(ev.PhaseFinished("architect", 0, "skipped", "the request is trivial"))

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("– architect", "skipped", "1 of 8 phases")


async def test_the_time_of_a_live_run_goes_on_and_stands_still_in_a_finished_one(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("running", "of $10.00")
            first = watched.header
            await until(watched.pilot, lambda: watched.header != first)
            driven.finish(ev.RunFinished("not_verified", "It did not work.", 1, duration_ms=7_000))
            await watched.shows("not verified", "7.0 s")
            last = watched.header
            await asyncio.sleep(1.2)
            assert watched.header == last


async def test_an_answer_is_shown_while_it_is_written(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)
    place = paths.run_dir(RUN) / "model" / "analyst-0.md"
    place.parent.mkdir(parents=True)

    def write(text: str) -> None:
        with place.open("a") as file:
            file.write(text)
        driven.emit(ev.ModelProgress("analyst", "analyst/0", "analyst-0.md", place.stat().st_size))

    with driven:
        async with watching(store, paths) as watched:
            driven.emit(ev.PhaseStarted("analyst"), ev.ModelCalled("analyst", "analyst/0", "gpt-9", 1000))
            await watched.shows("▶ analyst", "gpt-9", "waiting for the answer")
            write("First the **plan**.\n\n- one\n")
            await watched.shows("First the plan.", "one")
            write("- two\n\nand an end")
            await watched.shows("two", "and an end")
            driven.emit(
                ev.ModelAnswered("analyst", "analyst/0", "gpt-9", 1200, 34, 0, 4_500, True, 2_000, 1, "analyst-0.md")
            )
            await watched.shows("✓ analyst", "1,200 + 34 tokens, ~$0.0045, 2.0 s")
            await watched.shows("~$0.0045 spent, estimated")
            await watched.shows("First the plan.")


async def test_scrolling_up_stays_there_and_says_how_much_is_new(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)
    driven.emit(*(ev.Notice(f"notice {number}") for number in range(60)))

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("notice 59")
            await watched.press("g")
            await watched.shows("notice 0")
            driven.emit(ev.Notice("something new"))
            await watched.shows("+1 new")
            await watched.shows("notice 0")
            await watched.shows_not("something new")
            await watched.press("G")
            await watched.shows("something new")
            await watched.shows_not("+1 new")
            driven.emit(ev.Notice("and newer"))
            await watched.shows("and newer")


async def test_only_the_newest_answers_are_laid_out_in_full(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("integrator")
        await until(watched.pilot, lambda: len(watched.pilot.app.screen.query(AnswerBlock)) == 8)
        blocks = list(watched.pilot.app.screen.query(AnswerBlock))
        assert [block.folded for block in blocks] == [True] * 5 + [False] * 3
        assert len(watched.pilot.app.screen.query(Markdown)) == 3


async def test_of_a_very_long_answer_the_end_is_shown_and_all_of_it_is_opened(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)
    place = paths.run_dir(RUN) / "model" / "analyst-0.md"
    place.parent.mkdir(parents=True)
    text = "begins\n```python\n" + "".join(f"value_{number} = {number}\n" for number in range(3_000)) + "```\n"
    place.write_text(text)
    driven.emit(
        ev.ModelCalled("analyst", "analyst/0", "gpt-9", 1000),
        ev.ModelAnswered("analyst", "analyst/0", "gpt-9", 1, 1, 0, 0, False, 1, 1, "analyst-0.md"),
    )

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("value_2999 = 2999")
            await watched.press("g")
            await watched.shows("earlier characters; enter opens all of it")
            await watched.shows_not("value_2500 = 2500")
            await watched.press("enter")
            assert (await watched.heard(ViewText)).text == text


def test_a_part_of_an_answer_begins_at_a_line_and_keeps_its_code_block() -> None:
    text = "words\n```python\n" + "x = 1\n" * 100 + "```\nmore words\n"
    start = newest_part(text, 200)
    assert text[start - 1] == "\n"
    assert as_document(text, start).startswith("```python\nx = 1\n")
    assert len(text) - start <= 100
    assert newest_part(text, 10_000) == 0
    assert newest_part("x" * 500, 200) == 400
    assert as_document("```\na\n```\nb", 10) == "b"


async def test_panels_that_are_not_seen_are_not_drawn(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=SMALL) as watched:
        await watched.shows("[4 Agent]", "verified")
        cost = watched.pilot.app.screen.query_one("#cost LiveText", LiveText)
        assert not str(cost.content)
        await watched.press("3")
        await watched.shows("$0.00 spent")
        assert str(cost.content)


async def test_a_finished_run_costs_nothing_to_look_at(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)
    messages: list[Message] = []

    async with opened(store, paths, WIDE, RUN, heard=messages.append) as pilot:
        await shows(pilot, "verified", "30 passed", "integrator")
        await pilot.pause()
        await asyncio.sleep(1.0)
        messages.clear()
        await asyncio.sleep(1.5)
        assert not messages


# --- tests and output ---


async def test_failures_come_first_with_what_they_said(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, lambda event: isinstance(event.body, ev.SandboxFinished) and event.body.failed > 0)

    with Driven(store, paths):
        async with watching(store, paths) as watched:
            await watched.shows("3 failed", "27 passed")
            rows = [line for line in watched.text.splitlines() if "✗ failed" in line or "✓ passed" in line]
            assert all("✗ failed" in line for line in rows[:3])
            await watched.shows("DID NOT RAISE")
            await watched.press("5", "enter")
            await watched.shows("test_anything_else_is_refused_by_name", "Close", "Copy")
            await watched.press("escape")
            await watched.shows_not("Close q")


async def test_thousands_of_tests_are_all_in_reach(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)
    driven.emit(ev.SandboxStarted("verify", 0, "bubblewrap", "pytest"))
    driven.emit(*(ev.TestFinished(f"tests/test_a.py::test_{number}", "passed") for number in range(6_000)))
    driven.emit(ev.TestFinished("tests/test_z.py::test_broken", "failed", 3, "E   assert 1 == 2"))

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("6,000 passed", "1 failed", "assert 1 == 2")
            await watched.press("5", "G")
            await watched.shows("test_5999")
            await watched.press("g")
            await watched.shows("test_broken")


async def test_tests_and_output_take_turns_where_there_is_no_room_for_both(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("[5] Tests")
        await watched.press("5", "t")
        await watched.shows("[5] Output", "verify-1.log")
        await watched.shows_not("[5] Tests")
        await watched.press("z")
        await watched.shows("[5] Tests", "[5] Output")


async def test_an_earlier_output_can_be_chosen_and_the_newest_is_found_again(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, carry_out=True) as watched:
        await watched.shows("30 passed")
        await watched.press("5", "left_square_bracket")
        await watched.shows("verify-0.log", "2 of 3")
        await watched.press("right_square_bracket")
        await watched.shows("verify-1.log", "3 of 3")
        assert [one.name for one in watched.asked if isinstance(one, ChooseLog)] == ["sandbox/verify-0.log", ""]


# --- guardrails and cost ---


async def test_what_is_left_before_each_limit_is_a_figure_and_a_bar(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, lambda event: isinstance(event.body, ev.GuardrailDecided) and bool(event.body.rule))

    with Driven(store, paths):
        async with watching(store, paths) as watched:
            await watched.shows("2 of 3 left", "4 of 5 left", "$0.50 left", "min left", "━")
            await watched.shows("! RETRY max_phase_retries", "2 of 3 retries left")


async def test_money_is_shown_by_budget_model_phase_and_call(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)
    for number, cost in enumerate((10_000, 40_000, 20_000)):
        step = f"implementer.{number}/0"
        driven.emit(
            ev.ModelCalled("implementer", step, "gpt-9", 50_000),
            ev.ModelAnswered("implementer", step, "gpt-9", 1_000, 100, 0, cost, False, 10, 1),
        )
    driven.emit(ev.ModelCalled("tester", "tester.0/0", "gpt-9-mini", 30_000))

    with driven:
        async with watching(store, paths) as watched:
            await watched.press("3", "z")
            await watched.shows("$0.07 spent", "$0.03 held", "per call", "3,000 in, 300 out")
            await watched.shows("gpt-9", "3 x  $0.07", "implementer")
            await watched.shows("task", "run", "day", "month", "of $0.50", "of $10.00", "of $100.00")
            assert "▃█▅" in watched.text.replace(" ", "")


# --- what can be done ---


async def test_space_pauses_a_run_and_lets_it_go_on(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("running")
            await watched.press("space")
            assert (await watched.heard(SteerRun)).what == "pause"
            watched.asked.clear()
            driven.emit(ev.RunPaused())
            driven.status("paused")
            await watched.shows("‖ paused", "space goes on · c cancels")
            await watched.press("space")
            assert (await watched.heard(SteerRun)).what == "resume"


async def test_cancelling_asks_and_no_is_the_default(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("running")
            await watched.press("c")
            await watched.shows("Cancel this run?")
            await watched.press("enter")
            await watched.shows_not("Cancel this run?")
            assert not watched.asked
            await watched.press("c")
            await watched.shows("Cancel this run?")
            await watched.press("y")
            assert (await watched.heard(SteerRun)).what == "cancel"


async def test_a_killed_engine_is_shown_as_interrupted_and_r_resumes(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, phase_begun("tester"))  # nobody holds its lock

    async with watching(store, paths) as watched:
        await watched.shows("! interrupted", "r resumes", "cut off")
        assert "Pause" not in watched.footer
        await watched.press("r")
        assert (await watched.heard(ContinueRun)).run_id == RUN


async def test_a_run_that_failed_says_why_and_what_helps(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)
    driven.finish(ev.RunFinished("not_verified", "3 of 9 tests fail.", 1, remedy="Try a stronger model with -m."))

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("✗ not verified", "3 of 9 tests fail.", "Try a stronger model with -m.")
            assert "Undo" not in watched.footer


async def test_a_delivered_run_can_be_undone_after_a_question(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)
    records.save(
        store,
        Record(RUN, PROJECT, paths.run_dir(RUN) / "delivery", "APPLIED", "Accept durations", commit="a6efbe2f6962"),
    )

    async with watching(store, paths) as watched:
        await watched.shows("verified", "u Undo")
        await watched.press("u")
        await watched.shows("Take back what this run delivered?")
        await watched.press("y")
        assert (await watched.heard(UndoRun)).run_id == RUN


async def test_an_engine_that_did_not_start_leaves_its_last_words(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("running", "of $10.00")
            view = watched.pilot.app.view  # type: ignore[attr-defined]
            row = replace(view.row, status="queued")
            trouble = "The sandbox cannot be used: no docker, no bubblewrap."
            watched.pilot.app.screen.post_message(RunMoved(replace(view, row=row, trouble=trouble), News()))
            await watched.shows("not started", trouble, "r tries again")
            assert "Resume" in watched.footer


async def test_a_question_stays_in_sight_after_its_window_was_closed(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN, lambda event: isinstance(event.body, ev.ApprovalRequested), "waiting")

    with Driven(store, paths):
        async with watching(store, paths) as watched:
            await watched.shows("? waiting for you", "Deliver 5 changed files")
            await until(watched.pilot, lambda: len(watched.pilot.app.screen_stack) > 1)
            await asyncio.sleep(0.4)  # a window that pops up by itself is deaf at first
            await watched.press("escape")
            await until(watched.pilot, lambda: len(watched.pilot.app.screen_stack) == 1)
            await watched.shows("? waiting for you", "v shows the change", "v Review")


async def test_y_copies_what_the_panel_shows(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("8 of 8 phases")
        await watched.press("1", "y")
        copied = await watched.heard(CopyText)
        assert "implementer" in copied.text
        assert copied.what == "phases"


async def test_closing_a_run_goes_back_to_the_start(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, carry_out=True) as watched:
        await watched.shows("verified")
        await watched.press("w")
        await watched.shows("Say what should change", "Try one of these")
        await watched.shows_not("[1] Phases")


# --- before there is a run ---


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


# --- where it runs, and hostile text ---


async def test_over_ssh_the_header_names_the_host(store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 5000 10.0.0.2 22")
    monkeypatch.setattr("socket.gethostname", lambda: "dev01")
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("on dev01")


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_in_every_field_is_only_text(store: Store, paths: Paths, size: tuple[int, int]) -> None:
    driven = begin(store, paths, HOSTILE)
    place = paths.run_dir(RUN) / "model" / "x.md"
    place.parent.mkdir(parents=True)
    place.write_text(f"# {HOSTILE}\n\n[link](javascript:alert)\n\n```{HOSTILE}\n{HOSTILE}\n```\n")
    log = paths.run_dir(RUN) / "sandbox" / "verify-0.log"
    log.parent.mkdir(parents=True)
    log.write_text(HOSTILE)
    driven.emit(
        ev.PhaseStarted("implementer"),
        ev.ModelCalled("implementer", "implementer.0/0", HOSTILE, 10),
        ev.ModelAnswered("implementer", "implementer.0/0", HOSTILE, 1, 1, 0, 1, True, 1, 1, "x.md"),
        ev.ModelRetried("implementer", "implementer.0/0", HOSTILE, HOSTILE, 10, HOSTILE),
        ev.AnswerRejected("implementer", "implementer.0/0", [HOSTILE]),
        ev.ContextServed("implementer", 1, [HOSTILE], [HOSTILE]),
        ev.EditsApplied("implementer", 0, [HOSTILE], [HOSTILE]),
        ev.PhaseFinished("implementer", 0, "failed", HOSTILE),
        ev.SandboxStarted("verify", 0, HOSTILE, HOSTILE, "sandbox/verify-0.log"),
        ev.TestFinished(HOSTILE, "failed", 1, f"E {HOSTILE}"),
        ev.TestFinished("odd", HOSTILE, 1, HOSTILE),
        ev.SandboxFinished("verify", 0, HOSTILE, HOSTILE, 0, 1, 10),
        ev.FindingsReported(HOSTILE, 0, [{"severity": HOSTILE, "path": HOSTILE, "message": HOSTILE}]),
        ev.GuardrailDecided("RETRY", HOSTILE, HOSTILE),
        ev.Notice(HOSTILE, "warning"),
        ev.BudgetAlert(HOSTILE, 50, 1, 2),
        ev.DeliveryChanged(HOSTILE, [HOSTILE], HOSTILE, HOSTILE, HOSTILE),
    )
    driven.finish(ev.RunFinished("not_verified", HOSTILE, 1, report=HOSTILE, remedy=HOSTILE, files=[HOSTILE]))

    with driven:
        async with watching(store, paths, size=size) as watched:
            await watched.shows("not verified")
            for key in "12345":
                await watched.press(key)
                await asyncio.sleep(0.1)
                await watched.shows("not verified", *(["[bold]loud[/bold]"] if size == WIDE else []))
                for bad in ("\x1b", "\x07", "\x00", "\u202e"):
                    assert bad not in watched.text
            await watched.press("t", "enter", "escape")
            await watched.shows("not verified")


async def test_the_agent_panel_keeps_a_bounded_number_of_entries(store: Store, paths: Paths) -> None:
    driven = begin(store, paths)
    for number in range(100):
        step = f"implementer.{number}/0"
        driven.emit(
            ev.ModelCalled("implementer", step, "gpt-9", 10),
            ev.ModelAnswered("implementer", step, "gpt-9", 1, 1, 0, 0, False, 1, 1),
            ev.Notice(f"after {number}"),
        )

    with driven:
        async with watching(store, paths) as watched:
            await watched.shows("after 99")
            assert len(watched.pilot.app.screen.query_one(AgentPanel).children) <= 61
