"""How good was a run?"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Key
from textual.widgets import Input, Static

from screens.modals.base import Choice, Modal

_STARS = tuple(
    Choice(f"stars-{number}", word, str(number))
    for number, word in enumerate(("useless", "poor", "usable", "good", "perfect"), start=1)
)
_UNRATED = "Press 1 to 5."


class RateModal(Modal[tuple[int, str] | None]):
    """Stars, 1 to 5, and a note if wanted. A digit chooses unless a note is being typed."""

    heading = "How good was this run?"
    choices = (Choice("rate", "Rate"), Choice("leave", "Leave"))

    def __init__(self, stars: int = 0, note: str = "") -> None:
        super().__init__()
        self._stars = stars
        self._note = note
        self.first_focus = f"#stars-{stars or 3}"

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="stars"):
            for choice in _STARS:
                yield choice.button()
        yield Static(self._words(), id="rating", classes="question", markup=False)
        yield Input(self._note, placeholder="A note, if you like", max_length=500, id="note")

    def on_key(self, event: Key) -> None:
        if event.key in "12345" and not isinstance(self.focused, Input):
            event.stop()
            self._choose(int(event.key))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.decide("rate")

    def decide(self, choice: str) -> None:
        if choice.startswith("stars-"):
            self._choose(int(choice.removeprefix("stars-")))
        elif choice == "leave":
            self.dismiss(None)
        elif self._stars:
            self.dismiss((self._stars, self.query_one("#note", Input).value.strip()))
        else:
            self.query_one("#rating", Static).update("Press 1 to 5 first: a note needs its rating.")

    def _choose(self, stars: int) -> None:
        self._stars = stars
        self.query_one("#rating", Static).update(self._words())
        self.query_one("#note", Input).focus()

    def _words(self) -> str:
        return f"{self._stars} of 5: {_STARS[self._stars - 1].label}" if self._stars else _UNRATED
