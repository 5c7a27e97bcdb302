"""What a run came to, or what it waits for, in one or two lines above the prompt."""

from __future__ import annotations

from typing import cast

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from core.text.counting import counted
from core.text.display import duration, printable, usd
from screens.base import Host
from screens.ports import RunView
from screens.standing import COLOURS, standing_of

_SHORT = 20
"""Rows of a window in which only its first line has room."""


class ResultBar(Static):
    """Not shown while a run just goes on."""

    DEFAULT_CSS = """
    ResultBar {
        display: none;
        height: auto;
        max-height: 5;
        padding: 0 1;
        background: $surface;
        border-left: thick $primary;
        &.-shown { display: block; }
        &.-good { border-left: thick $success; }
        &.-bad { border-left: thick $error; }
        &.-warn { border-left: thick $warning; }
        &.-dim { border-left: thick $border; }
    }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__("", id=id, markup=False)
        self._view: RunView | None = None

    def take(self, view: RunView | None) -> None:
        said = self._said(view) if view is not None else None
        self.set_class(said is not None, "-shown")
        if view is None or said is None:
            return
        tone = standing_of(view).tone
        for each in ("good", "bad", "warn", "dim", "busy"):
            self.set_class(each == tone, f"-{each}")
        self._view = view
        if not (isinstance(self.content, Content) and said.is_same(self.content)):
            self.update(said)

    def on_resize(self) -> None:
        self.take(self._view)

    def _said(self, view: RunView) -> Content | None:
        lines = [Content.styled(_flat(view.trouble), COLOURS["warn"])] if view.trouble else []
        said = self._outcome(view)
        if said is not None:
            text, keys, more = said
            short = self.app.size.height < _SHORT
            lines = [self._head(view, keys if short and keys else text), *([] if short else [*lines, *more])]
            if keys and not short:
                lines.append(Content.styled(keys, "$text-muted"))
            if short:
                lines = [lines[0].truncate(max(self.app.size.width - 3, 1), ellipsis=True)]
        return Content("\n").join(lines) if lines else None

    def _outcome(self, view: RunView) -> tuple[str, str, list[Content]] | None:
        """What is to be said, the keys that help, and more lines; None while it just goes on."""
        status, approval, end = view.row.status, view.state.approval, view.state.finished
        dot = f" {cast(Host, self.app).glyphs.dot} "
        if status == "waiting" and approval is not None:
            return approval.question, "v shows the change, to decide on it", []
        if status == "paused":
            return "It stops before the next paid or slow step.", f"space goes on{dot}c cancels", []
        if status == "queued" and view.trouble:
            return "", "r tries again", []
        if view.live:
            return None
        if end is None:
            why = "Its process ended without a word. Nothing that is finished is lost."
            return why, f"r resumes{dot}v shows the change so far", []
        more = [Content(_flat(end.remedy))] if end.remedy else []
        keys = f"r resumes{dot}o report" if status == "interrupted" else ""
        return end.reason, keys, [*more, self._figures(view)]

    def _head(self, view: RunView, text: str) -> Content:
        glyphs = cast(Host, self.app).glyphs
        stands = standing_of(view)
        return Content.assemble(
            (f"{stands.sign(glyphs)} {stands.word}", f"bold {COLOURS[stands.tone]}"), "  ", _flat(text)
        )

    def _figures(self, view: RunView) -> Content:
        end = view.state.finished
        assert end is not None
        parts = [
            f"{'~' if end.cost_estimated else ''}{usd(end.cost_micros)}",
            duration(end.duration_ms),
            counted(end.retries, "retry", "retries"),
        ]
        if end.files:
            parts.append(counted(len(end.files), "file"))
        dot = f" {cast(Host, self.app).glyphs.dot} "
        where = f"{dot}report {_flat(end.report)}" if end.report else ""
        text = dot.join(parts)
        if cell_len(text + where) <= self.app.size.width - 3:
            text += where
        return Content.styled(text, "$text-muted")


def _flat(text: str) -> str:
    return printable(" ".join(text.split()))
