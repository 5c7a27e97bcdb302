"""A log of any size and content is read as numbered, printable rows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.run.log_file import STEP, LogFile
from core.run.log_rows import LONGEST_ROW
from core.run.log_search import Matches, Needle, find
from tests.support.nexus import DEADLINE_S

ESCAPES = (b"\x1b[31m", b"\x1b[2J", b"\x1b]52;c;aGk=\x07", b"\x1b(B", b"\x1b[?1049h", b"\xe2\x80\xae", b"\x00", b"\x08")


def scanned(path: Path) -> LogFile:
    log = LogFile(path)
    read_all(log)
    return log


def read_all(log: LogFile) -> None:
    while log.refresh() and not log.complete:
        pass


def every_row(log: LogFile) -> list[str]:
    return log.lines(0, log.line_count)


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def all_matches(log: LogFile, typed: str) -> list[int]:
    needle = Needle.parse(typed)
    assert needle is not None
    matches = Matches(log, needle)
    while matches.step():
        pass
    return list(matches.rows)


# --- rows ---


def test_rows_are_the_lines_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\r\ntwo\n\nfour without end")
    log = scanned(path)
    assert every_row(log) == ["one", "two", "", "four without end"]
    assert log.lines(1, 2) == ["two", ""]
    assert log.lines(3, 99) == ["four without end"]
    assert log.lines(99, 5) == []
    assert (log.complete, log.missing, log.problem) == (True, False, "")


@given(data=st.binary(max_size=3 * LONGEST_ROW), steps=st.lists(st.integers(1, 2500), max_size=8))
def test_any_bytes_become_printable_rows_the_same_however_they_arrive(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, steps: list[int]
) -> None:
    path = tmp_path_factory.mktemp("log") / "a.log"
    path.write_bytes(b"")
    growing = LogFile(path)
    with path.open("ab", buffering=0) as file:
        rest = data
        for step in steps:
            file.write(rest[:step])
            rest = rest[step:]
            growing.refresh()
        file.write(rest)
    read_all(growing)
    rows = every_row(growing)
    assert rows == every_row(scanned(path))
    assert all(row.isprintable() for row in rows)
    assert all(len(row) <= 8 * LONGEST_ROW for row in rows)


@given(
    pieces=st.lists(
        st.one_of(
            st.sampled_from(ESCAPES),
            st.text(st.characters(exclude_categories=("C", "Z")), max_size=900).map(str.encode),
            st.sampled_from((b"\n", b"\t", b" ", b"\r\n")),
        ),
        max_size=40,
    )
)
def test_every_visible_character_is_in_the_rows_in_order(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("log") / "a.log"
    path.write_bytes(b"".join(pieces))
    rows = every_row(scanned(path))
    visible = b"".join(piece for piece in pieces if piece not in ESCAPES).decode()
    assert "".join("".join(row.split()) for row in rows) == "".join(visible.split())


def test_a_line_of_five_megabytes_is_cut_into_rows_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    line = "".join(f"{number}é→" for number in range(650_000))
    path.write_text(f"before\n{line}\nafter\n", encoding="utf-8")
    log = scanned(path)
    rows = every_row(log)
    assert rows[0] == "before"
    assert rows[-1] == "after"
    assert "".join(rows[1:-1]) == line
    assert max(len(row.encode()) for row in rows) <= LONGEST_ROW
    assert log.text(0, log.line_count) == f"before\n{line}\nafter"


def test_a_line_without_end_still_shows_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log = LogFile(path)
    with path.open("ab", buffering=0) as file:
        for number in range(40):
            file.write(b"x" * 100)
            assert log.refresh()
            assert sum(map(len, every_row(log))) == 100 * (number + 1)


def test_a_colour_sequence_on_the_edge_of_a_row_leaves_no_trace(tmp_path: Path) -> None:
    for before in range(LONGEST_ROW - 8, LONGEST_ROW + 2):
        path = tmp_path / f"{before}.log"
        path.write_bytes(b"x" * before + b"\x1b[38;5;1m" + b"y" * 50)
        assert "".join(every_row(scanned(path))) == "x" * before + "y" * 50


def test_hostile_characters_neither_reach_the_screen_nor_hide_text(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(
        b"a\x1b]52;c;ZXZpbA==\x07b\n\x00\x00nul\x00\n\xff\xfe bytes\n"
        + "pay\u202epal \u2066x\u2069 \u200bzero\u2028line \x9b31mred a\rb\n\tt\n".encode()
    )
    assert every_row(scanned(path)) == [
        "ab",
        "nul",
        "\ufffd\ufffd bytes",
        "paypal x \ufffdzero line red a␍b",
        "        t",
    ]


# --- files that change ---


def test_a_log_that_another_process_writes_is_followed_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    program = (
        "import sys\nwith open(sys.argv[1], 'w') as f:\n"
        "  for i in range(60_000):\n    f.write(f'line {i}\\n')\n    i % 97 or f.flush()\n"
        "    i % 20_000 or f.flush() or sys.stdin.read(1)\n"
    )
    log = LogFile(path)
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, text=True) as writer:
        assert writer.stdin is not None
        for reached in (1, 20_001, 40_001, 60_000):
            deadline = time.monotonic() + DEADLINE_S
            while log.line_count < reached:
                assert time.monotonic() < deadline, f"{log.line_count} lines seen of {reached}"
                log.refresh()
                last = log.lines(log.line_count - 1, 1)
                assert not last or f"line {log.line_count - 1}".startswith(last[0])
            if reached < 60_000:
                assert log.line_count == reached, "it is read as far as it is written"
                writer.stdin.write("\n")
                writer.stdin.flush()
    read_all(log)
    assert every_row(log) == [f"line {number}" for number in range(60_000)]


def test_nothing_new_is_no_change(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\n")
    log = LogFile(path)
    assert log.refresh()
    assert not log.refresh()
    with path.open("a") as file:
        file.write("two\n")
    assert log.refresh()


def test_a_truncated_log_starts_over(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("old\n" * 50_000)
    log = scanned(path)
    assert log.lines(49_999, 1) == ["old"]
    with path.open("r+") as file:
        file.truncate(0)
        file.write("new\n")
    read_all(log)
    assert every_row(log) == ["new"]
    assert log.generation > 0


def test_a_replaced_log_starts_over_even_when_it_is_longer(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("old\n")
    log = scanned(path)
    (tmp_path / "b.log").write_text("new one\nnew two\n")
    (tmp_path / "b.log").replace(path)
    read_all(log)
    assert every_row(log) == ["new one", "new two"]


def test_a_deleted_log_says_so_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\ntwo\n")
    log = scanned(path)
    path.unlink()
    assert log.refresh()
    assert log.missing
    assert log.problem == "a.log was deleted; what was read of it can still be seen."
    assert every_row(log) == ["one", "two"]
    assert not log.refresh()
    path.write_text("again\n")
    read_all(log)
    assert (log.missing, log.problem, every_row(log)) == (False, "", ["again"])


def test_a_log_that_is_not_there_yet_appears(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "later.log")
    assert log.refresh()
    assert log.missing
    assert log.problem == "later.log does not exist."
    assert (log.line_count, log.lines(0, 5)) == (0, [])
    (tmp_path / "later.log").write_text("here\n")
    read_all(log)
    assert (log.missing, every_row(log)) == (False, ["here"])


def test_what_is_no_file_is_named_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "folder.log").mkdir()
    for name in ("pipe.log", "folder.log"):
        log = LogFile(tmp_path / name)
        log.refresh()
        assert log.problem == f"{name} cannot be read: it is not a regular file."
        assert log.lines(0, 5) == []


def test_a_closed_log_stays_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\n")
    log = scanned(path)
    log.close()
    assert log.lines(0, 1) == []
    assert not log.refresh()


# --- size ---


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 MB in 2,800,000 lines; every 100,000th failed."""
    path = tmp_path_factory.mktemp("large") / "large.log"
    with path.open("w") as file:
        for start in range(0, 2_800_000, 100_000):
            file.write(f"tests/unit/test_session.py::test_case[{start:07}] FAILED         [ 58%] ok\n")
            file.writelines(
                f"tests/unit/test_session.py::test_case[{number:07}] PASSED         [ 58%] ok\n"
                for number in range(start + 1, start + 100_000)
            )
    return path


def test_200_megabytes_are_read_in_bounded_steps_with_flat_memory(large: Path) -> None:
    before = resident_mb()
    log = LogFile(large)
    steps = 1
    while log.refresh() and not log.complete:
        assert log.scanned <= steps * (STEP + STEP // 64)
        steps += 1
    assert steps >= large.stat().st_size // (STEP + STEP // 64)
    for row in (0, 1_234_567, 2_799_999):
        assert f"[{row:07}]" in log.lines(row, 1)[0]
    assert log.line_count == 2_800_000
    assert resident_mb() - before < 30


def test_searching_200_megabytes_finds_the_same_rows_and_keeps_memory_flat(large: Path) -> None:
    log = scanned(large)
    before = resident_mb()
    assert all_matches(log, "failed") == list(range(0, 2_800_000, 100_000))
    assert all_matches(log, "!PASSED") == list(range(0, 2_800_000, 100_000))
    assert resident_mb() - before < 30


# --- search ---


def test_search_ignores_case_and_sees_what_people_see(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes("ok\nFA\x1b[1mILED here\nfailed\nÜBER fail\ned\nstraße\ttab\n".encode())
    log = scanned(path)
    assert all_matches(log, "Failed") == [1, 2]
    assert all_matches(log, "!failed") == [0, 3, 4, 5]
    assert all_matches(log, "über") == [3]
    assert all_matches(log, "STRASSE") == [5]
    assert all_matches(log, "e  t") == [5]


@given(
    rows=st.lists(st.text(st.sampled_from("ab \t\r\x1b[é"), max_size=30), max_size=60),
    typed=st.text(st.sampled_from("!abé ["), min_size=1, max_size=3),
    start=st.integers(0, 60),
)
def test_find_and_matches_agree_with_a_plain_look_at_every_row(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], typed: str, start: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "a.log"
    path.write_bytes("\n".join(rows).encode())
    needle = Needle.parse(typed)
    if needle is None:
        return
    log = scanned(path)
    expected = [at for at, row in enumerate(every_row(log)) if (needle.text in row.casefold()) != needle.inverse]
    assert all_matches(log, typed) == expected
    assert find(log, needle, start) == min((row for row in expected if row >= start), default=None)
    assert find(log, needle, start, forward=False) == max((row for row in expected if row <= start), default=None)


def test_find_crosses_blocks_in_both_directions_and_can_be_stopped(large: Path) -> None:
    log = scanned(large)
    needle = Needle("failed")
    assert find(log, needle, 1) == 100_000
    assert find(log, needle, 2_799_999, forward=False) == 2_700_000
    assert find(log, needle, 2_700_001) is None
    assert find(log, Needle("nowhere"), 0, stopped=lambda: True) is None


def test_matches_follow_a_growing_log_and_its_unfinished_row(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log = LogFile(path)
    matches = Matches(log, Needle("fail"))
    seen: list[list[int]] = []
    with path.open("ab", buffering=0) as file:
        for piece in (b"pass\nfa", b"il", b"s\n", b"fail\n", b"fai", b"r\n"):
            file.write(piece)
            log.refresh()
            while matches.step():
                pass
            seen.append(list(matches.rows))
    assert seen == [[], [1], [1], [1, 2], [1, 2], [1, 2]]


def test_matches_of_an_unfinished_row_can_end(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("fa")
    log = scanned(path)
    matches = Matches(log, Needle("fail", inverse=True))
    matches.step()
    assert list(matches.rows) == [0]
    with path.open("a") as file:
        file.write("il\n")
    log.refresh()
    matches.step()
    assert list(matches.rows) == []


def test_matches_start_over_with_the_log(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("fail\n" * 5)
    log = scanned(path)
    matches = Matches(log, Needle("fail"))
    matches.step()
    assert len(matches.rows) == 5
    path.write_text("ok\nfail\n")
    read_all(log)
    while matches.step():
        pass
    assert list(matches.rows) == [1]


def test_matches_stop_at_their_limit_and_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("row\n" * 100)
    log = scanned(path)
    matches = Matches(log, Needle("row"), most=10)
    assert not matches.step()
    assert (list(matches.rows), matches.full) == (list(range(10)), True)


def test_an_empty_needle_is_none() -> None:
    assert Needle.parse("") is None
    assert Needle.parse("!") is None
    assert Needle.parse("!x") == Needle("x", inverse=True)
