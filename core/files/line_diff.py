"""What is different between two texts: by lines in bounded time, and by words within a line that was rewritten.

Lines found exactly once on both sides anchor the comparison (Bram Cohen's patience diff); between anchors difflib
compares line by line. All of it draws on one allowance of comparisons. When that is used up, what is left counts as
rewritten: a coarser answer, never a longer wait.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

ALLOWANCE = 4_000_000
"""Pairs of lines compared at most for one pair of texts: about a second."""
CONTEXT = 3
_MOST_AT_ONCE = 500_000
_LONGEST_LINE = 1_000
_ALIKE = 0.4

_WORDS = re.compile(r"\w+|\s+|.", re.DOTALL)

Span = tuple[int, int]
"""Characters of a line, from and up to."""


class Block(NamedTuple):
    """Lines `old_from` up to `old_to` of the old text against lines `new_from` up to `new_to` of the new one."""

    equal: bool
    old_from: int
    old_to: int
    new_from: int
    new_to: int

    @property
    def removed(self) -> int:
        return 0 if self.equal else self.old_to - self.old_from

    @property
    def added(self) -> int:
        return 0 if self.equal else self.new_to - self.new_from


Hunk = tuple[Block, ...]
"""A change with the equal lines around it, never empty."""


class _Range(NamedTuple):
    old_from: int
    old_to: int
    new_from: int
    new_to: int


def split_lines(text: str) -> tuple[str, ...]:
    """Lines with their ends, as git sees them: only LF ends one."""
    parts = text.split("\n")
    return (*(part + "\n" for part in parts[:-1]), *([parts[-1]] if parts[-1] else []))


def compare(old: Sequence[str], new: Sequence[str], allowance: int = ALLOWANCE) -> tuple[Block, ...]:
    """All lines of both texts, in order, as blocks that are alternately equal and not."""
    blocks: list[Block] = []
    at_old = at_new = 0
    for start_old, start_new, count in [*_runs(old, new, allowance), (len(old), len(new), 0)]:
        if at_old < start_old or at_new < start_new:
            blocks.append(Block(False, at_old, start_old, at_new, start_new))
        if count:
            blocks.append(Block(True, start_old, start_old + count, start_new, start_new + count))
        at_old, at_new = start_old + count, start_new + count
    return tuple(blocks)


def hunks(blocks: Sequence[Block], context: int = CONTEXT) -> tuple[Hunk, ...]:
    """The changed blocks with `context` equal lines around each; changes that close together share a hunk."""
    found: list[Hunk] = []
    open_hunk: list[Block] = []
    for number, block in enumerate(blocks):
        if not block.equal:
            open_hunk.append(block)
            continue
        size = block.old_to - block.old_from
        last = number == len(blocks) - 1
        if open_hunk and not last and size <= 2 * context:
            open_hunk.append(block)
            continue
        if open_hunk:
            head = min(size, context)
            found.append((*open_hunk, *([_part(block, 0, head)] if head else [])))
        tail = min(size, context)
        open_hunk = [_part(block, size - tail, size)] if tail and not last else []
    return (*found, tuple(open_hunk)) if any(not block.equal for block in open_hunk) else tuple(found)


def changed_words(old: str, new: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The parts of two versions of a line that differ, in characters of each.

    Nothing for lines that are too long, or have too little in common for the parts to tell anything.
    """
    if max(len(old), len(new)) > _LONGEST_LINE:
        return (), ()
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    shared = sum(len("".join(before[at : at + size]).strip()) for at, _, size in matcher.get_matching_blocks())
    if shared < _ALIKE * max(len(old.strip()), len(new.strip())):
        return (), ()
    starts_old, starts_new = _starts(before), _starts(after)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        tuple((starts_old[i], starts_old[k]) for _, i, k, _, _ in changes if i < k),
        tuple((starts_new[i], starts_new[k]) for _, _, _, i, k in changes if i < k),
    )


def _part(block: Block, first: int, end: int) -> Block:
    return Block(True, block.old_from + first, block.old_from + end, block.new_from + first, block.new_from + end)


def _starts(words: Sequence[str]) -> list[int]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return starts


def _runs(old: Sequence[str], new: Sequence[str], allowance: int) -> list[tuple[int, int, int]]:
    """Runs of equal lines in order: start in the old text, start in the new one, count. Neighbours are joined."""
    joined: list[tuple[int, int, int]] = []
    for start_old, start_new, count in _matches(old, new, allowance):
        if joined and (joined[-1][0] + joined[-1][2], joined[-1][1] + joined[-1][2]) == (start_old, start_new):
            joined[-1] = (joined[-1][0], joined[-1][1], joined[-1][2] + count)
        else:
            joined.append((start_old, start_new, count))
    return joined


def _matches(old: Sequence[str], new: Sequence[str], allowance: int) -> Iterator[tuple[int, int, int]]:
    waiting: list[_Range | tuple[int, int, int]] = [_Range(0, len(old), 0, len(new))]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, _Range):
            yield one
            continue
        head, middle, tail = _trim(old, new, one)
        if head:
            yield one.old_from, one.new_from, head
        if tail:
            waiting.append((one.old_to - tail, one.new_to - tail, tail))
        lines_old, lines_new = middle.old_to - middle.old_from, middle.new_to - middle.new_from
        if not lines_old or not lines_new:
            continue
        if lines_old * lines_new <= min(_MOST_AT_ONCE, allowance):
            allowance -= lines_old * lines_new
            matcher = SequenceMatcher(None, _cut(old, middle[:2]), _cut(new, middle[2:]))
            for at_old, at_new, count in matcher.get_matching_blocks()[:-1]:
                yield middle.old_from + at_old, middle.new_from + at_new, count
        elif lines_old + lines_new <= allowance:
            allowance -= lines_old + lines_new
            waiting.extend(reversed(_between(middle, _anchors(old, new, middle))))


def _cut(lines: Sequence[str], bounds: tuple[int, ...]) -> Sequence[str]:
    return lines[bounds[0] : bounds[1]]


def _trim(old: Sequence[str], new: Sequence[str], area: _Range) -> tuple[int, _Range, int]:
    """Equal lines at the head, what is between, and equal lines at the tail."""
    shorter = min(area.old_to - area.old_from, area.new_to - area.new_from)
    head = tail = 0
    while head < shorter and old[area.old_from + head] == new[area.new_from + head]:
        head += 1
    while tail < shorter - head and old[area.old_to - 1 - tail] == new[area.new_to - 1 - tail]:
        tail += 1
    return head, _Range(area.old_from + head, area.old_to - tail, area.new_from + head, area.new_to - tail), tail


def _between(area: _Range, anchors: Sequence[tuple[int, int]]) -> list[_Range | tuple[int, int, int]]:
    """The anchors with what lies before, between and after them; nothing when there are none."""
    if not anchors:
        return []
    parts: list[_Range | tuple[int, int, int]] = []
    at_old, at_new = area.old_from, area.new_from
    for line_old, line_new in anchors:
        parts += [_Range(at_old, line_old, at_new, line_new), (line_old, line_new, 1)]
        at_old, at_new = line_old + 1, line_new + 1
    return [*parts, _Range(at_old, area.old_to, at_new, area.new_to)]


def _anchors(old: Sequence[str], new: Sequence[str], area: _Range) -> list[tuple[int, int]]:
    """Lines that are once in each part, as many as keep their order: the longest increasing sequence."""
    once_old, once_new = Counter(_cut(old, area[:2])), Counter(_cut(new, area[2:]))
    place = {new[at]: at for at in range(area.new_from, area.new_to) if once_new[new[at]] == 1}
    pairs = [
        (at, place[old[at]]) for at in range(area.old_from, area.old_to) if once_old[old[at]] == 1 and old[at] in place
    ]
    smallest: list[int] = []
    """Where in the new text the best sequence of each length ends."""
    ends: list[int] = []
    before: list[int] = []
    for number, (_, at_new) in enumerate(pairs):
        length = bisect_left(smallest, at_new)
        before.append(ends[length - 1] if length else -1)
        smallest[length : length + 1] = [at_new]
        ends[length : length + 1] = [number]
    chain: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]
