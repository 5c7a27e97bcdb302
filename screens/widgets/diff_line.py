"""One line of a file as coloured segments: syntax, the words that changed, tabs laid out, what is cut off said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from core.files.line_diff import Span
from screens.widgets.diff_text import LONGEST_LINE, TAB, Syntax, visible


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles by role. Those of rows have a background, the others lie on top of them."""

    equal: Style
    added: Style
    removed: Style
    void: Style
    """Where the other side has a line and this one has none."""
    hunk: Style
    current: Style
    """The heading of the hunk one is at."""
    note: Style
    number: Style
    """Line numbers."""
    added_sign: Style
    removed_sign: Style
    added_word: Style
    removed_word: Style
    aside: Style
    """Our own words in a line of the file."""
    keyword: Style
    string: Style
    comment: Style
    literal: Style
    name: Style

    def syntax(self, name: str) -> Style:
        style: Style = getattr(self, name)
        return style


ROWS = frozenset({"equal", "added", "removed", "void", "hunk", "current", "note"})
"""The roles of whole rows."""


@dataclass(frozen=True, slots=True)
class Paint:
    """How lines are drawn, apart from their text."""

    palette: Palette
    ascii_only: bool = False
    shows_cr: bool = False

    def code(
        self, line: str, row: Style, syntax: Syntax, words: Sequence[Span] = (), word: Style | None = None
    ) -> list[Segment]:
        """A line with its line end, on the background `row`. `words`: parts drawn in the style `word` as well."""
        text = line.removesuffix("\n")
        asides = [] if line.endswith("\n") else ["  no newline at the end"]
        if text.endswith("\r") and not self.shows_cr:
            text = text[:-1]
        if (more := len(text) - LONGEST_LINE) > 0:
            asides.insert(0, f"  {more:,} more characters")
            text = text[:LONGEST_LINE]
        segments = self._coloured(visible(text, self.ascii_only), row, syntax, words, word or row)
        return [*segments, *(Segment(aside, row + self.palette.aside) for aside in asides)]

    def _coloured(self, text: str, row: Style, syntax: Syntax, words: Sequence[Span], word: Style) -> list[Segment]:
        borders = {0, len(text)}
        borders.update(border for start, end, _ in syntax for border in (start, end) if border < len(text))
        borders.update(border for span in words for border in span if border < len(text))
        segments: list[Segment] = []
        column = 0
        for start, end in pairwise(sorted(borders)):
            style = row
            if (at := _covering(syntax, start)) is not None:
                style += self.palette.syntax(syntax[at][2])
            if _covering(words, start) is not None:
                style += word
            shown, column = _lay_out(text[start:end], column)
            segments.append(Segment(shown, style))
        return segments


def window(line: Strip, left: int, width: int, row: Style, edge: Style) -> Strip:
    """The columns of `line` in sight, from `left` on; `<` and `>` where it goes on beyond the edges."""
    length = line.cell_length
    shown = line.crop_extend(left, left + width, row)
    if width > 2 and left and length:
        shown = Strip.join([Strip([Segment("<", edge)], 1), shown.crop(1)])
    if width > 2 and length > left + width:
        shown = Strip.join([shown.crop(0, width - 1), Strip([Segment(">", edge)], 1)])
    return shown


def _covering(spans: Sequence[tuple[int, int] | tuple[int, int, str]], at: int) -> int | None:
    """Which of the spans, in order and apart, character `at` is in."""
    number = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return number if number >= 0 and at < spans[number][1] else None


def _lay_out(text: str, column: int) -> tuple[str, int]:
    """Tabs as spaces up to the next stop, beginning in `column`; and the column after it."""
    if "\t" not in text:
        return text, column + cell_len(text)
    parts: list[str] = []
    for number, part in enumerate(text.split("\t")):
        if number:
            gap = TAB - column % TAB
            parts.append(" " * gap)
            column += gap
        parts.append(part)
        column += cell_len(part)
    return "".join(parts), column
