"""The keys that work here, on one line; the way to help, palette and out always has room on it."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

_ALWAYS = ("help", "command_palette", "quit")
"""Actions that are never left out, at the end of the line."""


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key and what it does, with the blanks around both."""

    key: str
    text: str
    words: str
    action: str
    enabled: bool
    help: str

    @property
    def cells(self) -> int:
        return cell_len(self.text) + cell_len(self.words)

    def content(self) -> Content:
        dim = "" if self.enabled else "dim "
        return Content.assemble(
            (self.text, f"{dim}bold $footer-key-foreground"), (self.words, f"{dim}$footer-description-foreground")
        )


class KeyBar(Widget):
    """A footer that fits: what has no room is left out from the end; help lists everything.

    One widget that draws a line. Textual's footer is a widget for each key, made anew whenever the focus moves.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        text-wrap: nowrap;
        background: $footer-background;
    }
    """

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    @property
    def keys(self) -> list[ShownKey]:
        """What is shown, from left to right."""
        keys = self._possible()
        always = [key for key in keys if key.action in _ALWAYS]
        room = self.size.width - sum(key.cells for key in always)
        others = [key for key in keys if key.action not in _ALWAYS]
        return [*(key for key in others if (room := room - key.cells) >= 0), *always]

    def _possible(self) -> list[ShownKey]:
        """Of each action its first key."""
        keys: dict[str, ShownKey] = {}
        for _, binding, enabled, tooltip in self.screen.active_bindings.values():
            if binding.show and binding.action not in keys:
                text, words = f" {self.app.get_key_display(binding)} ", f"{binding.description} "
                keys[binding.action] = ShownKey(binding.key, text, words, binding.action, enabled, tooltip)
        return list(keys.values())

    def render(self) -> Content:
        return Content.assemble(*(key.content() for key in self.keys))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        key = self._at(event.x)
        self.tooltip = key.help if key else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        key = self._at(event.x)
        if key is not None and key.enabled:
            self.app.simulate_key(key.key)
        elif key is not None:
            self.app.bell()

    def _at(self, x: int) -> ShownKey | None:
        for key in self.keys:
            x -= key.cells
            if x < 0:
                return key
        return None
