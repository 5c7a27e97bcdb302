"""A letter on everything that can have the focus; typing it goes there."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Click, Key, Resize
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

_LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class JumpModal(ModalScreen[Widget | None]):
    """Answers with the widget that was chosen. Any other key, a click or a new window size leaves."""

    CSS_PATH = Path(__file__).with_name("modals.tcss")
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "leave", show=False),
        Binding("ctrl+c", "app.interrupt", show=False),
    ]

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
        if self.is_current and self._seen not in (None, event.size):
            self.dismiss(None)
        self._seen = event.size

    _seen: object = None

    def action_leave(self) -> None:
        self.dismiss(None)
