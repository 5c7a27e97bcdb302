"""A list of any length with a cursor: only the rows in sight are ever made."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from screens.actions import bindings

_EDGE = 1
"""Blank cells at both ends of a row."""


class CursorList(ScrollView, can_focus=True, inherit_bindings=False):
    """Subclasses say what stands in a row; `resize_to` says how many there are."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("list")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"cursor-list--cursor", "cursor-list--empty"}
    DEFAULT_CSS = """
    CursorList {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size: 0 1;
        scrollbar-gutter: stable;
        & > .cursor-list--cursor { background: $primary 20%; }
        &:focus > .cursor-list--cursor { background: $primary 40%; text-style: bold; }
        & > .cursor-list--empty { color: $text-muted; }
        &:ansi > .cursor-list--cursor { background: ansi_default; text-style: underline; }
        &:ansi:focus > .cursor-list--cursor { background: ansi_default; text-style: reverse; }
    }
    """

    around: ClassVar[int] = 0
    """Rows on both sides of the cursor that are kept in sight."""
    cursor: reactive[int] = reactive(0, init=False, repaint=False)
    """The row that keys move, from 0."""

    class Moved(Message):
        """The cursor is at another row, or other rows are in sight."""

        def __init__(self, rows: CursorList) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> CursorList:
            return self.rows

    class Opened(Moved):
        """The row at the cursor was clicked again."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.empty = ""
        """What stands here while there are no rows."""
        self._count = 0

    # --- what is in it ---

    def row(self, index: int, width: int) -> Content:
        """What stands in a row, at most `width` cells."""
        raise NotImplementedError

    @property
    def count(self) -> int:
        return self._count

    @property
    def in_sight(self) -> range:
        """The rows in sight."""
        top = self.scroll_offset.y
        return range(min(top, self._count), min(top + self.size.height, self._count))

    def resize_to(self, count: int, cursor: int | None = None) -> None:
        """There are so many rows now. The cursor goes to `cursor`, and what is in sight moves as far as it does."""
        top, before = self.scroll_y, self.cursor
        self._count = count
        self.virtual_size = Size(0, count)
        wanted = max(0, min(before if cursor is None else cursor, count - 1))
        self.set_reactive(CursorList.cursor, wanted)
        if top and wanted != before:
            self.scroll_to(y=top + wanted - before, animate=False, force=True)
        self._show_cursor()
        self.refresh()

    # --- moving ---

    def watch_cursor(self, old: int, new: int) -> None:
        for index in (old, new):
            self.refresh_line(index)
        self._show_cursor()
        self.post_message(self.Moved(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Moved(self))

    def _show_cursor(self) -> None:
        if self._count:
            around = min(self.around, max(self.size.height - 1, 0) // 2)
            region = Region(0, self.cursor - around, 1, 2 * around + 1)
            self.scroll_to_region(region, animate=False, force=True, x_axis=False)

    def go_to(self, index: int) -> None:
        self.cursor = max(0, min(index, self._count - 1))

    def action_step(self, rows: int) -> None:
        self.go_to(self.cursor + rows)

    def action_page(self, pages: float) -> None:
        self.go_to(self.cursor + int(pages * max(self.size.height - 1, 1)))

    def action_edge(self, last: bool) -> None:
        self.go_to(self._count - 1 if last else 0)

    def on_click(self, event: events.Click) -> None:
        index = event.y - self.gutter.top + self.scroll_offset.y
        if index >= self._count:
            return
        if index == self.cursor and event.chain > 1:
            self.post_message(self.Opened(self))
        self.go_to(index)

    def on_resize(self) -> None:
        self._show_cursor()
        self.post_message(self.Moved(self))

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        index = self.scroll_offset.y + y
        if not self._count:
            return self._empty_line(y)
        if index >= self._count:
            return Strip.blank(self.size.width, self.rich_style)
        here = index == self.cursor
        style = self.get_visual_style("cursor-list--cursor") if here else self.visual_style
        width = max(self.scrollable_content_region.width - 2 * _EDGE, 0)
        text = Content.assemble(" " * _EDGE, self.row(index, width))
        (strip,) = Visual.to_strips(self, text, width + _EDGE, 1, style)
        return strip.adjust_cell_length(self.size.width, style.rich_style)

    def _empty_line(self, y: int) -> Strip:
        lines = [
            line
            for part in self.empty.splitlines()
            for line in textwrap.wrap(part, max(self.size.width - 2, 10)) or [""]
        ]
        style = self.get_visual_style("cursor-list--empty").rich_style
        text = Content(f" {lines[y] if y < len(lines) else ''}")
        (strip,) = Visual.to_strips(self, text, self.size.width, 1, self.get_visual_style("cursor-list--empty"))
        return strip.adjust_cell_length(self.size.width, style)
