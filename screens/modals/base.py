"""What every modal has: a frame that fits any window, choices by key or button, and a safe answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Button

T = TypeVar("T")

DEAF_S = 0.3
"""How long a modal that nobody asked for ignores keys and clicks: they were meant for what it covers."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way out of a modal. `key` picks it while no text is typed; empty: only by focus and Enter, or the mouse."""

    id: str
    label: str
    key: str = ""

    def button(self) -> Button:
        label = Content.assemble(self.label, (f" {self.key}", "dim")) if self.key else Content(self.label)
        return Button(label, id=self.id, compact=True)


class Once(ModalScreen[T]):
    """A modal that answers once."""

    CSS_PATH = Path(__file__).with_name("modals.tcss")
    _answered = False

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Only the first answer counts: more keys may be on their way."""
        if self._answered:
            return AwaitComplete()
        self._answered = True
        return super().dismiss(result)


class Modal(Once[T]):
    """A question over the screen. `compose_body` says what stands above the `choices`; `decide` answers."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape", "safe", "Back", show=False),
        Binding("ctrl+c", "app.interrupt", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    uninvited: ClassVar[bool] = False
    """It pops up by itself."""
    clock: Callable[[], float] = staticmethod(time.monotonic)
    choices: Sequence[Choice] = ()
    heading: str = ""
    first_focus: str = ""
    """Selector of what has the focus at first: the safe answer, or the field to type in."""

    _seen_at: float | None = None

    @property
    def deaf(self) -> bool:
        """Whether input is to be ignored, as it has hardly been seen yet. Asked by the application for each event."""
        if not self.uninvited:
            return False
        return self._seen_at is None or self.clock() - self._seen_at < DEAF_S

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog", can_focus=False) as dialog:
            dialog.border_title = Content(self.heading)
            yield from self.compose_body()
            if self.choices:
                with Horizontal(id="choices"):
                    for choice in self.choices:
                        yield choice.button()

    def compose_body(self) -> ComposeResult:
        yield from ()

    def on_mount(self) -> None:
        if self.first_focus:
            self.set_focus(self.query_one(self.first_focus))
        self.call_after_refresh(self._count_from_now)

    def _count_from_now(self) -> None:
        self._seen_at = self.clock()

    # --- answers ---

    @property
    def safe_answer(self) -> T | None:
        """What escape says."""
        return None

    def decide(self, choice: str) -> None:
        """The choice with that id was picked."""
        raise NotImplementedError

    def action_safe(self) -> None:
        self.dismiss(self.safe_answer)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id:
            self.decide(event.button.id)

    def on_key(self, event: Key) -> None:
        for choice in self.choices:
            if choice.key and event.key == choice.key:
                event.stop()
                self.decide(choice.id)
