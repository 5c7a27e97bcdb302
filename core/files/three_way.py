"""Three-way merge of texts by lines, after Khanna, Kunal and Pierce, "A Formal Investigation of Diff3" (2007).

Lines that all three versions share in order are anchors. Between two anchors, a side that did not change takes the
other's text; two different changes in the same place are a conflict. There are no half-merged results.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

_BINARY_PROBE = 8000

Block = tuple[int, int, int]
"""Equal lines: start in the base, start in the other version, count."""


def merge(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """`ours` with the change from `base` to `theirs`; None when the two changes collide or a version is binary."""
    if ours in (base, theirs):
        return theirs
    if theirs == base:
        return ours
    if any(is_binary(data) for data in (base, ours, theirs)):
        return None
    return _merge_lines(*(data.splitlines(keepends=True) for data in (base, ours, theirs)))


def is_binary(data: bytes) -> bool:
    """A zero byte near the start, as git decides it."""
    return b"\0" in data[:_BINARY_PROBE]


def _merge_lines(base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes]) -> bytes | None:
    merged: list[bytes] = []
    at_base = at_ours = at_theirs = 0
    for start, start_ours, start_theirs, count in _anchors(base, ours, theirs):
        old = base[at_base:start]
        mine = ours[at_ours:start_ours]
        yours = theirs[at_theirs:start_theirs]
        if mine in (old, yours):
            merged += yours
        elif yours == old:
            merged += mine
        else:
            return None
        merged += base[start : start + count]
        at_base, at_ours, at_theirs = start + count, start_ours + count, start_theirs + count
    return b"".join(merged)


def _anchors(base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes]) -> list[tuple[int, int, int, int]]:
    """Runs of lines common to all three, as starts in each and a count; the last is empty, at the ends."""
    left, right = _matches(base, ours), _matches(base, theirs)
    anchors = []
    i = j = 0
    while i < len(left) and j < len(right):
        (base_l, start_l, count_l), (base_r, start_r, count_r) = left[i], right[j]
        low, high = max(base_l, base_r), min(base_l + count_l, base_r + count_r)
        if low < high:
            anchors.append((low, start_l + low - base_l, start_r + low - base_r, high - low))
        if base_l + count_l < base_r + count_r:
            i += 1
        else:
            j += 1
    anchors.append((len(base), len(ours), len(theirs), 0))
    return anchors


def _matches(base: Sequence[bytes], other: Sequence[bytes]) -> list[Block]:
    """Matching runs. Equal heads and tails are cut off first: difflib is quadratic on repeated lines."""
    shorter = min(len(base), len(other))
    head = 0
    while head < shorter and base[head] == other[head]:
        head += 1
    tail = 0
    while tail < shorter - head and base[-1 - tail] == other[-1 - tail]:
        tail += 1
    middle = SequenceMatcher(None, base[head : len(base) - tail], other[head : len(other) - tail], autojunk=False)
    blocks = [(head + block.a, head + block.b, block.size) for block in middle.get_matching_blocks() if block.size]
    if head:
        blocks.insert(0, (0, 0, head))
    if tail:
        blocks.append((len(base) - tail, len(other) - tail, tail))
    return blocks
