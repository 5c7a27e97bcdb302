"""A text file as lines that remember how each of them ended, so that untouched bytes stay as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_BOM: Final = "\ufeff"
_DIFF_CELLS: Final = 1_000_000
"""Most cells of a line diff; above it only the common head and tail are told apart."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """`lines` without their ends; `ends` is `\\n`, `\\r\\n`, or empty on a last line without newline."""

    lines: tuple[str, ...]
    ends: tuple[str, ...]
    bom: bool = False

    @classmethod
    def decode(cls, data: bytes) -> TextFile | None:
        """None when the bytes are not UTF-8 text."""
        if b"\0" in data:
            return None
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return None
        bom = text.startswith(_BOM)
        raw = (text[1:] if bom else text).split("\n")
        lines, ends = [], []
        for position, line in enumerate(raw):
            if position == len(raw) - 1:
                if line:
                    lines.append(line)
                    ends.append("")
            elif line.endswith("\r"):
                lines.append(line[:-1])
                ends.append("\r\n")
            else:
                lines.append(line)
                ends.append("\n")
        return cls(tuple(lines), tuple(ends), bom)

    def encode(self) -> bytes:
        """The file's bytes; not UTF-8 when a line holds a lone surrogate."""
        body = "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))
        return ((_BOM if self.bom else "") + body).encode("utf-8", "surrogatepass")

    @property
    def newline(self) -> str:
        """The newline most lines use; LF when undecided."""
        return "\r\n" if self.ends.count("\r\n") * 2 > len(self.ends) - self.ends.count("") else "\n"

    def with_content(self, content: str) -> TextFile:
        """This file with all its text replaced: its newline style, BOM and missing last newline stay."""
        new = split_lines(content)
        ends = [self.newline] * len(new)
        if ends and (not content.endswith("\n") or (self.ends and not self.ends[-1])):
            ends[-1] = ""
        return TextFile(tuple(new), tuple(ends), self.bom)

    def with_lines(self, start: int, found: Sequence[str], new: Sequence[str]) -> TextFile:
        """The lines from `start` that matched `found`, line for line, replaced by `new`.

        A line that `new` keeps from `found` keeps its own bytes, also where the match was a tolerant one.
        """
        stop = start + len(found)
        lines: list[str] = []
        ends: list[str] = []
        for kept_from, first, last in _kept_runs(found, new):
            if kept_from is None:
                lines += new[first:last]
                ends += [self.newline] * (last - first)
            else:
                at = start + kept_from
                lines += self.lines[at : at + last - first]
                ends += self.ends[at : at + last - first]
        all_lines = (*self.lines[:start], *lines, *self.lines[stop:])
        all_ends = [*self.ends[:start], *ends, *self.ends[stop:]]
        unended = bool(self.ends) and not self.ends[-1]
        all_ends = [end or self.newline for end in all_ends[:-1]] + all_ends[-1:]
        if stop == len(self.lines) and unended and new:
            all_ends[-1] = ""
        return TextFile(all_lines, tuple(all_ends), self.bom)


def split_lines(text: str) -> list[str]:
    """Lines without their LF; a text that ends in one has no empty last line."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def _kept_runs(found: Sequence[str], new: Sequence[str]) -> list[tuple[int | None, int, int]]:
    """`new` as runs (index in `found` or None when fresh, first, last) in order."""
    head = 0
    while head < min(len(found), len(new)) and found[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(found), len(new)) - head and found[-1 - tail] == new[-1 - tail]:
        tail += 1
    runs: list[tuple[int | None, int, int]] = [(0, 0, head)]
    middle_found, middle_new = found[head : len(found) - tail], new[head : len(new) - tail]
    if len(middle_found) * len(middle_new) <= _DIFF_CELLS:
        matcher = SequenceMatcher(None, middle_found, middle_new, autojunk=False)
        for tag, i1, _, j1, j2 in matcher.get_opcodes():
            runs.append((head + i1 if tag == "equal" else None, head + j1, head + j2))
    else:
        runs.append((None, head, len(new) - tail))
    runs.append((len(found) - tail, len(new) - tail, len(new)))
    return [run for run in runs if run[1] < run[2]]
