"""The rows of a log on the screen: only those in sight are ever read, the newest kept in sight while following."""

from __future__ import annotations

import textwrap
from dataclasses import fields
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from core.run.log_file import LogFile
from core.run.log_search import Matches
from screens.widgets.log_paint import Inks, Painter

MOST_COPIED = 10_000
"""Rows that are copied at once at most."""
_GUTTER = 1
_WHOLE_ROW = ("cursor", "marked")


class LogRows(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of a `LogFile`, or only those that match. `cursor` counts the rows shown, `place` those of the log."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"log-rows--{each.name}" for each in fields(Inks)}
    DEFAULT_CSS = """
    LogRows {
        background: $surface;
        color: $foreground;
        overflow-x: auto;
        overflow-y: scroll;
        scrollbar-size-horizontal: 0;
        scrollbar-size-vertical: 1;
        scrollbar-background: $surface;
        & > .log-rows--good { color: $text-success; }
        & > .log-rows--bad { color: $text-error; text-style: bold; }
        & > .log-rows--doubtful { color: $text-warning; }
        & > .log-rows--heading { text-style: bold; }
        & > .log-rows--match { text-style: reverse; }
        & > .log-rows--cursor { background: $primary 25%; }
        & > .log-rows--marked { background: $panel; }
        & > .log-rows--aside { color: $text-muted; }
        &:ansi {
            & > .log-rows--good { color: ansi_green; }
            & > .log-rows--bad { color: ansi_red; }
            & > .log-rows--doubtful { color: ansi_yellow; }
            & > .log-rows--cursor, & > .log-rows--marked { background: ansi_default; text-style: underline; }
            & > .log-rows--aside { color: ansi_default; text-style: dim; }
        }
    }
    """

    follow: reactive[bool] = reactive(True, init=False, repaint=False)
    """Keep the newest row in sight."""
    cursor: reactive[int] = reactive(0, init=False, repaint=False)
    """The row that keys move and that is copied."""
    marked: reactive[int | None] = reactive(None, init=False)
    """Where a selection by keys began; it reaches to the cursor."""

    class Moved(Message):
        """What is in sight, under the cursor or followed is not as it was."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._signs = (">", "*", "<", ">") if ascii_only else ("▌", "▐", "‹", "›")
        self.file: LogFile | None = None
        self.matches: Matches | None = None
        """What is highlighted; with `narrowed`, only these rows are shown."""
        self.narrowed = False
        self.empty = ""
        """What stands here while there are no rows."""
        self.drawn = 0
        """Times that a row was put on the screen."""
        self._count = 0
        self._left_at = 0  # as `place` counts
        self._place = 0
        self._placing = False
        self._widest = 0
        self._painter: Painter | None = None
        self._page: tuple[object, list[str]] = (None, [])
        self._painted: object = None

    # --- what is shown ---

    def show(self, log: LogFile | None) -> None:
        """Show another log from its end, or nothing."""
        self.file = log
        self.matches, self.narrowed = None, False
        self._widest = 0
        self.marked = None
        self.follow = True
        self.scroll_to(x=0, animate=False, force=True)
        self.grew()
        self.refresh()

    def look_for(self, matches: Matches | None, narrowed: bool) -> None:
        """Highlight matches, or show nothing else. The cursor stays at its row of the log, or the nearest shown."""
        self._place = self.place
        self._placing = not self.follow
        if narrowed != self.narrowed:
            self.marked = None
        self.matches, self.narrowed = matches, narrowed and matches is not None
        self.grew()
        self.refresh()

    def grew(self) -> None:
        """Take in what the log, or the search, has found since. Costs nothing when nothing in sight is new."""
        before, self._count = self._count, self._rows_now()
        if self._count < before:
            self.marked = None
        self._measure()
        if self.follow:
            self._to_end()
        elif self._placing:
            self._show_around(self.index_of(self._place))
            # A search in progress may still find rows before it.
            self._placing = self.narrowed and self.matches is not None and self.matches.searched <= self._place
        else:
            self.cursor = max(min(self.cursor, self._count - 1), 0)
        if self._in_sight() != self._painted:
            self.refresh()

    @property
    def place(self) -> int:
        """The log's number of the row at the cursor."""
        numbers = self._numbers(self.cursor, self.cursor + 1)
        return numbers[0] if numbers else self._place

    @property
    def row_count(self) -> int:
        return self._count

    @property
    def unseen(self) -> int:
        """Rows that came since following ended."""
        if self.follow or self.file is None:
            return 0
        seen = min(self._left_at, self.file.line_count)
        return self._count - (self.matches.index(seen) if self.narrowed and self.matches else seen)

    def index_of(self, number: int) -> int:
        """Where a row of the log is shown, or else the next that is."""
        if self.narrowed and self.matches is not None:
            number = self.matches.index(number)
        return max(min(number, self._count - 1), 0)

    def _rows_now(self) -> int:
        if self.file is None:
            return 0
        return len(self.matches.rows) if self.narrowed and self.matches is not None else self.file.line_count

    def _numbers(self, start: int, stop: int) -> tuple[int, ...]:
        stop = min(stop, self._count)
        if self.narrowed and self.matches is not None:
            return tuple(self.matches.rows[start:stop])
        return tuple(range(start, stop))

    def _texts(self, numbers: tuple[int, ...]) -> list[str]:
        if self.file is None or not numbers:
            return []
        if numbers[-1] - numbers[0] == len(numbers) - 1:
            return self.file.lines(numbers[0], len(numbers))
        return [text for number in numbers for text in self.file.lines(number, 1) or [""]]

    def _in_sight(self) -> tuple[object, ...]:
        """What the rows in sight depend on. A row with its line end never changes."""
        top = self.scroll_offset.y
        numbers = self._numbers(top, top + self.size.height)
        if self.file is None or not numbers:
            return (self.empty,)
        open_end = self.file.version if numbers[-1] >= self.file.finished else 0
        return (id(self.file), self.file.generation, open_end, numbers)

    def _measure(self) -> None:
        size = Size(self._widest + _GUTTER, self._count)
        if size != self.virtual_size:
            # What assigning `virtual_size` does, without laying out the whole screen for it.
            self.set_reactive(LogRows.virtual_size, size)
            self._scroll_update(size)

    # --- moving ---

    def move(self, rows: int) -> None:
        self._set_cursor(self.cursor + rows)

    def turn(self, pages: float) -> None:
        """By pages of what is in sight."""
        rows = int(pages * max(self.size.height - 1, 1))
        wanted = self.cursor + rows
        self.scroll_to(y=self.scroll_y + rows, animate=False, force=True)
        self._set_cursor(wanted)

    def shift(self, columns: int) -> None:
        self.scroll_to(x=self.scroll_x + columns, animate=False, force=True)

    def top(self) -> None:
        self._set_cursor(0)

    def go_to(self, number: int) -> None:
        """To a row of the log, with some rows around it."""
        self._placing = False
        self.follow = False
        self._show_around(self.index_of(number))

    def mark(self) -> None:
        """Begin a selection at the cursor, or end it."""
        self.marked = self.cursor if self.marked is None else None

    def _set_cursor(self, index: int) -> None:
        self._placing = False
        index = max(min(index, self._count - 1), 0)
        if index < self._count - 1:
            self.follow = False
        self.cursor = index
        if index < self.scroll_y:
            self.scroll_to(y=index, animate=False, force=True)
        elif index >= self.scroll_y + self.size.height:
            self.scroll_to(y=index - self.size.height + 1, animate=False, force=True)

    def _show_around(self, index: int) -> None:
        if not 2 < index - self.scroll_y < self.size.height - 2:
            self.scroll_to(y=index - self.size.height // 3, animate=False, force=True)
        self.cursor = index

    def _to_end(self) -> None:
        self.cursor = max(self._count - 1, 0)
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def watch_follow(self, follow: bool) -> None:
        self._left_at = self.file.line_count if self.file else 0
        if follow:
            self._to_end()
        self.post_message(self.Moved())

    def watch_cursor(self, old: int, new: int) -> None:
        if self.marked is not None:
            self.refresh()
        for index in (old, new):
            self.refresh_line(index)
        if not self.follow:
            self.post_message(self.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        top = round(new_value)
        if top < round(old_value) and top < self.max_scroll_y:
            self.follow = False
        if not self.follow:
            self.cursor = min(max(self.cursor, top), top + max(self.size.height - 1, 0), max(self._count - 1, 0))

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_x(old_value, new_value)
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        self.grew()

    def on_focus(self) -> None:
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        self.refresh_line(self.cursor)

    def on_click(self, event: events.Click) -> None:
        self._set_cursor(self.scroll_offset.y + event.y)

    # --- copying ---

    def chosen_text(self) -> tuple[str, int]:
        """What is selected, else the row at the cursor, and how many rows of the selection that leaves out."""
        if self.text_selection is not None:
            top, last = self._reach(self.text_selection)
            return self.get_selection(self.text_selection)[0], max(last - top + 1 - MOST_COPIED, 0)
        first, last = self._marked_rows()
        numbers = self._numbers(first, min(last + 1, first + MOST_COPIED))
        left_out = last + 1 - first - len(numbers) if numbers else 0
        if self.file is not None and not self.narrowed and numbers:
            return self.file.text(numbers[0], len(numbers)), left_out
        return "\n".join(self._texts(numbers)), left_out

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        first, last = self._reach(selection)
        rows = self._texts(self._numbers(first, min(last + 1, first + MOST_COPIED)))
        if rows and selection.end is not None and selection.end.y - first < len(rows):
            rows[-1] = rows[-1][: max(selection.end.x, 0)]
        if rows and selection.start is not None:
            rows[0] = rows[0][max(selection.start.x, 0) :]
        return "\n".join(rows), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def _reach(self, selection: Selection) -> tuple[int, int]:
        first = 0 if selection.start is None else selection.start.y
        return first, self._count - 1 if selection.end is None else min(selection.end.y, self._count - 1)

    def _marked_rows(self) -> tuple[int, int]:
        begin = self.cursor if self.marked is None else self.marked
        return min(begin, self.cursor), max(begin, self.cursor)

    # --- drawing ---

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter = None

    def render_line(self, y: int) -> Strip:
        index = self.scroll_offset.y + y
        texts = self._texts_in_sight()
        if index >= self._count or y >= len(texts):
            return self._empty_line(y) if not self._count else Strip.blank(self.size.width, self._paint().base)
        self.drawn += 1
        return self._draw(index, texts[y])

    def _texts_in_sight(self) -> list[str]:
        wanted = self._in_sight()
        if self._page[0] != wanted:
            top = self.scroll_offset.y
            self._page = (wanted, self._texts(self._numbers(top, top + self.size.height)))
        self._painted = wanted
        return self._page[1]

    def _draw(self, index: int, text: str) -> Strip:
        painter = self._paint()
        at_cursor, in_marked, less, more = self._signs
        first, last = self._marked_rows() if self.marked is not None else (-1, -1)
        here, marked = self.has_focus and index == self.cursor, first <= index <= last
        base = painter.inks.cursor if here else painter.inks.marked if marked else painter.base
        row = painter.row(text, base, self.matches.needle if self.matches else None, self._span(index))
        if row.cell_length > self._widest:
            self._widest = row.cell_length
            self.call_later(self._measure)
        left = self.scroll_offset.x
        sign = at_cursor if here else in_marked if marked else less if left and row.cell_length else " "
        return painter.line(row, base, (left, index), self.scrollable_content_region.width, sign, more)

    def _span(self, index: int) -> tuple[int, int | None, Style] | None:
        """What the mouse has selected of a row; the column of its first one is -1, where no text stands."""
        selection = self.text_selection
        if selection is None:
            return None
        first, last = self._reach(selection)
        if not first <= index <= last:
            return None
        begin, end = selection.start, selection.end
        return (
            max(begin.x, 0) if begin is not None and begin.y == index else 0,
            max(end.x, 0) if end is not None and end.y == index else None,
            self.screen.get_component_rich_style("screen--selection"),
        )

    def _empty_line(self, y: int) -> Strip:
        width = self.size.width
        lines = textwrap.wrap(self.empty, max(width - 2, 10))
        painter = self._paint()
        style = painter.base + painter.inks.aside
        return Strip([Segment(f" {lines[y] if y < len(lines) else ''}", style)]).adjust_cell_length(width, style)

    def _paint(self) -> Painter:
        if self._painter is None:
            inks = {
                each.name: self.get_component_rich_style(f"log-rows--{each.name}", partial=each.name not in _WHOLE_ROW)
                for each in fields(Inks)
            }
            self._painter = Painter(self.app.console, self.rich_style, Inks(**inks))
        return self._painter
