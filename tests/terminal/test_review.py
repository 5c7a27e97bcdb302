"""Reviewing a change: reading it at any width, and deciding on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import TextArea

from config.paths import Paths, user_paths
from core import events as ev
from core.delivery.model import Delivery
from core.events import Event
from core.files.line_diff import compare, split_lines
from core.files.tree import PLAIN
from core.run.commands import take
from core.run.proposal import FileProposal, Version
from core.state import fold
from core.storage.event_log import EventLog, read_events
from core.storage.store import Store
from screens.intents import CopyText, Decide, ViewText
from screens.modals.approval import ApprovalModal
from screens.review_screen import ReviewScreen
from screens.widgets.diff_files import DiffFiles
from screens.widgets.diff_rows import rows_of
from screens.widgets.diff_text import LONGEST_LINE, MOST_HIGHLIGHTED
from screens.widgets.diff_view import DiffView
from tests.support.delivery import Run, git, picture
from tests.support.review import FILES, proposed
from tests.support.screens import SMALL, WIDE, opened, screen_text, shows, until

T = TypeVar("T")
RUN = "261123-0032-70570b"


def run_async(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


# --- the diff ---


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

    run_async(work())


def test_side_by_side_stands_old_beside_new() -> None:
    async def work() -> None:
        async with viewing(changed("a\nb\nc\n", "a\nB\nB2\nc\n"), split=True) as (_, pilot):
            cells = [[cell.strip() for cell in row.split("│")] for row in rows(pilot)[1:5]]
            assert cells == [["1    a", "1    a"], ["2  - b", "2  + B"], ["", "3  + B2"], ["3    c", "4    c"]]
            assert "side by side" in screen_text(pilot).splitlines()[-1]

    run_async(work())


def test_side_by_side_gives_way_where_it_does_not_fit_says_so_and_comes_back() -> None:
    async def work() -> None:
        async with viewing(changed("a\nb\n", "a\nc\n"), SMALL, split=True) as (app, pilot):
            assert not app.diff.is_split
            assert "side by side needs 100 columns, here are 77" in screen_text(pilot)
            assert "    2  + c" in rows(pilot)
            await pilot.resize_terminal(*WIDE)
            await until(pilot, lambda: app.diff.is_split)
            assert any(" 2  - b" in row and "2  + c" in row for row in rows(pilot))

    run_async(work())


def test_a_new_file_is_never_shown_beside_an_empty_half() -> None:
    async def work() -> None:
        async with viewing(changed(None, "a\n"), split=True) as (_, pilot):
            assert rows(pilot)[:2] == ["> @@ -0,0 +1,1 @@", "    1  + a"]
            assert "new file" in screen_text(pilot).splitlines()[-1]

    run_async(work())


def test_hunks_are_walked_through_and_the_ends_are_announced() -> None:
    after = NUMBERED.replace("line 5\n", "FIVE\n").replace("line 35\n", "THIRTY-FIVE\n")

    async def work() -> None:
        async with viewing(changed(NUMBERED, after), (80, 12)) as (app, pilot):
            app.diff.step(1)
            await pilot.pause()
            assert (app.diff.hunk, app.ended) == (1, [])
            assert any(row.startswith("> @@ -32,7 +32,7 @@") for row in rows(pilot))
            assert "hunk 2/2" in screen_text(pilot)
            assert "-line 35\n+THIRTY-FIVE\n" in app.diff.hunk_text
            app.diff.step(1)
            await pilot.pause()
            assert (app.diff.hunk, app.ended) == (1, [1])
            app.diff.step(-1)
            app.diff.step(-1)
            await pilot.pause()
            assert (app.diff.hunk, app.ended) == (0, [1, -1])

    run_async(work())


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

    run_async(work())


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

    run_async(work())


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
            assert words in screen_text(pilot)

    run_async(work())


def test_a_missing_newline_tabs_and_changed_line_ends_are_seen() -> None:
    async def work() -> None:
        async with viewing(changed("a\n\tb\n", "a\r\n\tb")) as (_, pilot):
            text = screen_text(pilot)
            assert "+ a␍" in text
            assert "+     b  no newline at the end" in text
            assert "Line ends: LF become CRLF." in text

    run_async(work())


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

    run_async(work())


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

    run_async(work())


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

    run_async(work())


def test_very_long_files_stay_in_one_colour() -> None:
    body = "return 1\n" * (MOST_HIGHLIGHTED // 9 + 1)

    async def work() -> None:
        async with viewing(changed(body, body + "return 2\n")) as (_, pilot):
            assert style_of(pilot, "return 2").color is not None  # one segment: nothing in it has a colour of its own

    run_async(work())


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
            assert "old 0" in screen_text(pilot)
            for key, words in (("G", "new 49999"), ("g", "old 0"), ("ctrl+d", f"old {page // 2}")):
                drawn = app.diff.drawn
                await pilot.press(key)
                await pilot.pause()
                assert words in screen_text(pilot)
                assert app.diff.drawn - drawn <= 2 * page

    run_async(work())


def test_going_down_one_line_draws_one_line() -> None:
    async def work() -> None:
        async with viewing(changed(None, NUMBERED), (80, 12)) as (app, pilot):
            drawn = app.diff.drawn
            await pilot.press("j", "j", "j")
            await pilot.pause()
            assert (int(app.diff.scroll_y), app.diff.drawn - drawn) == (3, 3)

    run_async(work())


def test_without_unicode_the_frame_of_the_diff_is_ascii() -> None:
    async def work() -> None:
        async with viewing(changed("a\n", "b\n"), split=True, ascii_only=True) as (_, pilot):
            assert any("- a" in row and "|" in row and "+ b" in row for row in rows(pilot))

    run_async(work())


# --- deciding ---


@pytest.fixture
def paths() -> Paths:
    return user_paths()


@pytest.fixture
def waiting(store: Store, paths: Paths, tmp_path: Path) -> Iterator[Run]:
    """A run that asks whether to deliver five files."""
    with proposed(store, paths, tmp_path) as run:
        yield run


class Review:
    """A review on screen, and what it posted."""

    def __init__(self, pilot: Pilot[None], posted: list[Message]) -> None:
        self.pilot = pilot
        self.posted = posted

    @property
    def text(self) -> str:
        return screen_text(self.pilot)

    @property
    def screen(self) -> ReviewScreen:
        screen = self.pilot.app.screen_stack[1]
        assert isinstance(screen, ReviewScreen)
        return screen

    @property
    def is_open(self) -> bool:
        return any(isinstance(screen, ReviewScreen) for screen in self.pilot.app.screen_stack)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def shows(self, *words: str) -> None:
        await shows(self.pilot, *words)

    async def until(self, holds: Callable[[], object]) -> None:
        await until(self.pilot, holds)


@asynccontextmanager
async def reviewing(run: Run, size: tuple[int, int] = WIDE, ready: str = "README.md") -> AsyncIterator[Review]:
    posted: list[Message] = []

    def heard(message: Message) -> None:
        if isinstance(message, Decide | ViewText | CopyText):
            posted.append(message)

    async with opened(run.store, user_paths(), size, run.id, run.workspace.project, heard) as pilot:
        await _go_to_review(pilot, run)
        review = Review(pilot, posted)
        await review.shows(ready)
        await pilot.app.workers.wait_for_complete()
        yield review


async def _go_to_review(pilot: Pilot[None], run: Run) -> None:
    """As its user does: from the question that pops up, or from the run screen."""
    app = pilot.app
    asked = fold(read_events(run.store, run.id)).approval
    if asked is not None:
        await until(pilot, lambda: isinstance(app.screen, ApprovalModal) and not app.screen.deaf)
        await pilot.press("v" if asked.files else "l")
    if asked is None or not asked.files:
        app.push_screen(ReviewScreen(run.id))
    await until(pilot, lambda: isinstance(app.screen, ReviewScreen))


def decision(review: Review) -> tuple[str, bool, str, tuple[str, ...]]:
    (decide,) = [message for message in review.posted if isinstance(message, Decide)]
    return decide.approval, decide.approved, decide.comment, decide.files


@pytest.mark.parametrize("size", [WIDE, SMALL, (60, 16)])
def test_the_change_its_files_and_its_evidence_are_on_the_screen(waiting: Run, size: tuple[int, int]) -> None:
    async def work() -> None:
        async with reviewing(waiting, size) as review:
            assert "? Waits for your decision" in review.text
            assert "[x] M README.md" in review.text
            assert "a approves all 5" in review.text
            assert "verified" in review.text
            assert "30 tests passed" in review.text
            assert "@@ -2,6 +2,10 @@" in review.text
            await review.press("3")
            assert "6 of 6 planted faults noticed" in review.text
            for _ in range(30):
                if "review.correctness" not in review.text:
                    await review.press("j")
            assert "review.correctness" in review.text
            await review.press("2")
            await review.shows("@@ -2,6 +2,10 @@")

    run_async(work())


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_approving_answers_for_all_files_and_goes_back(waiting: Run, size: tuple[int, int]) -> None:
    before = picture(waiting.workspace.project)

    async def work() -> None:
        async with reviewing(waiting, size) as review:
            await review.press("n", "n", "d", "z", "z", "1", "j", "2", "G")
            assert picture(waiting.workspace.project) == before
            assert review.posted == []
            await review.press("a")
            assert decision(review) == ("delivery.0", True, "", ())
            assert not review.is_open
            await review.shows("Approved: 5 files.")
        (command,) = take(waiting.store, waiting.id)
        assert (command.kind, command.payload["approved"], command.payload["files"]) == ("decide", True, [])

    run_async(work())
    assert picture(waiting.workspace.project) == before


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_only_the_marked_files_are_approved(waiting: Run, size: tuple[int, int]) -> None:
    async def work() -> None:
        async with reviewing(waiting, size) as review:
            await review.press("space", "1", "j", "j", "j", "space")
            assert "[ ] M README.md" in review.text
            assert "[ ] M worklog/cli.py" in review.text
            assert "a approves 3 of 5" in review.text
            await review.press("a")
            assert decision(review) == ("delivery.0", True, "", (FILES[1], FILES[2], FILES[4]))
            await review.shows("Approved 3 of 5 files")
        (command,) = take(waiting.store, waiting.id)
        assert command.payload["files"] == [FILES[1], FILES[2], FILES[4]]

    run_async(work())


def test_approving_no_file_is_a_sentence(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press("m", "a")
            await review.shows("No file is marked.", "none marked")
            assert (review.posted, review.is_open) == ([], True)
            await review.press("m")
            await review.shows("a approves all 5")

    run_async(work())


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_a_rejection_takes_a_comment_of_several_lines_to_the_implementer(waiting: Run, size: tuple[int, int]) -> None:
    async def work() -> None:
        async with reviewing(waiting, size) as review:
            await review.press("r")
            await review.until(lambda: isinstance(review.pilot.app.focused, TextArea))
            await review.press(*"no", "ctrl+j", *"why", "enter")
            assert decision(review) == ("delivery.0", False, "no\nwhy", ())
            assert not review.is_open

    run_async(work())


@pytest.mark.parametrize("keys", [("escape",), ("r", "escape", "escape")])
def test_going_back_decides_nothing(waiting: Run, keys: tuple[str, ...]) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press(*keys)
            await review.until(lambda: not review.is_open)
            assert review.posted == []
        assert take(waiting.store, waiting.id) == []

    run_async(work())


def test_an_answer_given_elsewhere_is_told_and_ends_deciding(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            EventLog(waiting.store, waiting.id).emit(ev.ApprovalDecided("delivery.0", "approved"))
            await review.shows("Answered elsewhere: approved.")
            assert "[x]" not in review.text
            assert "Approve" not in review.text
            await review.press("a", "r", "space")
            assert (review.posted, review.is_open) == ([], True)

    run_async(work())


def test_a_comment_that_comes_too_late_is_not_sent(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press("r")
            await review.until(lambda: isinstance(review.pilot.app.focused, TextArea))
            EventLog(waiting.store, waiting.id).emit(ev.ApprovalDecided("delivery.0", "branch", "", "deadline"))
            await review.until(lambda: review.screen._asked is None)
            await review.press(*"no", "enter")
            await review.shows("answered meanwhile", "Nobody answered in time")
            assert review.posted == []

    run_async(work())


def test_a_question_that_is_asked_again_is_answered_by_its_new_name_with_the_remark_in_sight(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press("1", "j", "space")
            log = EventLog(waiting.store, waiting.id)
            log.emit(ev.ApprovalDecided("delivery.0", "approved"))
            question = "Without README.md the rest is not verified: 1 test fails. Deliver 5 changed files to /p?"
            log.emit(ev.ApprovalRequested("delivery.1", question, "branch", 0.0, list(FILES)))
            await review.shows("Without README.md the rest is not verified: 1 test fails. Waits for your decision.")
            # Place and marks are as they were.
            assert review.screen.query_one(DiffFiles).cursor == 1
            assert "a approves 4 of 5" in review.text
            await review.press("m", "a")
            assert decision(review) == ("delivery.1", True, "", ())

    run_async(work())


def test_a_change_made_while_one_looks_is_shown(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            waiting.write("added.py", "x = 1\n")
            EventLog(waiting.store, waiting.id).emit(ev.EditsApplied("implementer", 2, ["added.py"]))
            await review.shows("[x] A added.py", "a approves all 6")

    run_async(work())


def test_another_question_is_not_answered_by_a_review(store: Store, paths: Paths, tmp_path: Path) -> None:
    with proposed(store, paths, tmp_path, until=lambda event: isinstance(event.body, ev.VerdictReached)) as run:
        EventLog(store, run.id).emit(ev.ApprovalRequested("escalate.1", "Spend more?", "stop"))

        async def work() -> None:
            async with reviewing(run) as review:
                await review.shows("The run asks something else first: Spend more?")
                await review.press("a", "r")
                assert (review.posted, review.is_open) == ([], True)

        run_async(work())


def test_a_run_at_work_shows_what_it_has_and_which_tests_failed(store: Store, paths: Paths, tmp_path: Path) -> None:
    def first_verdict(event: Event) -> bool:
        return isinstance(event.body, ev.VerdictReached)

    with proposed(store, paths, tmp_path, until=first_verdict, status="running") as run:

        async def work() -> None:
            async with reviewing(run) as review:
                assert "The run is at work" in review.text
                assert "27 tests passed, 3 failed" in review.text
                assert "Failed tests 3" in review.text
                assert "test_anything_else_is" in review.text
                assert "[x]" not in review.text

        run_async(work())


@pytest.mark.parametrize(
    ("how", "words"),
    [("commit", "Delivered as commit"), ("branch", "Verified and kept on the branch nexus/"), ("undone", "undone")],
)
def test_a_past_run_is_read_only_and_says_where_its_change_went(
    store: Store, paths: Paths, tmp_path: Path, how: str, words: str
) -> None:
    with proposed(store, paths, tmp_path, until=None) as run:
        delivery: Delivery = run.deliver(mode="branch") if how == "branch" else run.deliver()
        if how == "undone":
            run.undo()
        run.workspace.dispose()

        async def work() -> None:
            async with reviewing(run) as review:
                assert words in review.text
                if how == "commit":
                    assert git(run.workspace.project, "rev-parse", "HEAD")[:12] in review.text
                    assert delivery.commit[:12] in review.text
                assert "[x]" not in review.text
                await review.press("a", "r", "space", "m")
                assert (review.posted, review.is_open) == ([], True)
                await review.press("e")
                assert [type(message) for message in review.posted] == [ViewText]

        run_async(work())


@pytest.mark.parametrize("size", [WIDE, (60, 16)])
def test_a_run_without_changes_or_without_its_copy_is_a_sentence(
    store: Store, paths: Paths, tmp_path: Path, size: tuple[int, int]
) -> None:
    with proposed(store, paths, tmp_path, status="waiting") as run:
        run.workspace.reset()

        async def nothing() -> None:
            async with reviewing(run, size, ready="This run has changed no file yet.") as review:
                await review.press("a", "e", "y", "n", "p", "d")
                assert not [message for message in review.posted if isinstance(message, Decide | ViewText)]
                run.workspace.dispose()
                EventLog(store, run.id).emit(ev.EditsApplied("implementer", 2, []))
                await review.shows("has not made its copy")

        run_async(nothing())


# --- reading on ---


def test_next_goes_through_all_hunks_of_all_files_and_previous_back(waiting: Run) -> None:
    waiting.write("worklog/entries.py", "first = 1\n" + (waiting.workspace.root / "worklog/entries.py").read_text())
    with (waiting.workspace.root / "worklog/entries.py").open("a") as file:
        file.write("last = 1\n")

    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.shows("worklog/entries.py")
            diff = review.screen.query_one(DiffView)
            places = []
            for key in ["n"] * 7 + ["p"] * 2:
                assert diff.file is not None
                places.append((diff.file.path, diff.hunk))
                await review.press(key)
            assert places[4:] == [
                ("worklog/durations.py", 0),
                ("worklog/entries.py", 0),
                ("worklog/entries.py", 1),
                ("worklog/entries.py", 1),
                ("worklog/entries.py", 0),
            ]
            assert diff.file.path == "worklog/durations.py"
            assert places[0] == ("README.md", 0)

    run_async(work())


def test_the_editor_gets_a_copy_of_the_proposed_text_under_a_harmless_name(waiting: Run) -> None:
    waiting.write("0 \x1b]0;x\x07;rm -rf.py", "x = 1\n")

    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.shows("0 ␛]0;x␇")
            await review.press("e")
            (view,) = review.posted
            assert isinstance(view, ViewText)
            assert (view.text, view.name) == ("x = 1\n", "0___0_x__rm_-rf.py")

    run_async(work())


def test_a_binary_file_is_not_opened_as_text(waiting: Run) -> None:
    waiting.write("0.bin", b"\0\1")

    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.shows("A 0.bin", "A binary file: 2 B.")
            await review.press("e")
            await review.shows("cannot be opened as text")
            assert review.posted == []

    run_async(work())


def test_the_hunk_is_copied_as_a_diff_without_terminal_control(waiting: Run) -> None:
    waiting.write("0.py", "x = '\x1b[2J'\n")

    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.shows("A 0.py")
            await review.press("y")
            (copy,) = review.posted
            assert isinstance(copy, CopyText)
            assert (copy.text, copy.what) == ("@@ -0,0 +1,1 @@\n+x = ''\n", "hunk")

    run_async(work())


def test_a_hostile_file_name_is_shown_harmless_and_approved_by_its_real_name(waiting: Run) -> None:
    name = "\x1b[2J[bold]\u202eevil\udce9.py"
    waiting.write(name, "x = 1\n")

    async def work() -> None:
        async with reviewing(waiting) as review:
            shown = "␛[2J[bold]\N{REPLACEMENT CHARACTER}evil\N{REPLACEMENT CHARACTER}.py"
            await review.shows(f"A {shown}")
            review.text.encode("utf-8")
            await review.press("m", "1", "space", "a")
            await review.until(lambda: not review.is_open)
            assert decision(review)[3] == (name,)
        (command,) = take(waiting.store, waiting.id)
        assert command.payload["files"] == [name]

    run_async(work())


def test_zoom_gives_the_diff_the_window_and_room_for_two_sides(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press("d")
            assert "side by side needs 100 columns" in review.text
            await review.press("z")
            await review.shows("hunk 1/1  side by side")
            assert "[3] Evidence" not in review.text
            await review.press("z")
            await review.shows("[3] Evidence")

    run_async(work())


def test_a_click_chooses_a_file_and_a_click_on_its_mark_leaves_it_out(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.pilot.click(DiffFiles, offset=(12, 4))
            await review.shows("worklog/cli.py  +12 -3")
            await review.pilot.click(DiffFiles, offset=(2, 5))
            await review.shows("[ ] A worklog/durations.py", "a approves 4 of 5")

    run_async(work())


def test_a_window_that_is_too_small_says_so_and_recovers(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.pilot.resize_terminal(50, 12)
            await review.shows("Nexus needs 60x16")
            assert "README.md" not in review.text
            await review.pilot.resize_terminal(60, 16)
            await review.shows("README.md", "a approves all 5")

    run_async(work())
