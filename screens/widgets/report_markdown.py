"""A report as Markdown whose tables and lists are one widget each.

Textual's own are one per cell and three per item, which takes seconds for a report with 30 tests.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Markdown
from textual.widgets._markdown import MarkdownBlock, MarkdownBulletList, MarkdownParagraph, MarkdownTable

_GAP = 2
_NARROWEST = 8
"""Cells below which no column is made narrower."""


class TableText(Widget):
    """Rows of cells in aligned columns; what does not fit a column goes on below."""

    DEFAULT_CSS = """
    TableText { width: 1fr; height: auto; }
    """

    def __init__(self, headers: Sequence[Content], rows: Sequence[Sequence[Content]]) -> None:
        super().__init__()
        named = [header.stylize("bold $text-muted") for header in headers]
        self._rows = [named, *rows] if any(header.plain for header in headers) else list(rows)
        self._laid_out: tuple[int, list[Content]] = (0, [])

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def _lines(self, width: int) -> list[Content]:
        if self._laid_out[0] != width:
            natural = [max(cell.cell_length for cell in column) for column in zip(*self._rows, strict=False)]
            widths = _fitted(natural, width)
            self._laid_out = (width, [line for row in self._rows for line in _side_by_side(row, widths)])
        return self._laid_out[1]


class ReportTable(MarkdownTable):
    def compose(self) -> ComposeResult:
        yield TableText(*self._get_headers_and_rows())


class ReportList(MarkdownBulletList):
    def compose(self) -> ComposeResult:
        items = [item._blocks for item in self._blocks]
        if any(len(blocks) != 1 or not isinstance(blocks[0], MarkdownParagraph) for blocks in items):
            yield from super().compose()
            return
        self._blocks.clear()
        yield TableText((), [(Content("-"), blocks[0]._content) for blocks in items])


class ReportMarkdown(Markdown):
    """Links are not followed: where they lead is for the run to say, not for us."""

    BLOCKS: dict[str, type[MarkdownBlock]] = {  # noqa: RUF012
        **Markdown.BLOCKS,
        "table_open": ReportTable,
        "bullet_list_open": ReportList,
    }
    DEFAULT_CSS = """
    ReportMarkdown {
        & MarkdownFence { overflow: hidden; color: $text; }
        & MarkdownFence > Label { width: 1fr; padding: 0 2; text-wrap: wrap; }
        & MarkdownHeader { content-align: left middle; }
    }
    """

    def __init__(self) -> None:
        super().__init__(open_links=False)


def _fitted(widths: list[int], room: int) -> list[int]:
    """Column widths that fit into `room` cells: the widest ones give way, down to a least width."""
    room -= _GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        rivals = sorted(widths)[-2:]
        surplus = sum(widths) - room
        widths[widest] -= min(surplus, max(rivals[-1] - rivals[0], 1), widths[widest] - _NARROWEST)
    return widths


def _side_by_side(row: Sequence[Content], widths: Sequence[int]) -> list[Content]:
    cells = [cell.wrap(max(width, 1)) for cell, width in zip(row, widths, strict=False)]
    height = max((len(lines) for lines in cells), default=0)
    shown = []
    for at in range(height):
        parts = [lines[at] if at < len(lines) else Content() for lines in cells]
        padded = [part.pad_right(max(width - part.cell_length, 0)) for part, width in zip(parts, widths, strict=True)]
        shown.append(Content(" " * _GAP).join(padded).rstrip())
    return shown
