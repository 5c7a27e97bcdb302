"""A file's change to read and walk through: unified or side by side. Only the rows in sight are ever drawn."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from typing import ClassVar, Literal

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.binding import Binding
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.files.line_diff import changed_words
from core.run.proposal import FileProposal, Version
from core.text.redaction import strip_escapes
from screens.actions import bindings
from screens.widgets.diff_line import ROWS, Paint, Palette, window
from screens.widgets.diff_rows import Row, Rows, change_size, rows_of, unified_text
from screens.widgets.diff_text import Study, Syntax, study, visible

SPLIT_FROM = 100
"""Columns of its own that two sides need."""
_TWO_NUMBERS_FROM = 60
_SIDEWAYS = 8
_STUDIES = 8
_STRIPS = 1024
_NOTHING = Rows(0, (), (), ())

Side = Literal["old", "new"]


class DiffView(ScrollView, can_focus=True):
    """Shows one file at a time; `show` says which."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("diff")
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"diff-view--{each.name}" for each in fields(Palette)}
    DEFAULT_CSS = """
    DiffView {
        background: $surface;
        color: $foreground;
        overflow-y: auto;
        overflow-x: auto;
        scrollbar-size: 0 1;
        scrollbar-gutter: stable;
        & > .diff-view--added { background: $success 14%; }
        & > .diff-view--removed { background: $error 14%; }
        & > .diff-view--void { background: $panel; }
        & > .diff-view--hunk { background: $panel; color: $text-muted; }
        & > .diff-view--current { background: $primary 25%; color: $text; text-style: bold; }
        & > .diff-view--note { color: $text-muted; text-style: italic; }
        & > .diff-view--number { color: $text-disabled; }
        & > .diff-view--added_sign { color: $text-success; text-style: bold; }
        & > .diff-view--removed_sign { color: $text-error; text-style: bold; }
        & > .diff-view--added_word { background: $success 35%; text-style: bold; }
        & > .diff-view--removed_word { background: $error 35%; text-style: bold; }
        & > .diff-view--aside { color: $text-muted; text-style: italic; }
        & > .diff-view--keyword { color: $text-primary; }
        & > .diff-view--string { color: $text-warning; }
        & > .diff-view--comment { color: $text-muted; text-style: italic; }
        & > .diff-view--literal { color: $text-warning; }
        & > .diff-view--name { text-style: bold; }
        &:ansi {
            & > .diff-view--added, & > .diff-view--removed { background: ansi_default; }
            & > .diff-view--added { color: ansi_green; }
            & > .diff-view--removed { color: ansi_red; }
            & > .diff-view--void, & > .diff-view--hunk { background: ansi_default; color: ansi_cyan; }
            & > .diff-view--current { background: ansi_default; color: ansi_cyan; text-style: bold reverse; }
            & > .diff-view--added_word, & > .diff-view--removed_word { background: ansi_default; text-style: reverse; }
            & > .diff-view--number { color: ansi_default; text-style: dim; }
        }
    }
    """

    split: reactive[bool] = reactive(False, init=False)
    """Side by side is wanted; where it does not fit, the diff is unified all the same."""
    hunk: reactive[int] = reactive(0, init=False)
    """Number of the hunk one is at, from 0."""

    class EndReached(Message):
        """There is no hunk further on: `step` is 1 after the last, -1 before the first."""

        def __init__(self, step: Literal[1, -1]) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, label: str = "", ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.label = label
        """Stands before the file's name in the border."""
        self.ascii_only = ascii_only
        self.file: FileProposal | None = None
        self.drawn = 0
        """Rows that were laid out as text so far."""
        self._rows = _NOTHING
        self._studies: LRUCache[str, Study] = LRUCache(_STUDIES)
        self._strips: LRUCache[tuple[int, int], Strip] = LRUCache(_STRIPS)
        self._palette: Palette | None = None
        self._width = 0
        """That the rows are laid out for."""
        self._sides = 1
        self._leaping = False

    # --- what is shown ---

    def show(self, file: FileProposal | None, at_end: bool = False) -> None:
        """Show a file from its first hunk, or `at_end` from its last; None shows nothing."""
        self.file = file
        self._lay_out()
        self.scroll_to(0, 0, animate=False)
        self.hunk = max(len(self._rows.hunks) - 1, 0) if at_end else 0
        if at_end:
            self._leap(self.hunk)
        if file is not None and self._known() is None:
            self._read_through(file)

    @property
    def is_split(self) -> bool:
        """Both sides are shown beside each other."""
        return self._sides == 2

    @property
    def _has_two_sides(self) -> bool:
        return self.file is not None and self.file.kind == "changed"

    @property
    def hunk_count(self) -> int:
        return len(self._rows.hunks)

    def _known(self) -> Study | None:
        found = self._studies.get(self.file.path) if self.file else None
        return found if found is not None and found.file is self.file else None

    @work(exclusive=True, exit_on_error=False)  # a lexer that fails leaves the text in one colour
    async def _read_through(self, file: FileProposal) -> None:
        self._studies[file.path] = await asyncio.to_thread(study, file)
        if file is self.file:
            self._measure()
            self._redraw()

    def _lay_out(self) -> None:
        """Rows anew, for another file or another width."""
        self._width = self._view_width
        self._sides = 2 if self.split and self._has_two_sides and self._width >= SPLIT_FROM else 1
        self._rows = rows_of(self.file, self._sides == 2) if self.file else _NOTHING
        self._measure()
        self._redraw()

    def _measure(self) -> None:
        known = self._known()
        beyond = max(known.width - self._code_width, 0) if known else 0
        self.virtual_size = Size(self._view_width + beyond, self._rows.count)

    def _redraw(self) -> None:
        self._strips.clear()
        self._tell()
        self.refresh()

    def _tell(self) -> None:
        """Name, size of the change and place in it, in the border."""
        if self.file is None:
            self.border_title = self.border_subtitle = None
            return
        name = visible(self.file.path, self.ascii_only)
        self.border_title = Content(f"{self.label}{name}  {' '.join(change_size(self.file))}".rstrip())
        parts = [f"hunk {self.hunk + 1}/{self.hunk_count}"] if self.hunk_count else []
        if not self._has_two_sides:
            parts.append("new file" if self.file.kind == "added" else "deleted file")
        elif self.split and not self.is_split:
            parts.append(f"side by side needs {SPLIT_FROM} columns, here are {self._view_width}")
        else:
            parts.append("side by side" if self.is_split else "unified")
        self.border_subtitle = Content("  ".join(parts))

    # --- moving ---

    def watch_split(self) -> None:
        self._keep_place()

    def on_resize(self) -> None:
        if self._view_width != self._width:
            self._keep_place()

    def watch_hunk(self) -> None:
        self._strips.clear()
        self._tell()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._leaping and round(old_value) != round(new_value):
            self.hunk = self._rows.hunk_at(round(new_value))

    def _keep_place(self) -> None:
        """Lay out again, and stay with the hunk one is at."""
        tops, hunk = self._rows.hunk_tops, self.hunk
        below = int(self.scroll_y) - tops[hunk] if tops else 0
        self._lay_out()
        if tops and self.scroll_y:
            self._leap(hunk, below)

    def _leap(self, hunk: int, below: int = 0) -> None:
        """Go to a hunk, or so many rows below its heading; near the end it may stay further down in sight."""
        self._leaping = True
        self.scroll_to(y=max(self._rows.hunk_tops[hunk] + below, 0), animate=False, force=True)
        self._leaping = False
        self.hunk = hunk

    def step(self, step: Literal[1, -1]) -> None:
        """Go to the next hunk, or the one before."""
        if 0 <= (wanted := self.hunk + step) < self.hunk_count:
            self._leap(wanted)
        else:
            self.post_message(self.EndReached(step))

    # Without animation: on a slow line every frame of it would be waited for.

    def action_lines(self, step: int) -> None:
        self.scroll_relative(y=step, animate=False)

    def action_half_pages(self, step: int) -> None:
        self.scroll_relative(y=step * max(self.scrollable_content_region.height // 2, 1), animate=False)

    def action_page_down(self) -> None:
        self.action_half_pages(2)

    def action_page_up(self) -> None:
        self.action_half_pages(-2)

    def action_edge(self, last: bool) -> None:
        self.scroll_to(y=self.max_scroll_y if last else 0, animate=False)

    def action_sideways(self, step: int) -> None:
        self.scroll_relative(x=step * _SIDEWAYS, animate=False)

    @property
    def hunk_text(self) -> str:
        """The hunk one is at as unified diff, without terminal control; empty when there is none."""
        if self.file is None or not self.hunk_count:
            return ""
        return strip_escapes(unified_text(self.file, self._rows.hunks[self.hunk]))

    # --- drawing ---

    @property
    def _view_width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _side_width(self) -> int:
        """Columns of one side; a line between two sides takes one."""
        return self._view_width if self._sides == 1 else (self._view_width - 1) // 2

    @property
    def _digits(self) -> int:
        sides = (self.file.before, self.file.after) if self.file else ()
        return max(len(str(max((len(side.lines) for side in sides if side), default=0))), 2)

    @property
    def _numbers(self) -> int:
        """Columns of line numbers of one side: old and new in a unified diff where there is room."""
        return 2 if self._sides == 1 and self._view_width >= _TWO_NUMBERS_FROM else 1

    @property
    def _code_width(self) -> int:
        return max(self._side_width - self._numbers * (self._digits + 1) - 3, 1)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette = None
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        scroll_x, scroll_y = self.scroll_offset
        width, row = self._view_width, scroll_y + y
        if row >= self._rows.count:
            return Strip.blank(self.size.width, self.rich_style)
        strip = self._strips.get((row, scroll_x))
        if strip is None:
            self.drawn += 1
            strip = self._strips[(row, scroll_x)] = self._draw(row, scroll_x).adjust_cell_length(width)
        return strip

    def _draw(self, number: int, scroll_x: int) -> Strip:
        palette, row = self._styles(), self._rows.at(number)
        if row.shape in ("hunk", "note"):
            at_it = row.shape == "hunk" and self._rows.hunk_tops[self.hunk] == number
            style = palette.note if row.shape == "note" else palette.current if at_it else palette.hunk
            text = f"{'>' if at_it else ' '} {row.text}"
            return Strip([Segment(text, style)]).adjust_cell_length(self._view_width, style)
        if self._sides == 2:
            left, right = self._side(row, "old", scroll_x), self._side(row, "new", scroll_x)
            bar = Segment("|" if self.ascii_only else "│", palette.equal + palette.number)
            return Strip.join([left, Strip([bar], 1), right])
        return self._side(row, "old" if row.new is None else "new", scroll_x)

    def _side(self, row: Row, side: Side, scroll_x: int) -> Strip:
        """One side of a row, or in a unified diff the row itself."""
        assert self.file is not None
        palette = self._styles()
        line, other = (row.old, row.new) if side == "old" else (row.new, row.old)
        version = self.file.before if side == "old" else self.file.after
        if line is None or version is None:
            return Strip.blank(self._side_width, palette.void)
        added = side == "new"
        changed = row.shape == "change"
        base = palette.equal if not changed else palette.added if added else palette.removed
        sign = " " if not changed else "+" if added else "-"
        sign_style = base + (palette.added_sign if added else palette.removed_sign)
        numbers = [line] if self._numbers == 1 else [row.old, row.new]
        digits = self._digits
        gutter = "".join(f"{'' if each is None else each + 1:>{digits}} " for each in numbers)
        mate = (other if self._sides == 2 else row.mate) if changed else None
        known = self._known()
        paint = Paint(palette, self.ascii_only, known.shows_cr if known else False)
        code = paint.code(
            version.lines[line],
            base,
            self._syntax(side, line),
            self._words(version, line, mate, side),
            palette.added_word if added else palette.removed_word,
        )
        head = [Segment(gutter, base + palette.number), Segment(f" {sign} ", sign_style)]
        width = self._side_width - self._numbers * (digits + 1) - 3
        return Strip.join([Strip(head), window(Strip(code), scroll_x, width, base, base + palette.aside)])

    def _words(self, version: Version, line: int, mate: int | None, side: Side) -> tuple[tuple[int, int], ...]:
        """What differs from the line it replaces or that replaces it."""
        assert self.file is not None
        other = self.file.after if side == "old" else self.file.before
        if mate is None or other is None:
            return ()
        mine, theirs = version.lines[line], other.lines[mate]
        return changed_words(mine, theirs)[0] if side == "old" else changed_words(theirs, mine)[1]

    def _syntax(self, side: Side, line: int) -> Syntax:
        known = self._known()
        if known is None:
            return ()
        lines = known.before if side == "old" else known.after
        return lines[line] if line < len(lines) else ()

    def _styles(self) -> Palette:
        if self._palette is None:
            self._palette = Palette(**{each.name: self._style(each.name) for each in fields(Palette)})
        return self._palette

    def _style(self, name: str) -> Style:
        """A component style; what it does not set is left to the style below it."""
        rules = self.get_component_styles(f"diff-view--{name}")
        blended = self.get_visual_style(f"diff-view--{name}").rich_style
        if name in ROWS:
            return blended + rules.text_style
        has_color = rules.has_rule("color") or rules.has_rule("auto_color")
        return (
            Style(
                color=blended.color if has_color else None,
                bgcolor=blended.bgcolor if rules.has_rule("background") else None,
            )
            + rules.text_style
        )
