"""Some lines of text from the user."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static, TextArea

from screens.modals.base import Choice, Modal


class _Lines(TextArea):
    BINDINGS = [  # noqa: RUF012
        Binding("enter", "screen.send", show=False, priority=True),
        Binding("ctrl+j", "begin_line", show=False, priority=True),
    ]

    def action_begin_line(self) -> None:
        self.insert("\n")


class CommentModal(Modal[str | None]):
    """Enter sends, ctrl+j begins a new line, as in the prompt; escape gives None. Sent text is stripped."""

    first_focus = "TextArea"
    choices = (Choice("send", "Send"), Choice("leave", "Do not send"))

    def __init__(self, title: str, hint: str = "", required: bool = True) -> None:
        super().__init__()
        self.heading = title
        self._hint = hint
        self._required = required

    def compose_body(self) -> ComposeResult:
        if self._hint:
            yield Static(self._hint, classes="aside", markup=False)
        yield _Lines(soft_wrap=True, tab_behavior="focus", highlight_cursor_line=False)
        yield Static("Enter sends, ctrl+j begins a new line, esc leaves.", id="how", classes="aside", markup=False)

    def decide(self, choice: str) -> None:
        if choice == "send":
            self.action_send()
        else:
            self.dismiss(None)

    def action_send(self) -> None:
        text = self.query_one(TextArea).text.strip()
        if text or not self._required:
            self.dismiss(text)
        else:
            self.query_one("#how", Static).update("Write something, or press esc to leave.")
