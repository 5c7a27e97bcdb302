"""Reading a change on screen: from hunk to hunk, in the editor, with the mouse, in any window."""

from __future__ import annotations

import asyncio

from core.run.commands import take
from screens.intents import CopyText, ViewText
from screens.widgets.diff_files import DiffFiles
from screens.widgets.diff_view import DiffView
from tests.support.delivery import Run
from tests.support.review_screen import decision, reviewing


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

    asyncio.run(work())


def test_the_editor_gets_a_copy_of_the_proposed_text_under_a_harmless_name(waiting: Run) -> None:
    waiting.write("0 \x1b]0;x\x07;rm -rf.py", "x = 1\n")

    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.shows("0 ␛]0;x␇")
            await review.press("e")
            (view,) = review.posted
            assert isinstance(view, ViewText)
            assert (view.text, view.name) == ("x = 1\n", "0___0_x__rm_-rf.py")

    asyncio.run(work())


def test_a_binary_file_is_not_opened_as_text(waiting: Run) -> None:
    waiting.write("0.bin", b"\0\1")

    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.shows("A 0.bin", "A binary file: 2 B.")
            await review.press("e")
            await review.shows("cannot be opened as text")
            assert review.posted == []

    asyncio.run(work())


def test_the_hunk_is_copied_as_a_diff_without_terminal_control(waiting: Run) -> None:
    waiting.write("0.py", "x = '\x1b[2J'\n")

    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.shows("A 0.py")
            await review.press("y")
            (copy,) = review.posted
            assert isinstance(copy, CopyText)
            assert (copy.text, copy.what) == ("@@ -0,0 +1,1 @@\n+x = ''\n", "hunk")

    asyncio.run(work())


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

    asyncio.run(work())


def test_zoom_gives_the_diff_the_window_and_room_for_two_sides(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.press("d")
            await review.shows("side by side needs 100 columns")
            await review.press("z")
            await review.shows("hunk 1/1  side by side")
            await review.shows_not("[3] Evidence")
            await review.press("z")
            await review.shows("[3] Evidence")

    asyncio.run(work())


def test_a_click_chooses_a_file_and_a_click_on_its_mark_leaves_it_out(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.pilot.click(DiffFiles, offset=(12, 4))
            await review.shows("worklog/cli.py  +12 -3")
            await review.pilot.click(DiffFiles, offset=(2, 5))
            await review.shows("[ ] A worklog/durations.py", "a approves 4 of 5")

    asyncio.run(work())


def test_a_window_that_is_too_small_says_so_and_recovers(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting) as review:
            await review.pilot.resize_terminal(50, 12)
            await review.shows("Nexus needs 60x16")
            await review.shows_not("README.md")
            await review.pilot.resize_terminal(60, 16)
            await review.shows("README.md", "a approves all 5")

    asyncio.run(work())


def test_without_unicode_every_sign_of_a_review_is_ascii(waiting: Run) -> None:
    async def work() -> None:
        async with reviewing(waiting, env={"NEXUS_ASCII": "1"}) as review:
            await review.press("z", "d", "n", "n", "n", "z", "n")
            await review.shows("ok verified")
            assert {sign for sign in review.text if not sign.isascii()} == set()

    asyncio.run(work())
