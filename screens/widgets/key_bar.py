"""The keys that work here, on one line; the way to help, palette and out always has room on it."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.events import Resize
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

_ALWAYS = ("help", "command_palette", "quit")
"""Actions that are never left out, at the end of the line."""


class KeyBar(Footer):
    """A footer that fits: what has no room is left out from the end; help lists everything."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._width = 0

    def compose(self) -> ComposeResult:
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        always = [key for key in keys if key.action in _ALWAYS]
        self._width = self.app.size.width
        room = self._width - sum(map(_cells, always))
        for key in keys:
            if key not in always and (room := room - _cells(key)) >= 0:
                yield key
        yield from always

    def on_resize(self, event: Resize) -> None:
        if event.size.width != self._width:
            self._width = event.size.width
            self.refresh(recompose=True)


def _cells(key: FooterKey) -> int:
    """With the blanks around key and words."""
    return cell_len(key.key_display) + cell_len(key.description) + 3
