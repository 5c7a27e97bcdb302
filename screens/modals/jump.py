"""A letter on everything that can have the focus; typing it goes there."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Click, Key, Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from screens.modals.base import Once

_LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class JumpModal(Once[Widget | None]):
    """Answers with the widget that was chosen. Any other key, a click or a new window size leaves."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape", "leave", show=False),
        Binding("ctrl+c", "app.interrupt", show=False),
    ]

    _drawn_for: Size | None = None

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        visible = [widget for widget in below.focus_chain if widget.region and widget.region.overlaps(below.region)]
        self._targets = dict(zip(_LETTERS, visible, strict=False))

    def compose(self) -> ComposeResult:
        for letter, widget in self._targets.items():
            label = Static(f" {letter} ", classes="jump-label", markup=False)
            label.styles.offset = (max(widget.region.x, 0), max(widget.region.y, 0))
            yield label

    def on_key(self, event: Key) -> None:
        event.stop()
        self.dismiss(self._targets.get(event.key))

    def on_click(self, _: Click) -> None:
        self.dismiss(None)

    def on_resize(self, event: Resize) -> None:
        """The labels stand where things were in the first size."""
        if self._drawn_for not in (None, event.size):
            self.dismiss(None)
        self._drawn_for = event.size

    def action_leave(self) -> None:
        self.dismiss(None)
