"""Lines of a timeline: when, about what, and the text, wrapped under itself."""

from __future__ import annotations

import textwrap

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from core.run.event_words import Line
from core.text.display import printable
from screens.cells import fit, pad
from screens.glyphs import Glyphs
from screens.standing import clock
from screens.widgets.timeline import Notes

_LONGEST = 600
"""Characters of one line; the log has all of them."""
_TONES = {
    "good": "$text-success",
    "bad": "$text-error",
    "warn": "$text-warning",
    "dim": "$text-muted",
    "strong": "bold",
}
_CLOCK = 6
_LABEL = 12


class NotesBlock(Widget):
    DEFAULT_CSS = """
    NotesBlock { height: auto; margin: 0 0 1 0; }
    """

    def __init__(self, notes: Notes, glyphs: Glyphs) -> None:
        super().__init__()
        self.notes = notes
        self._glyphs = glyphs
        self._drawn: tuple[int, int, Content] = (-1, -1, Content())

    def grew(self) -> None:
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._lines(width).plain.count("\n") + 1

    def render(self) -> RenderResult:
        return self._lines(self.size.width)

    def _lines(self, width: int) -> Content:
        count = len(self.notes.lines)
        if self._drawn[:2] != (count, width):
            text = Content("\n").join(self._line(seconds, line, width) for seconds, line in self.notes.lines)
            self._drawn = (count, width, text)
        return self._drawn[2]

    def _line(self, seconds: float, line: Line, width: int) -> Content:
        wide = width >= 60
        when = pad(clock(seconds) if line.label else "", _CLOCK)
        # A label of any length would leave no room for the text.
        name = fit(line.label, max(_LABEL, width // 4), self._glyphs)
        label = pad(name, _LABEL) + " " if wide or line.label else " "
        start = Content.assemble((when, "$text-disabled"), (label, "$text-muted"))
        mark = {"good": f"{self._glyphs.ok} ", "bad": f"{self._glyphs.bad} "}.get(line.mark, "")
        words = printable(" ".join(line.text.split()))[:_LONGEST]
        tail = line.tail.replace(" ", "\N{NO-BREAK SPACE}")
        text = f"{mark}{words} {tail}".rstrip()
        indent = start.cell_length if wide else _CLOCK
        rows = textwrap.wrap(
            text, max(width - indent, 10), initial_indent="" if wide else " " * (start.cell_length - indent)
        )
        first, *more = [row.lstrip() for row in rows] or [""]
        style = _TONES.get(line.tone, "")
        parts = [Content.assemble(start, (first, style))]
        parts += [Content.assemble(" " * indent, (row, style)) for row in more]
        return Content("\n").join(parts)
