"""A run asks, and nobody called it: it shows what, until when, and what happens otherwise."""

from __future__ import annotations

import time
from typing import Literal

from textual.app import ComposeResult
from textual.events import ScreenResume
from textual.widgets import Static

from core.events import ApprovalRequested
from core.text.counting import counted
from core.text.display import duration, one_line, printable
from screens.intents import Decide
from screens.modals.base import Choice, Modal
from screens.news import RunMoved

Wish = Literal["review", "reject"]
"""What needs another screen: to read the change, or to write a comment."""

_OTHERWISE = {"branch": "the change is left on a branch of its own", "stop": "the run stops and keeps what it has"}
_MOST_FILES = 5


class ApprovalModal(Modal[Wish | None]):
    """Posts `Decide`, or answers with what needs another screen; None: answered, here or elsewhere, or later."""

    uninvited = True
    heading = "The run waits for you"

    def __init__(self, run_id: str, asked: ApprovalRequested) -> None:
        super().__init__()
        self._run_id = run_id
        self._asked = asked
        self._over = False
        if asked.files:
            self.first_focus = "#review"
            self.choices = (
                Choice("review", "Review", "v"),
                Choice("approve", "Approve", "a"),
                Choice("reject", "Reject with comment", "r"),
                Choice("later", "Later", "l"),
            )
        else:
            self.first_focus = "#later"
            self.choices = (
                Choice("approve", "Try once more", "t"),
                Choice("stop", "Stop the run", "s"),
                Choice("later", "Later", "l"),
            )

    def compose_body(self) -> ComposeResult:
        yield Static(printable(self._asked.question), classes="question", markup=False)
        yield Static(self._otherwise(), id="otherwise", classes="aside", markup=False)
        if files := self._asked.files:
            shown = [f"  {one_line(path, 200)}" for path in files[:_MOST_FILES]]
            more = len(files) - len(shown)
            lines = [*shown, f"  and {counted(more, 'more file')}"] if more else shown
            yield Static("\n".join(lines), classes="question", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        if self._asked.deadline:
            self.set_interval(1.0, self._count_down)

    def _count_down(self) -> None:
        # A line that only changes its figures needs no new layout, and none is painted where it stays the same.
        line = self.query_one("#otherwise", Static)
        if self.is_current and line.content != (now := self._otherwise()):
            line.update(now, layout=False)

    def _otherwise(self) -> str:
        asked = self._asked
        if not asked.deadline:
            return "It waits until somebody answers."
        left_ms = int((asked.deadline - time.time()) * 1000)
        happens = _OTHERWISE.get(asked.default, one_line(asked.default, 100))
        if left_ms <= 0:
            return f"The time to answer is over: {happens}."
        return f"If nobody answers within {duration(left_ms)}, {happens}."

    # --- answers ---

    def decide(self, choice: str) -> None:
        if choice == "approve":
            self._answer(True)
        elif choice == "stop":
            self._answer(False)
        elif choice == "review":
            self.dismiss("review")
        elif choice == "reject":
            self.dismiss("reject")
        else:
            self.dismiss(None)

    def _answer(self, approved: bool) -> None:
        self.app.post_message(Decide(self._run_id, self._asked.approval, approved))
        self.dismiss(None)

    def on_run_moved(self, message: RunMoved) -> None:
        """Answered elsewhere, or another run is watched: nothing is left to ask."""
        view = message.view
        asked = view.state.approval if view is not None and view.row.id == self._run_id else None
        self._over = asked is None or asked.approval != self._asked.approval
        self._leave_when_over()

    def on_screen_resume(self, _: ScreenResume) -> None:
        self._leave_when_over()

    def _leave_when_over(self) -> None:
        if self._over and self.app.screen is self:
            self.dismiss(None)
