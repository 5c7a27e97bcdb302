"""Leaving while runs go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.app import ComposeResult
from textual.widgets import Static

from screens.modals.base import Choice, Modal

Leaving = Literal["stay", "detach", "cancel"]
_ANSWERS: dict[str, Leaving] = {"stay": "stay", "detach": "detach", "cancel": "cancel"}


class LeaveModal(Modal[Leaving]):
    """Keep the runs going, cancel them, or stay. Focus and escape are on staying."""

    heading = "Leave"
    first_focus = "#stay"

    def __init__(self, run_ids: Sequence[str]) -> None:
        super().__init__()
        self._runs = run_ids
        one = len(run_ids) == 1
        self.choices = (
            Choice("detach", "Leave, it goes on" if one else "Leave, they go on", "d"),
            Choice("cancel", "Cancel it and leave" if one else "Cancel them and leave", "c"),
            Choice("stay", "Stay", "s"),
        )

    def compose_body(self) -> ComposeResult:
        one = len(self._runs) == 1
        yield Static("A run is going on." if one else f"{len(self._runs)} runs are going on.", classes="question")
        yield Static(
            f"{'It does' if one else 'They do'} not need this terminal. To see {'it' if one else 'them'} again:\n"
            + "\n".join(f"  nexus --run {run_id}" for run_id in self._runs),
            classes="aside",
            markup=False,
        )

    @property
    def safe_answer(self) -> Leaving:
        return "stay"

    def decide(self, choice: str) -> None:
        self.dismiss(_ANSWERS[choice])
