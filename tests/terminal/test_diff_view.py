"""The diff on screen: unified and side by side, walked through by hunks, safe to look at, cheap however long it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from core.files.line_diff import compare, split_lines
from core.files.tree import PLAIN
from core.run.proposal import FileProposal, Version
from screens.widgets.diff_rows import rows_of
from screens.widgets.diff_text import LONGEST_LINE, MOST_HIGHLIGHTED
from screens.widgets.diff_view import DiffView
from tests.support.screens import SMALL, WIDE, screen_text, shows, until


def version(text: str | None) -> Version | None:
    return None if text is None else Version(len(text), PLAIN, split_lines(text))


def changed(before: str | None, after: str | None, path: str = "a.py") -> FileProposal:
    old, new = version(before), version(after)
    return FileProposal(path, old, new, compare(old.lines if old else (), new.lines if new else ()))


class Viewer(App[None]):
    """A diff and nothing else."""

    CSS = "DiffView { height: 1fr; border: round $border; }"

    def __init__(self, file: FileProposal, split: bool = False, ascii_only: bool = False) -> None:
        super().__init__()
        self.diff = DiffView(ascii_only=ascii_only)
        self.file = file
        self.diff.split = split
        self.ended: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.diff

    def on_mount(self) -> None:
        self.diff.show(self.file)
        self.diff.focus()

    def on_diff_view_end_reached(self, message: DiffView.EndReached) -> None:
        self.ended.append(message.step)


@asynccontextmanager
async def viewing(
    file: FileProposal, size: tuple[int, int] = WIDE, split: bool = False, ascii_only: bool = False
) -> AsyncIterator[tuple[Viewer, Pilot[None]]]:
    app = Viewer(file, split, ascii_only)
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        yield app, pilot


def rows(pilot: Pilot[None]) -> list[str]:
    """The rows inside the border, without what is blank at their ends."""
    return [line.strip("│").rstrip(" │") for line in screen_text(pilot).splitlines()[1:-1]]


NUMBERED = "".join(f"line {number}\n" for number in range(1, 41))


def test_a_unified_diff_has_numbers_of_both_sides_and_a_sign_for_every_change() -> None:
    async def work() -> None:
        async with viewing(changed("a\nb\nc\n", "a\nB\nc\nd\n")) as (_, pilot):
            assert rows(pilot)[:6] == [
                "> @@ -1,3 +1,4 @@",
                " 1  1    a",
                " 2     - b",
                "    2  + B",
                " 3  3    c",
                "    4  + d",
            ]
            title, foot = screen_text(pilot).splitlines()[0], screen_text(pilot).splitlines()[-1]
            assert "a.py  +2 -1" in title
            assert "hunk 1/1  unified" in foot

    asyncio.run(work())


def test_side_by_side_stands_old_beside_new() -> None:
    async def work() -> None:
        async with viewing(changed("a\nb\nc\n", "a\nB\nB2\nc\n"), split=True) as (_, pilot):
            cells = [[cell.strip() for cell in row.split("│")] for row in rows(pilot)[1:5]]
            assert cells == [["1    a", "1    a"], ["2  - b", "2  + B"], ["", "3  + B2"], ["3    c", "4    c"]]
            assert "side by side" in screen_text(pilot).splitlines()[-1]

    asyncio.run(work())


def test_side_by_side_gives_way_where_it_does_not_fit_says_so_and_comes_back() -> None:
    async def work() -> None:
        async with viewing(changed("a\nb\n", "a\nc\n"), SMALL, split=True) as (app, pilot):
            assert not app.diff.is_split
            await shows(pilot, "side by side needs 100 columns, here are 77")
            assert "    2  + c" in rows(pilot)
            await pilot.resize_terminal(*WIDE)
            await until(pilot, lambda: app.diff.is_split)
            assert any(" 2  - b" in row and "2  + c" in row for row in rows(pilot))

    asyncio.run(work())


def test_a_new_file_is_never_shown_beside_an_empty_half() -> None:
    async def work() -> None:
        async with viewing(changed(None, "a\n"), split=True) as (_, pilot):
            assert rows(pilot)[:2] == ["> @@ -0,0 +1,1 @@", "    1  + a"]
            assert "a.py  +1 " in screen_text(pilot).splitlines()[0]
            assert "new file" in screen_text(pilot).splitlines()[-1]

    asyncio.run(work())


def test_hunks_are_walked_through_and_the_ends_are_announced() -> None:
    after = NUMBERED.replace("line 5\n", "FIVE\n").replace("line 35\n", "THIRTY-FIVE\n")

    async def work() -> None:
        async with viewing(changed(NUMBERED, after), (80, 12)) as (app, pilot):
            app.diff.step(1)
            await pilot.pause()
            assert (app.diff.hunk, app.ended) == (1, [])
            assert any(row.startswith("> @@ -32,7 +32,7 @@") for row in rows(pilot))
            await shows(pilot, "hunk 2/2")
            assert "-line 35\n+THIRTY-FIVE\n" in app.diff.hunk_text
            app.diff.step(1)
            await pilot.pause()
            assert (app.diff.hunk, app.ended) == (1, [1])
            app.diff.step(-1)
            app.diff.step(-1)
            await pilot.pause()
            assert (app.diff.hunk, app.ended) == (0, [1, -1])

    asyncio.run(work())


def test_the_place_is_kept_when_the_layout_changes() -> None:
    after = "".join(f"LINE {number}\n" if number % 10 == 0 else f"line {number}\n" for number in range(1, 401))
    before = after.replace("LINE", "line")

    async def work() -> None:
        async with viewing(changed(before, after)) as (app, pilot):
            for _ in range(20):
                app.diff.step(1)
            app.diff.split = True
            await pilot.pause()
            assert app.diff.is_split
            assert app.diff.hunk == 20
            assert any("LINE 210" in row for row in rows(pilot))

    asyncio.run(work())


HOSTILE = "print('\x1b]52;c;ZXZpbA==\x07')\x9b2J\n# \u202e}\u2066 admin\u200b\n\r\udce9[red]x[/red]\n"


@pytest.mark.parametrize("ascii_only", [False, True])
def test_hostile_contents_are_made_visible_and_reach_no_terminal(ascii_only: bool) -> None:
    async def work() -> None:
        async with viewing(changed(None, HOSTILE, "\x1b[2Jevil.py"), ascii_only=ascii_only) as (_, pilot):
            text = screen_text(pilot)
            assert "[red]x[/red]" in text
            if ascii_only:
                assert "print('?]52;c;ZXZpbA==?')?2J" in text
                assert "?[2Jevil.py" in text
            else:
                assert "print('␛]52;c;ZXZpbA==␇')\N{REPLACEMENT CHARACTER}2J" in text
                assert "␛[2Jevil.py" in text
            assert not set(text) & set("\x1b\x07\x9b\r\u202e\u2066\u200b\udce9")
            text.encode("utf-8")

    asyncio.run(work())


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (FileProposal("x", Version(10, PLAIN, hidden="binary"), Version(2000, PLAIN, hidden="binary")),
         "A binary file: 10 B before, 2.0 kB after."),
        (FileProposal("x", None, Version(9_000_000, PLAIN, hidden="too large")), "Too large to show: 9.0 MB."),
        (FileProposal("x", None, Version(0, PLAIN)), "An empty file is added."),
        (FileProposal("x", version("a\n"), Version(2, 0o100755, ("a\n",)), compare(("a\n",), ("a\n",))),
         "Becomes executable."),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_as_lines_is_said(file: FileProposal, words: str) -> None:
    async def work() -> None:
        async with viewing(file) as (_, pilot):
            await shows(pilot, words)

    asyncio.run(work())


def test_a_missing_newline_tabs_and_changed_line_ends_are_seen() -> None:
    async def work() -> None:
        async with viewing(changed("a\n\tb\n", "a\r\n\tb")) as (_, pilot):
            text = screen_text(pilot)
            assert "+ a␍" in text
            assert "+     b  no newline at the end" in text
            assert "Line ends: LF become CRLF." in text

    asyncio.run(work())


def test_long_lines_say_where_they_go_on_and_can_be_moved_sideways() -> None:
    line = "".join(f"{number:04}-" for number in range(1, 2001))

    async def work() -> None:
        async with viewing(changed(None, line + "\n"), SMALL) as (app, pilot):
            assert rows(pilot)[1].endswith(">")
            app.diff.action_sideways(1)
            await pilot.pause()
            assert " + <" in rows(pilot)[1]
            app.diff.scroll_to(x=app.diff.max_scroll_x, animate=False)
            await pilot.pause()
            assert rows(pilot)[1].endswith(f"{len(line) - LONGEST_LINE:,} more characters")

    asyncio.run(work())


def style_of(pilot: Pilot[None], words: str) -> Any:
    """How `words` is drawn, the first time it stands on the screen as one segment."""
    for strip in pilot.app.screen._compositor.render_strips(pilot.app.size):
        for segment in strip:
            if segment.text == words:
                return segment.style
    raise AssertionError(f"{words!r} is no segment of:\n{screen_text(pilot)}")


def test_syntax_is_coloured_and_words_that_changed_stand_out() -> None:
    async def work() -> None:
        file = changed("def total(a):\n    return a\n", "def total(a, b):\n    return a\n")
        async with viewing(file) as (_, pilot):
            keyword, plain, word = style_of(pilot, "return"), style_of(pilot, " a"), style_of(pilot, ", b")
            assert keyword.color != plain.color
            assert word.bold
            assert word.bgcolor != style_of(pilot, "(a").bgcolor

    asyncio.run(work())


def test_a_file_is_coloured_once_however_often_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from screens.widgets import diff_view

    studied: list[str] = []

    def counting(file: FileProposal) -> Any:
        studied.append(file.path)
        return study(file)

    study = diff_view.study
    monkeypatch.setattr(diff_view, "study", counting)
    one, two = changed("a\n", "b\n", "one.py"), changed("a\n", "b\n", "two.py")

    async def work() -> None:
        async with viewing(one) as (app, _):
            for file in (two, one, two, one):
                app.diff.show(file)
                await app.workers.wait_for_complete()
        assert studied == ["one.py", "two.py"]

    asyncio.run(work())


def test_very_long_files_stay_in_one_colour() -> None:
    body = "return 1\n" * (MOST_HIGHLIGHTED // 9 + 1)

    async def work() -> None:
        async with viewing(changed(body, body + "return 2\n")) as (_, pilot):
            assert style_of(pilot, "return 2").color is not None  # one segment: nothing in it has a colour of its own

    asyncio.run(work())


def test_a_diff_of_fifty_thousand_lines_draws_only_what_is_in_sight() -> None:
    before = "".join(f"old {number}\n" for number in range(50_000))
    after = "".join(f"new {number}\n" for number in range(50_000))
    file = changed(before, after)
    assert len(rows_of(file, split=False)._pieces) == 3

    async def work() -> None:
        async with viewing(file) as (app, pilot):
            page = app.diff.size.height
            # When it appears, when it gets the focus, and when its colours are known.
            assert app.diff.drawn <= 3 * page
            await shows(pilot, "old 0")
            for key, words in (("G", "new 49999"), ("g", "old 0"), ("ctrl+d", f"old {page // 2}")):
                drawn = app.diff.drawn
                await pilot.press(key)
                await pilot.pause()
                await shows(pilot, words)
                assert app.diff.drawn - drawn <= 2 * page

    asyncio.run(work())


def test_going_down_one_line_draws_one_line() -> None:
    async def work() -> None:
        async with viewing(changed(None, NUMBERED), (80, 12)) as (app, pilot):
            drawn = app.diff.drawn
            await pilot.press("j", "j", "j")
            await pilot.pause()
            assert (int(app.diff.scroll_y), app.diff.drawn - drawn) == (3, 3)

    asyncio.run(work())


def test_without_unicode_the_frame_of_the_diff_is_ascii() -> None:
    async def work() -> None:
        async with viewing(changed("a\n", "b\n"), split=True, ascii_only=True) as (_, pilot):
            assert any("- a" in row and "|" in row and "+ b" in row for row in rows(pilot))

    asyncio.run(work())
