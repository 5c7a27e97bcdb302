"""A titled box of text that is laid out for its width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.actions import bindings
from screens.admin.tabs import AdminPane

Lines = Callable[[int], Sequence[Content]]
"""Makes the lines for a width in cells."""


class Box(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Keys scroll it, or the tab it stands in when all of it is in sight."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("panel")

    def __init__(self, title: str, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.border_title = Content(title)
        self._lines: Lines = lambda _: ()

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)

    def show(self, lines: Lines) -> None:
        self._lines = lines
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def action_scroll(self, how: str) -> None:
        view = self if self.max_scroll_y else next((one for one in self.ancestors if isinstance(one, AdminPane)), self)
        half = max(view.size.height // 2, 1)
        steps = {"down": 1, "up": -1, "half_down": half, "half_up": -half}
        if how in steps:
            view.scroll_relative(y=steps[how], animate=False)
        else:
            view.scroll_to(y=0 if how == "top" else view.max_scroll_y, animate=False)

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if width > 0:
            self.query_one(Static).update(Content("\n").join(self._lines(width)))
