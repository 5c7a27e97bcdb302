"""Which runs the history lists, chosen by a search and filters, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import get_args

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Label, Static

from core.run.run_list import RunFilter
from core.text.counting import counted
from core.text.display import one_line
from screens.cells import apart

_TYPING_S = 0.15
"""How long typing must rest before it is searched for."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Which runs are listed; as it is made, all of them."""

    search: str = ""
    status: RunFilter = "all"
    project: str = ""


ALL = Listed()


class HistoryBar(Vertical):
    """One line, and a second one while something is searched for."""

    DEFAULT_CSS = """
    HistoryBar {
        height: auto;
        & > Static { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & > Horizontal { height: 1; display: none; background: $surface; }
        &.-finding > Horizontal { display: block; }
        & Label { width: 3; padding: 0 1; text-style: bold; }
        & Input { width: 1fr; }
    }
    """

    class Changed(Message):
        """Other runs are to be listed."""

        def __init__(self, listed: Listed) -> None:
            super().__init__()
            self.listed = listed

    class Left(Message):
        """The search is typed: back to the list."""

    def __init__(self) -> None:
        super().__init__()
        self.listed = ALL
        self._total: int | None = None
        self._trouble = ""
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)
        with Horizontal():
            yield Label("/", markup=False)
            find = Input(placeholder="id, request or project", compact=True, select_on_focus=True)
            find.cursor_blink = False  # an idle screen writes nothing
            yield find

    # --- what it says ---

    def tell(self, total: int) -> None:
        """There are so many runs like that."""
        self._total, self._trouble = total, ""
        self._draw()

    def tell_trouble(self, text: str) -> None:
        self._trouble = text
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        line = self.query_one(Static)
        text = Content.styled(f" {one_line(self._trouble)}", "$text-error") if self._trouble else self._words()
        if text != line.content:
            line.update(text, layout=False)

    def _words(self) -> Content:
        chips: list[str | Content] = [" "]
        for name in get_args(RunFilter):
            chosen = name == self.listed.status
            chips.append(Content.styled(f"[{name}]" if chosen else f" {name} ", "bold" if chosen else "$text-muted"))
        where = f"only {one_line(PurePath(self.listed.project).name)}, " if self.listed.project else ""
        number = "" if self._total is None else f"{where}{counted(self._total, 'run')} "
        return apart(Content.assemble(*chips), Content(number), self.size.width)

    # --- choosing ---

    def choose(self, listed: Listed) -> None:
        if listed != self.listed:
            self.listed = listed
            self._draw()
            self.post_message(self.Changed(listed))

    def next_status(self) -> None:
        names = get_args(RunFilter)
        at = names.index(self.listed.status)
        self.choose(replace(self.listed, status=names[(at + 1) % len(names)]))

    def only(self, project: str) -> None:
        """Only the runs of that project, or again those of all."""
        self.choose(replace(self.listed, project="" if self.listed.project else project))

    def ask(self) -> None:
        self.add_class("-finding")
        self.query_one(Input).focus()

    @property
    def clearable(self) -> bool:
        return self.listed != ALL or self.has_class("-finding")

    def clear(self) -> None:
        """First the search, then the other filters."""
        find = self.query_one(Input)
        searched = bool(find.value or self.listed.search) or self.has_class("-finding")
        with self.prevent(Input.Changed):
            find.value = ""
        self.remove_class("-finding")
        self.choose(replace(self.listed, search="") if searched else ALL)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING_S, self._find)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._find()
        self.post_message(self.Left())

    def _find(self) -> None:
        self.choose(replace(self.listed, search=self.query_one(Input).value.strip()))
