"""Text in cells: cut, padded and put side by side. What comes from elsewhere is made one printable line first."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from core.text.display import one_line
from screens.glyphs import Glyphs, bar


def fit(text: str, width: int, glyphs: Glyphs) -> str:
    """Any text on one line of at most `width` cells; a sign says that it was cut."""
    line = one_line(text)
    if cell_len(line) <= width:
        return line
    mark = glyphs.ellipsis if width > len(glyphs.ellipsis) else ""
    return set_cell_size(line, max(width - len(mark), 0)).rstrip() + mark


def fit_end(text: str, width: int, glyphs: Glyphs) -> str:
    """The same, but the end is kept: of a path or a test it says most."""
    line = one_line(text)
    if cell_len(line) <= width:
        return line
    mark = glyphs.ellipsis if width > len(glyphs.ellipsis) else ""
    while line and cell_len(line) > width - len(mark):
        line = line[max((cell_len(line) - width + len(mark)) // 2, 1) :]
    return mark + line


def pad(text: str, width: int) -> str:
    return text + " " * max(width - cell_len(text), 0)


def apart(left: Content, right: Content, width: int) -> Content:
    """Two texts at the two ends of a line; where they do not fit both, the left one is cut."""
    room = width - right.cell_length - 1
    if right.cell_length and left.cell_length > room:
        left = left.truncate(max(room, 0), ellipsis=True)
    gap = max(width - left.cell_length - right.cell_length, 0)
    return Content.assemble(left, " " * gap, right)


def meter(glyphs: Glyphs, share: float, width: int, colour: str = "$text-primary") -> Content:
    """A bar, `share` of it full; a figure stands beside it and says the same."""
    text = bar(glyphs, share, width)
    full = len(text.rstrip(glyphs.bar_empty))
    return Content.assemble((text[:full], colour), (text[full:], "$text-disabled"))


def used(share: float) -> str:
    """The colour of something that is used up."""
    return "$text-error" if share >= 0.95 else "$text-warning" if share >= 0.8 else "$text-primary"
