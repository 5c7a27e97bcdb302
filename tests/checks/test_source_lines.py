"""Which lines an edit wrote."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.checks.source_lines import changed_lines, parse_python

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12)


def text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@given(before=LINES, after=LINES)
def test_what_is_not_changed_can_be_found_in_the_old_file_in_order(before: list[str], after: list[str]) -> None:
    changed = changed_lines(text(before), text(after))
    kept = [line for number, line in enumerate(after, 1) if number not in changed]
    rest = iter(before)
    assert all(line in rest for line in kept)
    assert changed <= set(range(1, len(after) + 1))


@given(lines=LINES)
def test_a_new_file_is_all_new_and_an_equal_one_is_not(lines: list[str]) -> None:
    assert changed_lines(None, text(lines)) == set(range(1, len(lines) + 1))
    assert changed_lines(text(lines), text(lines)) == frozenset()


def test_an_inserted_line_is_the_only_change() -> None:
    assert changed_lines(b"a\nb\n", b"a\nx\nb\n") == {2}
    assert changed_lines(b"a\nb\n", b"a\n") == frozenset()


def test_one_line_of_a_long_repetitive_file_is_found_at_once() -> None:
    lines = ["same"] * 200_000
    assert changed_lines(text(lines), text([*lines[:100_000], "new", *lines[100_000:]])) == {100_001}


@given(source=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_without_an_error(source: bytes) -> None:
    parse_python(source)
