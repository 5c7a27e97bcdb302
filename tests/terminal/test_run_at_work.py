"""What the panels show while a run works: phases, answers, tests, output, guardrails and money."""

from __future__ import annotations

import asyncio

from textual.widgets import Markdown

from config.paths import Paths
from core import events as ev
from core.storage.store import Store
from screens.intents import ChooseLog, ViewText
from screens.widgets.agent_panel import AgentPanel
from screens.widgets.answer_block import AnswerBlock, as_document, newest_part
from tests.support.journal import lay_down
from tests.support.run_screen import RUN, Driven, begin, phase_begun, watching
from tests.support.screens import until

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


# --- where it runs, and hostile text ---


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
