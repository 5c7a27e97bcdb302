"""Which line of a diff stands in which row, unified or side by side: looked up, never listed, however long it is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from core.files.line_diff import Block, Hunk, hunks
from core.run.proposal import FileProposal, Version

_WORDS_FOR_KIND = {"added": "An empty file is added.", "deleted": "An empty file is deleted."}


class Row(NamedTuple):
    """What one row shows. `old` and `new` are line numbers from 0, None where that side has nothing."""

    shape: Literal["note", "hunk", "equal", "change"]
    old: int | None = None
    new: int | None = None
    mate: int | None = None
    """In a unified diff: the line of the other side that this one replaces or is replaced by."""
    text: str = ""


class _Piece(NamedTuple):
    """Rows that follow one rule, from row `top` on."""

    top: int
    shape: Literal["note", "hunk", "equal", "old", "new", "both"]
    block: Block | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one file."""

    count: int
    hunk_tops: tuple[int, ...]
    """The row of each hunk's heading."""
    hunks: tuple[Hunk, ...]
    _pieces: tuple[_Piece, ...]

    def at(self, y: int) -> Row:
        """Row `y`, from 0; the caller stays below `count`."""
        piece = self._pieces[bisect_right(self._pieces, y, key=lambda one: one.top) - 1]
        block = piece.block
        if block is None:
            return Row("hunk" if piece.shape == "hunk" else "note", text=piece.text)
        at = y - piece.top
        old, new = block.old_from + at, block.new_from + at
        in_old, in_new = old < block.old_to, new < block.new_to
        if piece.shape == "equal":
            return Row("equal", old, new)
        if piece.shape == "old":
            return Row("change", old=old, mate=new if in_new else None)
        if piece.shape == "new":
            return Row("change", new=new, mate=old if in_old else None)
        return Row("change", old if in_old else None, new if in_new else None)

    def hunk_at(self, y: int) -> int:
        """Number of the hunk that row `y` belongs to, from 0."""
        return max(bisect_right(self.hunk_tops, y) - 1, 0)


def rows_of(file: FileProposal, split: bool) -> Rows:
    """Unified, or with old and new side by side."""
    found = hunks(file.blocks)
    pieces: list[_Piece] = []
    tops: list[int] = []
    top = 0
    for text in _notes(file, bool(found)):
        pieces.append(_Piece(top, "note", text=text))
        top += 1
    for hunk in found:
        tops.append(top)
        pieces.append(_Piece(top, "hunk", text=heading(hunk)))
        top += 1
        for block in hunk:
            for piece, size in _pieces_of(block, top, split):
                pieces.append(piece)
                top = piece.top + size
    return Rows(top, tuple(tops), found, tuple(pieces))


def change_size(file: FileProposal) -> list[str]:
    """`+12`, `-3`; without the half that cannot be. Nothing for a file whose lines are not shown."""
    if file.hidden:
        return []
    added = [f"+{file.added}"] if file.added or file.kind != "deleted" else []
    return added + ([f"-{file.removed}"] if file.removed or file.kind != "added" else [])


def heading(hunk: Hunk) -> str:
    """`@@ -10,7 +10,12 @@`, as in a unified diff."""
    first, last = hunk[0], hunk[-1]
    return f"@@ -{_extent(first.old_from, last.old_to)} +{_extent(first.new_from, last.new_to)} @@"


def unified_text(file: FileProposal, hunk: Hunk) -> str:
    """A hunk as in a unified diff, for the clipboard."""
    old = file.before.lines if file.before else ()
    new = file.after.lines if file.after else ()
    lines = [heading(hunk) + "\n"]
    for block in hunk:
        if block.equal:
            lines += [" " + line for line in old[block.old_from : block.old_to]]
        else:
            lines += ["-" + line for line in old[block.old_from : block.old_to]]
            lines += ["+" + line for line in new[block.new_from : block.new_to]]
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def _extent(start: int, end: int) -> str:
    # An empty side is named by the line before it.
    return f"{start + (start < end)},{end - start}"


def _pieces_of(block: Block, top: int, split: bool) -> Iterator[tuple[_Piece, int]]:
    old, new = block.old_to - block.old_from, block.new_to - block.new_from
    if block.equal:
        yield _Piece(top, "equal", block), old
    elif split:
        yield _Piece(top, "both", block), max(old, new)
    else:
        if old:
            yield _Piece(top, "old", block), old
        if new:
            yield _Piece(top + old, "new", block), new


def _notes(file: FileProposal, has_hunks: bool) -> Iterator[str]:
    """What is said above the lines, or in place of them."""
    yield from (remark[0].upper() + remark[1:] + "." for remark in file.remarks)
    if file.hidden:
        what = "A binary file" if file.hidden == "binary" else "Too large to show"
        yield f"{what}: {_sizes(file.before, file.after)}."
    elif not has_hunks and not file.remarks:
        yield _WORDS_FOR_KIND.get(file.kind, "Its lines are the same.")


def _sizes(before: Version | None, after: Version | None) -> str:
    if before and after:
        return f"{size(before.size)} before, {size(after.size)} after"
    side = before or after
    return size(side.size) if side else ""


def size(count: int) -> str:
    """Bytes as `812 B`, `4.1 kB` or `12.0 MB`."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1e3:.1f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"
