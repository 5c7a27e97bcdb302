"""The changed files: what happens to each, how much, and whether it is approved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.run.proposal import FileProposal
from screens.actions import bindings
from screens.widgets.diff_rows import change_size
from screens.widgets.diff_text import visible

LETTERS = {"added": "A", "changed": "M", "deleted": "D"}
_MARK_WIDTH = 4


class DiffFiles(ScrollView, can_focus=True):
    """A list with a cursor. Files are known by their path, also when the list is read anew."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("files")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "diff-files--cursor",
        "diff-files--added",
        "diff-files--changed",
        "diff-files--deleted",
        "diff-files--mark",
    }
    DEFAULT_CSS = """
    DiffFiles {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size: 0 1;
        scrollbar-gutter: stable;
        & > .diff-files--cursor { background: $primary 20%; }
        &:focus > .diff-files--cursor { background: $primary 40%; text-style: bold; }
        & > .diff-files--added { color: $text-success; }
        & > .diff-files--changed { color: $text-primary; }
        & > .diff-files--deleted { color: $text-error; }
        & > .diff-files--mark { color: $text-primary; }
        &:ansi > .diff-files--cursor { background: ansi_default; text-style: underline; }
        &:ansi:focus > .diff-files--cursor { background: ansi_default; text-style: reverse; }
    }
    """

    cursor: reactive[int] = reactive(0, init=False)
    """The file shown, from 0."""
    markable: reactive[bool] = reactive(False, init=False)
    """Files can be marked for approval; marks are shown."""

    class Chosen(Message):
        """Another file is to be shown."""

        def __init__(self, file: FileProposal) -> None:
            super().__init__()
            self.file = file

    class Marked(Message):
        """The marks have changed."""

    class Opened(Message):
        """The file at the cursor is wanted: enter, or a second click."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.ascii_only = ascii_only
        self.files: tuple[FileProposal, ...] = ()
        self._left_out: set[str] = set()

    # --- what is in it ---

    def show(self, files: Sequence[FileProposal]) -> None:
        """Show these files. Cursor and marks stay with their paths; a file that is new is marked."""
        before = self.current.path if self.current else ""
        self.files = tuple(files)
        self._left_out &= {file.path for file in files}
        self.virtual_size = Size(0, len(self.files))
        at = next((number for number, file in enumerate(files) if file.path == before), 0)
        self.set_reactive(DiffFiles.cursor, at)
        self.watch_cursor()

    @property
    def current(self) -> FileProposal | None:
        return self.files[self.cursor] if self.cursor < len(self.files) else None

    @property
    def marked(self) -> tuple[str, ...]:
        return tuple(file.path for file in self.files if file.path not in self._left_out)

    def move(self, step: int) -> bool:
        """Go so many files on or back; False when there is none."""
        if not 0 <= self.cursor + step < len(self.files):
            return False
        self.cursor += step
        return True

    def toggle(self) -> None:
        """Mark the file at the cursor, or take its mark away."""
        if self.markable and self.current is not None:
            self._mark([self.current.path], self.current.path in self._left_out)

    def toggle_all(self) -> None:
        """Mark all files, or none when all are marked."""
        if self.markable:
            self._mark([file.path for file in self.files], bool(self._left_out))

    def _mark(self, paths: Iterable[str], on: bool) -> None:
        self._left_out = self._left_out - set(paths) if on else self._left_out | set(paths)
        self.post_message(self.Marked())
        self.refresh()

    # --- moving ---

    def watch_cursor(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True, x_axis=False)
        self.refresh()
        if self.current is not None:
            self.post_message(self.Chosen(self.current))

    def watch_markable(self) -> None:
        self.refresh()

    def action_cursor(self, step: int) -> None:
        self.move(step)

    def action_edge(self, last: bool) -> None:
        self.cursor = max(len(self.files) - 1, 0) if last else 0

    def action_open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        row = event.y - self.gutter.top + int(self.scroll_y)
        if not 0 <= row < len(self.files):
            return
        if self.markable and event.x - self.gutter.left < _MARK_WIDTH:
            self.cursor = row
            self.toggle()
        elif row == self.cursor:
            self.action_open()
        else:
            self.cursor = row

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        width, row = self.scrollable_content_region.width, int(self.scroll_y) + y
        if row >= len(self.files):
            return Strip.blank(self.size.width, self.rich_style)
        file = self.files[row]
        base = self.rich_style
        if row == self.cursor:
            base = self.get_visual_style("diff-files--cursor").rich_style
            base += self.get_component_styles("diff-files--cursor").text_style
        head = self._head(file, base)
        tail = self._tail(file, base)
        taken = sum(cell_len(segment.text) for segment in (*head, *tail))
        path = self._fit(visible(file.path, self.ascii_only), width - taken)
        return Strip([*head, Segment(path, base), *tail]).adjust_cell_length(self.size.width, base)

    def _head(self, file: FileProposal, base: Style) -> list[Segment]:
        mark = "[ ] " if file.path in self._left_out else "[x] "
        letter = Segment(f"{LETTERS[file.kind]} ", base + self._color(file.kind))
        return [Segment(mark, base + self._color("mark")), letter] if self.markable else [Segment(" ", base), letter]

    def _tail(self, file: FileProposal, base: Style) -> list[Segment]:
        if file.hidden:
            return [Segment(f" {file.hidden} ", base)]
        colors = {"+": self._color("added"), "-": self._color("deleted")}
        counts = [Segment(f" {part}", base + colors[part[0]]) for part in change_size(file)]
        return [*counts, Segment(" ", base)]

    def _fit(self, path: str, width: int) -> str:
        """The path in exactly `width` cells; of a long one the end, which tells files apart."""
        if (length := cell_len(path)) <= width:
            return path + " " * (width - length)
        mark = "..." if self.ascii_only else "…"
        room = max(width - cell_len(mark), 0)
        end = chop_cells(path[::-1], room)[0][::-1] if room else ""
        return (mark + end)[: max(width, 0)].rjust(max(width, 0))

    def _color(self, name: str) -> Style:
        return Style(color=self.get_visual_style(f"diff-files--{name}").rich_style.color)
