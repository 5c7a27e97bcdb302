"""The sandbox pane shows a log of any size while it grows, and every row of it can be reached, found and copied."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from textual.events import MouseScrollUp
from textual.messages import Layout

from core.run.log_file import LogFile
from core.run.log_search import Needle
from screens.actions import RESERVED, actions_of
from screens.widgets.log_paint import Inks, Painter
from screens.widgets.log_rows import MOST_COPIED
from screens.widgets.log_view import LogView
from tests.support.log_window import MIXED, Host, in_loop, lines, window


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.log"


# --- following ---


@in_loop
async def test_the_newest_rows_are_in_sight_while_following(path: Path) -> None:
    async with window(path, lines(1000)) as pane:
        assert pane.seen()[-1] == "line 999"
        await pane.write(lines(500, 1000))
        assert pane.seen()[-1] == "line 1499"
        await pane.until(lambda: pane.said == "1.5k lines · FOLLOW")


@in_loop
async def test_going_up_ends_following_and_new_rows_are_counted_until_one_goes_back(path: Path) -> None:
    async with window(path, lines(100)) as pane:
        await pane.press("k")
        before = pane.seen()
        await pane.write(lines(212, 100))
        assert pane.seen() == before
        await pane.until(lambda: pane.said == "312 lines · +212 new")
        await pane.press("G")
        assert pane.seen()[-1] == "line 311"
        await pane.until(lambda: pane.said == "312 lines · FOLLOW")
        await pane.press("f")
        assert not pane.view.follow
        await pane.write(lines(1, 312))
        assert pane.seen()[-1] == "line 311"


@in_loop
async def test_the_mouse_wheel_ends_following_too(path: Path) -> None:
    async with window(path, lines(100)) as pane:
        await pane.pilot._post_mouse_events([MouseScrollUp], pane.view.rows)
        await pane.until(lambda: not pane.view.follow)


@in_loop
async def test_every_row_can_be_reached_by_paging(path: Path) -> None:
    async with window(path, lines(200)) as pane:
        await pane.press("g")
        reached = dict.fromkeys(pane.seen())
        for _ in range(30):
            await pane.press("pagedown")
            reached |= dict.fromkeys(pane.seen())
        assert list(reached) == lines(200).splitlines()
        await pane.press("ctrl+u", "pageup", "ctrl+d")
        assert 150 < pane.view.rows.place < 199
        await pane.press("home")
        assert pane.at() == "line 0"


@in_loop
async def test_a_smaller_window_keeps_the_newest_row_in_sight(path: Path) -> None:
    async with window(path, lines(100)) as pane:
        await pane.pilot.resize_terminal(60, 9)
        assert pane.seen()[-1] == "line 99"
        await pane.pilot.resize_terminal(100, 30)
        assert pane.seen()[-1] == "line 99"
        assert pane.view.follow


# --- cost ---


@in_loop
async def test_growth_out_of_sight_paints_no_row_and_lays_nothing_out(path: Path) -> None:
    async with window(path, lines(100)) as pane:
        await pane.press("g")
        drawn, layouts = pane.view.rows.drawn, sum(isinstance(each, Layout) for each in pane.messages)
        for round_ in range(20):
            await pane.write(lines(1000, 100 + round_ * 1000))
        assert pane.view.rows.row_count == 20_100
        assert pane.view.rows.drawn == drawn
        assert sum(isinstance(each, Layout) for each in pane.messages) == layouts


@in_loop
async def test_a_flood_paints_a_page_per_look_and_lays_nothing_out(path: Path) -> None:
    async with window(path, lines(100)) as pane:
        drawn, layouts = pane.view.rows.drawn, sum(isinstance(each, Layout) for each in pane.messages)
        for round_ in range(10):
            await pane.write(lines(5000, 100 + round_ * 5000))
        assert pane.seen()[-1] == "line 50099"
        assert pane.view.rows.drawn - drawn <= 12 * pane.view.rows.size.height
        assert sum(isinstance(each, Layout) for each in pane.messages) == layouts


@in_loop
async def test_a_window_where_nothing_happens_paints_nothing(path: Path) -> None:
    async with window(path, lines(100)) as pane:
        await pane.until(lambda: "FOLLOW" in pane.said)
        drawn = pane.view.rows.drawn
        await pane.pilot.pause(0.6)
        assert pane.view.rows.drawn == drawn


# --- copying ---


@in_loop
async def test_the_row_at_the_cursor_and_marked_rows_are_copied(path: Path) -> None:
    async with window(path, lines(100)) as pane:
        await pane.press("y")
        await pane.press("g", "j", "V", "j", "j", "y", "escape", "y")
        copies = [(copy.text, copy.what) for copy in pane.app.copied]
        assert copies == [
            ("line 99", "1 line"),
            ("line 1\nline 2\nline 3", "3 lines"),
            ("line 3", "1 line"),
        ]


@in_loop
async def test_a_long_line_is_copied_as_the_line_it_is(path: Path) -> None:
    line = "x0123456789" * 2000
    async with window(path, f"{line}\nafter\n") as pane:
        await pane.press("g", "V", "G", "y")
        assert pane.app.copied[0].text == f"{line}\nafter"


@in_loop
async def test_filtered_rows_are_copied_without_those_between(path: Path) -> None:
    async with window(path, MIXED) as pane:
        await pane.press("ampersand")
        await pane.type("failed")
        await pane.press("enter")
        await pane.until(lambda: pane.view.rows.row_count == 5)
        await pane.press("g", "V", "j", "y")
        assert pane.app.copied[0].text == "test_7 FAILED\ntest_47 FAILED"


@in_loop
async def test_a_copy_of_too_many_rows_says_what_it_left_out(path: Path) -> None:
    async with window(path, lines(MOST_COPIED + 5)) as pane:
        await pane.press("g", "V", "G", "y")
        assert pane.app.copied[0].text == lines(MOST_COPIED).rstrip("\n")
        assert pane.app.copied[0].what == "the first 10,000 lines of the selection"


@in_loop
async def test_what_the_mouse_selects_is_copied(path: Path) -> None:
    async with window(path, lines(3)) as pane:
        rows = pane.view.rows
        await pane.pilot.mouse_down(rows, offset=(3, 0))
        await pane.pilot.hover(rows, offset=(5, 1))
        await pane.pilot.mouse_up(rows, offset=(5, 1))
        await pane.until(lambda: rows.text_selection is not None)
        await pane.press("y")
        assert pane.app.copied[0].text == "ne 0\nline "


@in_loop
async def test_a_selection_that_begins_before_the_text_begins_with_the_text(path: Path) -> None:
    async with window(path, lines(3)) as pane:
        rows = pane.view.rows
        await pane.pilot.mouse_down(rows, offset=(0, 0))
        await pane.pilot.hover(rows, offset=(3, 0))
        await pane.pilot.mouse_up(rows, offset=(3, 0))
        await pane.until(lambda: rows.text_selection is not None)
        await pane.press("y")
        assert pane.app.copied[0].text == "lin"


# --- what may be wrong with a log ---


@in_loop
async def test_hostile_text_is_shown_as_text(path: Path) -> None:
    text = "[bold red]markup[/] [@click=app.bell]link[/]\n\x1b]52;c;aGk=\x07\x1b[2Jescape \u202eevil\n\x00\x00NUL\n"
    async with window(path, text) as pane:
        pane.view.show(pane.log, "[bold]\x1b[31mname[/]\n")
        assert pane.seen()[:3] == ["[bold red]markup[/] [@click=app.bell]link[/]", "escape evil", "NUL"]
        assert pane.view._border_title is not None
        assert pane.view._border_title.plain == "Sandbox output · [bold]\ufffd[31mname[/]"


@in_loop
async def test_a_huge_line_is_seen_sideways_and_downwards(path: Path) -> None:
    line = "".join(f"{number:06}" for number in range(10_000))
    async with window(path, line) as pane:
        await pane.press("g")
        assert pane.seen()[0].startswith("000000000001")
        assert pane.seen()[0].endswith("›")
        await pane.press("right")
        await pane.until(lambda: pane.seen()[0].startswith("0200000300"))
        await pane.until(lambda: pane.said == "30 lines · column 17")
        await pane.press("left")
        await pane.until(lambda: pane.seen()[0].startswith("000000000001"))
        await pane.press("G")
        assert pane.seen()[-1].startswith(line[-2000:][:40])


@in_loop
async def test_an_empty_pane_says_what_will_come(path: Path) -> None:
    app = Host()
    async with app.run_test(size=(90, 14)) as pilot:
        app.view.show(None)
        await pilot.pause()
        assert app.view.rows.render_line(0).text.strip().startswith("No sandbox output yet.")
        app.view.focus()
        await pilot.press("j", "k", "G", "g", "slash", "x", "enter", "n", "y", "V", "escape", "escape")
        assert app.copied == []


@in_loop
async def test_a_log_that_is_missing_is_named_and_shown_when_it_appears(path: Path) -> None:
    async with window(path) as pane:
        await pane.until(lambda: pane.seen()[0] == "a.log does not exist.")
        await pane.write("here\n")
        assert pane.seen()[0] == "here"


@in_loop
async def test_a_deleted_log_stays_readable_and_is_called_deleted(path: Path) -> None:
    async with window(path, lines(100)) as pane:
        path.unlink()
        await pane.look()
        await pane.until(lambda: pane.said == "100 lines · deleted · FOLLOW")
        await pane.press("g")
        assert pane.seen()[0] == "line 0"


@in_loop
async def test_a_log_that_starts_over_is_shown_from_its_new_start(path: Path) -> None:
    async with window(path, MIXED) as pane:
        await pane.press("ampersand")
        await pane.type("failed")
        await pane.press("enter", "g")
        await pane.write("fresh\nfresh FAILED\n", mode="w")
        await pane.until(lambda: pane.seen()[0] == "fresh FAILED")
        await pane.press("escape")
        await pane.until(lambda: pane.seen()[:2] == ["fresh", "fresh FAILED"])


@in_loop
async def test_another_log_is_shown_from_its_end_without_the_old_search(path: Path) -> None:
    other = path.with_name("b.log")
    other.write_text(lines(300))
    async with window(path, MIXED) as pane:
        await pane.press("slash", "7", "enter")
        pane.log = LogFile(other)
        pane.view.show(pane.log, "again")
        await pane.look()
        assert pane.seen()[-1] == "line 299"
        await pane.until(lambda: pane.said == "300 lines · FOLLOW")


@in_loop
async def test_in_a_small_window_the_important_words_remain(path: Path) -> None:
    async with window(path, lines(1000), size=(44, 10)) as pane:
        await pane.press("slash")
        await pane.type("line 9")
        await pane.press("enter")
        await pane.press("k")
        await pane.write(lines(300, 1000))
        await pane.until(lambda: pane.said.endswith("+300 new"))
        assert len(pane.said) <= 30


@in_loop
async def test_in_ascii_nothing_but_ascii_is_drawn(path: Path) -> None:
    path.write_text("x" * 300 + "\nFAILED\n")
    app = Host(ascii_only=True)
    log = LogFile(path)
    log.refresh()
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.show(log, "pytest")
        app.view.focus()
        await pilot.press("k", "V", "k", "right")
        assert all(app.view.rows.render_line(y).text.isascii() for y in range(app.view.rows.size.height))
        assert f"{app.view.border_title}{app.view.border_subtitle}".isascii()


@given(
    text=st.text(st.sampled_from("ab \u0301\u65e5\U0001f600\ufffd[E"), max_size=40),
    left=st.integers(0, 50),
    width=st.integers(3, 40),
    typed=st.sampled_from(("a", "!a", "[", "\u65e5")),
)
def test_a_row_fills_its_line_exactly_wherever_wide_characters_are_cut(
    text: str, left: int, width: int, typed: str
) -> None:
    painter = Painter(Console(), Style(), Inks(*(Style(bold=True) for _ in fields(Inks))))
    row = painter.row(text, Style(), Needle.parse(typed), (1, None, Style(underline=True)))
    line = painter.line(row, Style(), (left, 7), width, ">", "<")
    assert sum(cell_len(segment.text) for segment in line) == line.cell_length == width


def test_each_key_of_the_pane_is_used_once_and_may_be_used() -> None:
    keys = [key for action in actions_of("log") for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert not RESERVED & set(keys)
    for action in actions_of("log"):
        assert hasattr(LogView, f"action_{action.call.partition('(')[0]}")
