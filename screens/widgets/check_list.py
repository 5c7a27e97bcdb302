"""The checks of doctor, one below the other, with a cursor; each is filled in when its result arrives."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from core.text.display import duration, one_line
from screens.actions import bindings
from screens.cells import apart, pad
from screens.glyphs import Glyphs
from screens.ports import Checked
from screens.standing import COLOURS, Tone

_TONES: dict[str, Tone] = {"ok": "good", "warn": "warn", "fail": "bad"}
_QUOTED = re.compile(r"`([^`-][^`]*)`")
_TOLD = re.compile(r"Run: (.+?)\.?(?: Or: |, then |$)")
_SHORT = 70
"""Cells below which the text of a check stands under its name instead of beside it."""


def command_of(remedy: str) -> str:
    """The command that a remedy names; empty when it is advice.

    A remedy quotes the command, says `Run:` before it, or is the command: sentences begin with a capital.
    """
    if found := _TOLD.search(remedy) or _QUOTED.search(remedy):
        return found[1]
    return remedy if remedy[:1].islower() and not remedy.endswith(".") else ""


class CheckRow(Static):
    """One check: `…` until `result` is there. Its text can be selected with the mouse."""

    def __init__(self, name: str, name_width: int, glyphs: Glyphs) -> None:
        super().__init__("", markup=False)
        self.check = name
        self.result: Checked | None = None
        self._name_width = name_width
        self._glyphs = glyphs
        self._drawn_for = 0

    def show(self, result: Checked) -> None:
        self.result = result
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._drawn_for:
            self._draw()

    def _draw(self) -> None:
        width = self._drawn_for = self.content_size.width
        if width:
            self.update(self._text(width))

    def _text(self, width: int) -> Content:
        glyphs, result = self._glyphs, self.result
        if result is None:
            return Content.styled(f"{pad(glyphs.ellipsis, 8)}{self.check}", "$text-muted")
        sign = {"ok": glyphs.ok, "warn": glyphs.warn, "fail": glyphs.bad}[result.status]
        colour = COLOURS[_TONES[result.status]]
        mark = Content.styled(pad(f"{sign} {result.status}", 8), colour)
        took = Content.styled(duration(result.duration_ms), "$text-muted")
        said = one_line(result.summary)
        remedy = f"{glyphs.arrow} {one_line(result.remedy)}" if result.remedy else ""
        if width < _SHORT:
            name = Content.assemble(mark, (self.check, "bold"))
            return Content("\n").join(
                [apart(name, took, width), *_block(said, 8, width), *_block(remedy, 8, width, colour)]
            )
        left = 8 + self._name_width + 2
        lines = _block(said, left, width - took.cell_length - 1)
        head = Content.assemble(mark, (pad(self.check, self._name_width + 2), "bold"), lines[0].plain[left:])
        return Content("\n").join([apart(head, took, width), *lines[1:], *_block(remedy, left, width, colour)])


def _block(text: str, left: int, width: int, style: str = "") -> list[Content]:
    """Text wrapped to `width` cells, its lines moved `left` to the right."""
    lines = textwrap.wrap(text, max(width - left, 20), break_on_hyphens=False)
    return [Content.assemble(" " * left, (line, style)) for line in lines]


class CheckList(VerticalScroll, can_focus=True, inherit_bindings=False):
    """`begin` lays out the names, `show` fills one in."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("list")
    DEFAULT_CSS = """
    CheckList {
        scrollbar-size: 0 1;
        scrollbar-gutter: stable;
        & > CheckRow { padding: 0 1; height: auto; }
        & > CheckRow.-here { background: $primary 15%; }
        &:focus > CheckRow.-here { background: $primary 30%; }
        &:ansi > CheckRow.-here { background: ansi_default; text-style: underline; }
        &:ansi:focus > CheckRow.-here { background: ansi_default; text-style: reverse; }
    }
    """

    cursor: reactive[int] = reactive(0, init=False)

    def __init__(self, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._glyphs = glyphs
        self._rows: list[CheckRow] = []

    def compose(self) -> ComposeResult:
        yield from self._rows

    async def begin(self, names: Sequence[str]) -> None:
        width = max(map(len, names), default=0)
        self._rows = [CheckRow(name, width, self._glyphs) for name in names]
        async with self.batch():
            await self.remove_children()
            await self.mount(*self._rows)
        self.set_reactive(CheckList.cursor, 0)
        self._mark()

    def show(self, result: Checked) -> None:
        for row in self._rows:
            if row.check == result.id:
                row.show(result)

    def point_at_trouble(self) -> None:
        """Go to the first check that failed, unless the cursor was moved."""
        failed = [at for at, row in enumerate(self._rows) if row.result is not None and row.result.status == "fail"]
        if failed and self.cursor == 0:
            self.go_to(failed[0])

    @property
    def results(self) -> list[Checked]:
        return [row.result for row in self._rows if row.result is not None]

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def here(self) -> Checked | None:
        """The result at the cursor, if it is there."""
        return self._rows[self.cursor].result if self._rows else None

    # --- moving ---

    def watch_cursor(self) -> None:
        self._mark()
        if self._rows:
            self.scroll_to_widget(self._rows[self.cursor], animate=False)

    def _mark(self) -> None:
        for at, row in enumerate(self._rows):
            row.set_class(at == self.cursor, "-here")

    def go_to(self, index: int) -> None:
        self.cursor = max(0, min(index, len(self._rows) - 1))

    def action_step(self, rows: int) -> None:
        self.go_to(self.cursor + rows)

    def action_page(self, pages: float) -> None:
        self.go_to(self.cursor + int(pages * max(self.size.height // 2, 1)))

    def action_edge(self, last: bool) -> None:
        self.go_to(len(self._rows) - 1 if last else 0)

    def on_click(self, event: events.Click) -> None:
        if isinstance(event.widget, CheckRow):
            self.go_to(self._rows.index(event.widget))
