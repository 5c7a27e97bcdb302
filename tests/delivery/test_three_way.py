"""Merging by lines: never a guess, never a lost line. Git's own merge is the judge."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.files.three_way import merge

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"d\r\n", b"\n"]), max_size=8).map(b"".join)


@given(base=LINES, other=LINES)
def test_a_change_on_one_side_only_is_taken_whole(base: bytes, other: bytes) -> None:
    assert merge(base, base, other) == other
    assert merge(base, other, base) == other
    assert merge(base, other, other) == other


@given(base=LINES, ours=LINES, theirs=LINES)
def test_the_sides_may_be_swapped(base: bytes, ours: bytes, theirs: bytes) -> None:
    assert merge(base, ours, theirs) == merge(base, theirs, ours)


@given(
    parts=st.lists(st.integers(0, 3), min_size=3, max_size=7),
    mine=st.sets(st.integers(0, 6)),
    yours=st.sets(st.integers(0, 6)),
)
def test_changes_in_different_places_both_arrive(parts: list[int], mine: set[int], yours: set[int]) -> None:
    """Distinct fixed lines stand between the places, so every change has one right home."""

    def text(changed: dict[int, str]) -> bytes:
        lines = [f"place {n} {changed.get(n, 'old')} {size}\nfence {n}\n" for n, size in enumerate(parts)]
        return "".join(lines).encode()

    left = dict.fromkeys(mine, "ours")
    right = dict.fromkeys(yours - mine, "theirs")
    assert merge(text({}), text(left), text(right)) == text({**left, **right})


@given(
    edits=st.lists(st.tuples(st.integers(0, 19), st.booleans(), st.sampled_from(["", "x\n", "x\ny\n"])), max_size=6),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_where_git_merges_cleanly_and_so_do_we_the_texts_agree(
    tmp_path: Path, edits: list[tuple[int, bool, str]]
) -> None:
    base = [f"line {number}\n" for number in range(20)]
    ours, theirs = list(base), list(base)
    for number, mine, text in edits:
        (ours if mine else theirs)[number] = text
    texts = {name: "".join(lines).encode() for name, lines in (("base", base), ("ours", ours), ("theirs", theirs))}
    for name, data in texts.items():
        (tmp_path / name).write_bytes(data)
    judge = subprocess.run(["git", "merge-file", "-p", "ours", "base", "theirs"], cwd=tmp_path, capture_output=True)
    merged = merge(texts["base"], texts["ours"], texts["theirs"])
    if judge.returncode == 0 and merged is not None:
        assert merged == judge.stdout
    if judge.returncode > 0:
        assert merged is None


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        (b"a\n", b"b\n", b"c\n"),
        (b"a\n", b"", b"c\n"),
        (b"a\nb\n", b"A\nb\n", b"a\nB\n"),
        (b"", b"x\n", b"y\n"),
        (b"a\n", b"a\nmine\n", b"a\nyours\n"),
        (b"\0a\nb\nc\nd\n", b"\0A\nb\nc\nd\n", b"\0a\nb\nc\nD\n"),
    ],
)
def test_a_collision_is_never_resolved_by_guessing(base: bytes, ours: bytes, theirs: bytes) -> None:
    assert merge(base, ours, theirs) is None


def test_line_endings_and_a_missing_last_newline_survive_a_merge() -> None:
    assert merge(b"a\r\nb\r\nc\r\nd", b"A\r\nb\r\nc\r\nd", b"a\r\nb\r\nc\r\nD") == b"A\r\nb\r\nc\r\nD"


def test_large_files_full_of_equal_lines_merge_at_once() -> None:
    base = b"same\n" * 50_000
    assert merge(base, b"top\n" + base, base + b"bottom\n") == b"top\n" + base + b"bottom\n"
