"""Yes or no."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from screens.modals.base import Choice, Modal


class ConfirmModal(Modal[bool]):
    """Asks before something that is not taken back easily. Focus and escape are on no."""

    first_focus = "#no"

    def __init__(self, question: str, yes: str = "Yes", no: str = "No", detail: str = "") -> None:
        super().__init__()
        self._question = question
        self._detail = detail
        self.choices = (Choice("yes", yes, "y"), Choice("no", no, "n"))

    def compose_body(self) -> ComposeResult:
        yield Static(self._question, classes="question", markup=False)
        if self._detail:
            yield Static(self._detail, classes="aside", markup=False)

    @property
    def safe_answer(self) -> bool:
        return False

    def decide(self, choice: str) -> None:
        self.dismiss(choice == "yes")
