"""The runs as a list that holds only the stretch around what is in sight, whatever their number."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.message import Message

from core.text.display import age
from screens.base import Host
from screens.glyphs import Glyphs
from screens.widgets.cursor_list import CursorList
from screens.widgets.run_columns import RunColumns

if TYPE_CHECKING:
    from core.run.run_list import RunLine, RunPage

STRETCH = 200
"""Runs that are held at once."""


class RunRows(CursorList):
    """Rows of a `RunPage`; what is missing is asked for when it comes into sight."""

    class Wanted(Message):
        """Rows in sight are not there: a page from `offset` on is wanted."""

        def __init__(self, offset: int) -> None:
            super().__init__()
            self.offset = offset

    def __init__(self, home: str) -> None:
        super().__init__()
        self.page: RunPage | None = None
        self._home = home
        self._columns: tuple[int, RunColumns] | None = None
        self._ages: list[str] = []

    @property
    def glyphs(self) -> Glyphs:
        return cast(Host, self.app).glyphs

    @property
    def current(self) -> RunLine | None:
        return self._line(self.cursor)

    def show(self, page: RunPage, stay: bool) -> None:
        """With `stay` the cursor keeps to its run, wherever that has moved to; else it goes to the top."""
        if stay and page == self.page:
            self.let_age()
            return
        before = self.current
        self.page, self._columns = page, None
        places = {line.id: page.offset + at for at, line in enumerate(page.lines)}
        here = places.get(before.id, self.cursor) if before else self.cursor
        self.resize_to(page.total, here if stay else 0)
        self._ask()

    def let_age(self) -> None:
        """Draw again when a run in sight has come to be of another age."""
        now = time.time()
        ages = [age(now - line.created_at) for line in map(self._line, self.in_sight) if line]
        if ages != self._ages:
            self._ages = ages
            self.refresh()

    @property
    def wanted(self) -> int:
        """Where a page should begin that has what is in sight in its middle."""
        seen = self.in_sight
        return max(0, (seen.start + seen.stop - STRETCH) // 2)

    def header(self) -> Content:
        """The names of the columns."""
        return Content.assemble(" ", self._laid_out().header())

    def row(self, index: int, width: int) -> Content:
        line = self._line(index)
        if line is None:
            return Content.styled(self.glyphs.ellipsis, "$text-muted")
        return self._laid_out().row(line, time.time(), self.glyphs)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    def on_resize(self) -> None:
        super().on_resize()
        self._ask()

    def _ask(self) -> None:
        """Ask for what is in sight and not there."""
        seen = self.in_sight
        if seen and (self._line(seen.start) is None or self._line(seen.stop - 1) is None):
            self.post_message(self.Wanted(self.wanted))

    def _line(self, index: int) -> RunLine | None:
        at = index - self.page.offset if self.page else -1
        return self.page.lines[at] if self.page and 0 <= at < len(self.page.lines) else None

    def _laid_out(self) -> RunColumns:
        width = max(self.scrollable_content_region.width - 2, 0)
        if self._columns is None or self._columns[0] != width:
            lines = self.page.lines if self.page else ()
            self._columns = (width, RunColumns.of(lines, width, self._home, self.glyphs))
        return self._columns[1]
