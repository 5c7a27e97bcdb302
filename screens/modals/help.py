"""What can be done here and by which keys, made from the registry: focused widget, screen, everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static

from screens.actions import Action
from screens.keys import actions_in_reach, keys_in_words
from screens.modals.base import Modal

_KEY_WIDTH = 13
_TITLE_WIDTH = 14


class HelpModal(Modal[None]):
    """`keymap` is the user's, by action id, from the file at `keymap_file`. Typing searches."""

    heading = "Help"
    first_focus = "#search"
    BINDINGS = [  # noqa: RUF012
        Binding("f1", "safe", show=False),
        Binding("up", "scroll(-1)", show=False, priority=True),
        Binding("down", "scroll(1)", show=False, priority=True),
        Binding("pageup", "scroll(-8)", show=False, priority=True),
        Binding("pagedown", "scroll(8)", show=False, priority=True),
    ]

    def __init__(self, below: Screen[Any], keymap: Mapping[str, str], keymap_file: Path) -> None:
        super().__init__()
        self._keymap = keymap
        self._keymap_file = keymap_file
        self._hints = [hint for hint in (_hint(below.focused), _hint(below)) if hint]
        self._sections = [(_title(actions[0]), actions) for _, actions in actions_in_reach(below)]

    def compose_body(self) -> ComposeResult:
        yield Input(placeholder="Type to search; up and down scroll; esc leaves", id="search")
        with VerticalScroll(id="help-text", can_focus=False):
            yield Static(self._text(""), classes="question")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one("#help-text Static", Static).update(self._text(event.value))
        self.query_one("#help-text").scroll_home(animate=False)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help-text").scroll_relative(y=lines, animate=False)

    # --- the text ---

    def _text(self, wanted: str) -> Group:
        words = wanted.casefold().split()
        parts: list[RenderableType] = [] if words else [*map(Text, self._hints), Text()]
        for title, actions in self._sections:
            if chosen := [action for action in actions if self._matches(action, title, words)]:
                parts += [Text(title, "bold"), self._table(chosen), Text()]
        if words and not parts:
            parts = [Text(f"Nothing here is called {wanted!r}. The palette finds themes and runs as well.")]
        return Group(*parts, *([] if words else self._own_keys()))

    def _matches(self, action: Action, title: str, words: list[str]) -> bool:
        text = f"{title} {action.id} {action.title} {action.help} {self._keys(action)}".casefold()
        return all(word in text for word in words)

    def _table(self, actions: Sequence[Action]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(min_width=_KEY_WIDTH, max_width=_KEY_WIDTH)
        table.add_column(min_width=_TITLE_WIDTH, max_width=_TITLE_WIDTH)
        table.add_column()
        for action in actions:
            table.add_row(Text(self._keys(action), "bold"), Text(action.title), Text(action.help))
        return table

    def _keys(self, action: Action) -> str:
        return keys_in_words(action, self._keymap)

    def _own_keys(self) -> Iterator[RenderableType]:
        names = ", ".join(action.id for _, actions in self._sections for action in actions)
        yield Text("Keys of your own", "bold")
        yield Text(f"Write actions and their keys to {self._keymap_file}, such as:")
        yield Text("  run.zoom: Z\n  app.palette: [ctrl+p, ctrl+k]")
        yield Text(f"The actions here are {names}.")


def _hint(node: object) -> str:
    return str(getattr(node, "hint", ""))


def _title(action: Action) -> str:
    return "Everywhere" if action.scope == "app" else action.scope.capitalize()
