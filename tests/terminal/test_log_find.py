"""Text is found in the sandbox pane, and rows are filtered by it, without keeping anybody waiting."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from pathlib import Path

import pytest

from core.run.log_search import Needle
from tests.support.log_window import MIXED, in_loop, window


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.log"


# --- find ---


@in_loop
async def test_find_goes_to_matches_forwards_backwards_and_round(path: Path) -> None:
    async with window(path, MIXED) as pane:
        await pane.press("g", "slash")
        await pane.type("failed")
        await pane.until(lambda: pane.at() == "test_7 FAILED")
        await pane.press("enter")
        await pane.until(lambda: pane.said == "200 lines · /failed 1 of 5")
        for key, row in (("n", 47), ("n", 87), ("N", 47), ("N", 7), ("N", 167), ("n", 7)):
            await pane.press(key)
            assert pane.at() == f"test_{row} FAILED"
            assert f"test_{row} FAILED" in pane.seen()


@in_loop
async def test_what_is_found_is_marked_in_the_rows(path: Path) -> None:
    async with window(path, "one two\n") as pane:
        await pane.press("slash")
        await pane.type("tw")
        await pane.press("enter")
        marked = [segment for segment in pane.view.rows.render_line(0) if segment.style and segment.style.reverse]
        assert [segment.text for segment in marked] == ["tw"]


@in_loop
async def test_escape_ends_the_search_and_goes_back_to_where_one_was(path: Path) -> None:
    async with window(path, MIXED) as pane:
        await pane.press("slash")
        await pane.type("test_3")
        await pane.until(lambda: not pane.view.follow)
        await pane.press("escape")
        assert pane.view.follow
        assert pane.seen()[-1] == "test_199 PASSED"
        assert pane.said == "200 lines · FOLLOW"
        assert pane.view.rows.has_focus


@in_loop
async def test_escape_without_a_search_is_left_to_the_screen(path: Path) -> None:
    async with window(path, MIXED) as pane:
        await pane.press("slash", "x", "enter", "escape")
        assert pane.app.typed == []
        await pane.press("escape")
        assert pane.app.typed == ["escape"]


@in_loop
async def test_keys_are_text_while_one_types(path: Path) -> None:
    async with window(path, MIXED + "find nfgGyV\n") as pane:
        await pane.press("g", "slash")
        await pane.type("nfgGyV")
        await pane.until(lambda: pane.at() == "find nfgGyV")
        await pane.press("enter")
        assert pane.app.copied == []
        await pane.press("y")
        assert [copy.text for copy in pane.app.copied] == ["find nfgGyV"]


@in_loop
async def test_a_search_without_a_match_says_so_and_stays(path: Path) -> None:
    async with window(path, MIXED) as pane:
        await pane.press("g", "j", "slash")
        await pane.type("nowhere")
        await pane.press("enter")
        await pane.until(lambda: pane.said == "200 lines · /nowhere none")
        assert pane.at() == "test_1 PASSED"
        await pane.press("n")
        assert pane.at() == "test_1 PASSED"


# --- filter ---


@in_loop
async def test_the_filter_shows_only_matching_rows_and_all_again(path: Path) -> None:
    async with window(path, MIXED) as pane:
        await pane.press("g", "ampersand")
        await pane.type("failed")
        await pane.press("enter")
        failed = [row for row in MIXED.splitlines() if "FAILED" in row]
        await pane.until(lambda: [row for row in pane.seen() if row] == failed)
        await pane.press("j", "j")
        await pane.until(lambda: pane.said == "200 lines · &failed 3 of 5")
        await pane.press("ampersand")
        assert pane.at() == "test_87 FAILED"
        assert {"test_86 PASSED", "test_88 PASSED"} <= set(pane.seen())
        await pane.press("ampersand", "escape")
        assert pane.at() == "test_87 FAILED"
        assert "test_88 PASSED" in pane.seen()


@in_loop
async def test_the_filter_turned_round_shows_the_other_rows(path: Path) -> None:
    async with window(path, MIXED, size=(90, 40)) as pane:
        await pane.press("ampersand")
        await pane.type("!passed")
        await pane.press("enter")
        failed = [row for row in MIXED.splitlines() if "FAILED" in row]
        await pane.until(lambda: [row for row in pane.seen() if row] == failed)


@in_loop
async def test_the_filter_follows_a_growing_log(path: Path) -> None:
    async with window(path, MIXED) as pane:
        await pane.press("ampersand")
        await pane.type("failed")
        await pane.press("enter")
        await pane.until(lambda: "FAILED" in "".join(pane.seen()))
        await pane.write("".join(f"new {number} {'FAILED' if number % 10 == 0 else 'ok'}\n" for number in range(1000)))
        await pane.until(lambda: pane.seen()[-1] == "new 990 FAILED")
        await pane.until(lambda: pane.said == "1.2k lines · &failed 105 of 105 · FOLLOW")


@in_loop
async def test_a_filter_that_nothing_passes_explains_the_empty_pane(path: Path) -> None:
    async with window(path, MIXED) as pane:
        await pane.press("ampersand")
        await pane.type("nowhere")
        await pane.press("enter")
        await pane.until(lambda: pane.seen()[0] == "No row has it.")
        await pane.press("escape")
        assert pane.seen()[-1] == "test_199 PASSED"


@in_loop
async def test_keys_are_answered_while_a_large_log_is_searched_and_escape_stops_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with path.open("w") as file:
        for _ in range(20):
            file.write(("filler row of a large log that nobody wants to read at all\n" * 9_999) + "the needle\n")
    blocks, threads, go_on = [0], set(), threading.Event()
    in_rows = Needle.in_rows

    def slow(needle: Needle, data: bytes) -> list[int]:
        threads.add(threading.current_thread())
        blocks[0] += 1
        if blocks[0] > 40:
            assert go_on.wait(30)
        return in_rows(needle, data)

    async with window(path) as pane:
        monkeypatch.setattr(Needle, "in_rows", slow)
        await pane.press("g", "ampersand")
        await pane.type("needle")
        await pane.until(lambda: blocks[0] > 40)
        await pane.press("enter", "j")
        assert pane.view.rows.place == 19_999, "the second match, while the search has not seen the rest"
        await pane.press("escape")
        go_on.set()
        await asyncio.get_running_loop().shutdown_default_executor()
        assert blocks[0] == 41, "it stopped at once"
        assert threading.main_thread() not in threads
        assert pane.said == "200.0k lines"


@in_loop
async def test_a_search_says_how_far_it_is_and_how_much_it_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(("filler row of a large log that nobody wants to read at all\n" * 9_999 + "the needle\n") * 20)
    in_rows, blocks = Needle.in_rows, [0]

    def slow(needle: Needle, data: bytes) -> list[int]:
        blocks[0] += 1
        time.sleep(0.005)
        return in_rows(needle, data)

    async with window(path) as pane:
        monkeypatch.setattr(Needle, "in_rows", slow)
        await pane.press("g", "ampersand")
        await pane.type("needle")
        await pane.until(lambda: re.search(r"&needle 1 of \d+\+", pane.said))
        await pane.until(lambda: "&needle 1 of 20" in pane.said)
