"""One row of a log as a strip: test results and what is looked for stand out; the words carry the meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.cache import LRUCache
from textual.strip import Strip

from core.run.log_search import Needle

_WORDS = re.compile(r"\b(?:(?P<good>PASSED)|(?P<bad>FAILED|ERRORS?)|(?P<doubtful>SKIPPED|XFAIL|XPASS|WARNINGS?))\b")
_FAILURE_LINE = re.compile(r"E(?: {3}|$)")
_HEADING = re.compile(r"([=_-])\1{2,} .* \1{3,}$")
_STRIPS = 64  # a page; each keeps many small objects alive, which the garbage collector must walk


@dataclass(frozen=True, slots=True)
class Inks:
    """The styles of a log, each a component class `log-rows--…` of the widget."""

    good: Style
    bad: Style
    doubtful: Style
    heading: Style
    match: Style
    cursor: Style
    marked: Style
    aside: Style


class Painter:
    """Draws rows and remembers the last ones it drew."""

    def __init__(self, console: Console, base: Style, inks: Inks) -> None:
        self.base = base
        self.inks = inks
        self._console = console
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(_STRIPS)

    def row(
        self, text: str, base: Style, needle: Needle | None = None, chosen: tuple[int, int | None, Style] | None = None
    ) -> Strip:
        """The whole row. `chosen`: start, end and style of what the mouse has selected; an end of None is the row's."""
        key = (text, base, needle, chosen)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(text, base, needle, chosen)
        return strip

    def line(self, row: Strip, base: Style, origin: tuple[int, int], width: int, sign: str, more: str) -> Strip:
        """The part of a row that is in sight, `width` cells with `sign` before it and `more` where it goes on.

        `origin` is the column and row it begins at, as a selection by mouse counts; `sign` is one column before.
        """
        left, index = origin
        room = width - 1
        goes_on = row.cell_length > left + room
        shown = row.crop(left, left + room - goes_on) if left or goes_on else row
        aside = base + self.inks.aside
        pieces = [
            Segment(sign, base if sign == " " else aside),
            *shown,
            Segment(more, aside) if goes_on else Segment(" " * (room - shown.cell_length), base),
        ]
        at = left - 1
        segments = []
        # As few pieces as can be: each costs some forty bytes of colours on its way to the terminal.
        for text, style, _ in Segment.simplify(pieces):
            segments.append(Segment(text, (style or base) + Style.from_meta({"offset": (at, index)})))
            at += len(text)
        return Strip(segments, width)

    def _draw(
        self, text: str, base: Style, needle: Needle | None, chosen: tuple[int, int | None, Style] | None
    ) -> Strip:
        spans = self._spans(text, needle)
        if chosen is not None:
            first, last, marking = chosen
            spans.append((first, len(text) if last is None else last, marking))
        width = cell_len(text)
        if not spans:
            return Strip([Segment(text, base)], width)
        styled = Text(text, style=base, end="")
        for start, end, style in spans:
            styled.stylize(style, start, end)
        return Strip(styled.render(self._console), width)

    def _spans(self, text: str, needle: Needle | None) -> list[tuple[int, int, Style]]:
        found: list[tuple[int, int, Style]] = []
        if _HEADING.match(text):
            found.append((0, len(text), self.inks.heading))
        if _FAILURE_LINE.match(text):
            found.append((0, len(text), self.inks.bad))
        for word in _WORDS.finditer(text):
            ink = {"good": self.inks.good, "bad": self.inks.bad}.get(str(word.lastgroup), self.inks.doubtful)
            found.append((*word.span(), ink))
        if needle is not None and not needle.inverse:
            looked_for = re.compile(re.escape(needle.text), re.IGNORECASE)
            found += [(*hit.span(), self.inks.match) for hit in looked_for.finditer(text)]
        return found
