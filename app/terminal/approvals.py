"""Puts a run's question before its user: when it is asked, once, and not while a line is being typed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from screens.intents import Decide
from screens.ports import RunView

if TYPE_CHECKING:
    from app.terminal.application import NexusApp
    from core.events import ApprovalRequested
    from screens.modals.approval import Wish

_QUIET_S = 1.5
"""How long nothing must have been typed into a field before a question covers it."""


class Approvals:
    """Mixed into the application."""

    typed_at: float = -_QUIET_S
    """When a key was last pressed, monotonic."""
    _put: tuple[str, str] = ("", "")
    """Run and approval that were put before the user; what they leave for later is not asked again."""
    _held_back: bool = False

    @property
    def _asked(self) -> NexusApp:
        return cast("NexusApp", self)

    def put_question(self) -> None:
        """Show what the watched run asks, unless it was shown or is on the screen."""
        app = self._asked
        view = app.view
        question = _question(view)
        if view is None or question is None or (view.row.id, question.approval) == self._put:
            return
        if (wait := self._still_typing()) > 0:
            if not self._held_back:
                self._held_back = True
                app.set_timer(wait, self._put_held_back)
            return
        self._put = (view.row.id, question.approval)
        if not self._reviewed(view.row.id):
            self._show(view.row.id, question)

    def _put_held_back(self) -> None:
        self._held_back = False
        self.put_question()

    def _still_typing(self) -> float:
        """Seconds until what is being typed may be interrupted; 0 or less: now."""
        focused = self._asked.focused
        takes_text = focused is not None and focused.check_consume_key("a", "a")
        return self.typed_at + _QUIET_S - time.monotonic() if takes_text else 0.0

    def _reviewed(self, run_id: str) -> bool:
        """Whether the screen in front asks it already."""
        from screens.review_screen import ReviewScreen

        return any(isinstance(one, ReviewScreen) and one.run_id == run_id for one in self._asked.screen_stack)

    def _show(self, run_id: str, question: ApprovalRequested) -> None:
        from screens.modals.approval import ApprovalModal

        def then(wish: Wish | None) -> None:
            if wish == "review":
                self._review(run_id)
            elif wish == "reject":
                self._reject(run_id, question)

        self._asked.push_screen(ApprovalModal(run_id, question), then)

    def _review(self, run_id: str) -> None:
        from screens.review_screen import ReviewScreen

        self._asked.push_screen(ReviewScreen(run_id))

    def _reject(self, run_id: str, question: ApprovalRequested) -> None:
        from screens.modals.comment import CommentModal

        def then(comment: str | None) -> None:
            if comment is not None:
                self._asked.post_message(Decide(run_id, question.approval, False, comment))

        hint = "What should be different? The implementer works on with your comment."
        self._asked.push_screen(CommentModal("Reject the change", hint), then)


def _question(view: RunView | None) -> ApprovalRequested | None:
    """What the run asks now. Nobody listens at one that was interrupted while it waited."""
    return view.state.approval if view is not None and view.live else None
