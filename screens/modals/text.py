"""Text to read, in full."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from core.text.display import printable
from screens.intents import CopyText
from screens.modals.base import Choice, Modal

_SHOWN_CHARS = 20_000


class TextModal(Modal[None]):
    """Shows `text` as it is; `what` names it for the clipboard."""

    first_focus = "#close"
    choices = (Choice("close", "Close", "q"), Choice("copy", "Copy", "y"))

    def __init__(self, heading: str, text: str, what: str) -> None:
        super().__init__()
        self.heading = heading
        self._text = text
        self._what = what

    def compose_body(self) -> ComposeResult:
        yield Static(printable(self._text[:_SHOWN_CHARS]), classes="question", markup=False)
        if len(self._text) > _SHOWN_CHARS:
            yield Static(f"{len(self._text) - _SHOWN_CHARS:,} more characters; y copies all.", classes="aside")

    def decide(self, choice: str) -> None:
        if choice == "copy":
            self.app.post_message(CopyText(self._text, self._what))
        self.dismiss(None)
