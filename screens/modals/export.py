"""Writing a run to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from textual.app import ComposeResult
from textual.widgets import Input, Static

from screens.intents import ExportRun
from screens.modals.base import Choice, Modal

Kind = Literal["report.html", "report.md", "events.jsonl", "diff"]

_WORDS: dict[Kind, tuple[str, str]] = {
    "report.html": ("HTML report", "h"),
    "report.md": ("Markdown report", "m"),
    "events.jsonl": ("Events", "e"),
    "diff": ("Diff", "d"),
}


class ExportModal(Modal[None]):
    """Asks what and where, and posts `ExportRun`. `folder` is where the file goes unless another place is typed."""

    heading = "Export"

    def __init__(self, run_id: str, folder: Path, kinds: Sequence[Kind] = get_args(Kind)) -> None:
        super().__init__()
        self._run_id = run_id
        self._folder = folder
        self._kind: Kind = kinds[0]
        self.first_focus = f"#{_id(kinds[0])}"
        self.choices = tuple(Choice(_id(kind), *_WORDS[kind]) for kind in kinds)
        self._by_id = {_id(kind): kind for kind in kinds}

    def compose_body(self) -> ComposeResult:
        yield Static("Into this folder, or this file:", classes="aside", markup=False)
        yield Input(str(self._folder), id="target")
        yield Static("Nothing is overwritten: a file of that name gets a new neighbour.", classes="aside", markup=False)

    def decide(self, choice: str) -> None:
        target = self.query_one("#target", Input).value.strip()
        place = self._folder / Path(target).expanduser()
        self.app.post_message(ExportRun(self._run_id, self._by_id[choice], str(place)))
        self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The place is chosen; what goes there is the next question."""
        event.stop()
        self.query_one(self.first_focus).focus()


def _id(kind: Kind) -> str:
    return kind.replace(".", "-")
