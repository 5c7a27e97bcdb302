"""The evidence report of a run, to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from config.errors import NexusError
from core.text.display import one_line, printable
from screens.actions import bindings
from screens.base import NexusScreen
from screens.intents import CopyText, ViewText
from screens.widgets.key_bar import KeyBar
from screens.widgets.report_markdown import ReportMarkdown

SHOWN_CHARS = 60_000
"""Of a report: laying out more would be felt at every key. The editor has all of it."""


class ReportScreen(NexusScreen):
    """Pushed over the screen one comes from."""

    CSS_PATH = "report_screen.tcss"
    BINDINGS = bindings("report")
    scope = "report"
    hint = "What was asked, what was done, every test, decision and cent: the evidence for the verdict."
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id
        self._text = ""
        self._place: Path | None = None
        self._head = Static("", id="report-head", markup=False)
        self._report = ReportMarkdown()
        self._aside = Static("Reading the report.", id="report-aside", markup=False)

    def compose(self) -> ComposeResult:
        yield self._head
        with VerticalScroll(id="report-body"):
            yield self._report
            yield self._aside
        yield KeyBar()
        yield from self.compose_too_small()

    def on_mount(self) -> None:
        self._say("")
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        runs = self.services.runs
        aside = ""
        try:
            self._place = (await runs.detail(self.run_id)).report
            self._text = printable(await runs.report(self.run_id))
        except NexusError as error:
            aside = f"{error.message} {error.remedy}"
        if len(self._text) > SHOWN_CHARS:
            aside = f"{len(self._text) - SHOWN_CHARS:,} more characters: the editor shows all of it."
        await self._report.update(_cut(self._text))
        self._aside.update(aside)
        self._say(str(self._place or ""))
        self.refresh_bindings()

    def _say(self, place: str) -> None:
        head = Content.assemble((" Report ", "bold $primary"), f"{self.run_id}  ", (one_line(place), "$text-muted"))
        self._head.update(head, layout=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._text) if action in ("editor", "copy") else True

    def action_editor(self) -> None:
        self.post_message(ViewText(self._text, "report.md"))

    def action_copy(self) -> None:
        self.post_message(CopyText(str(self._place or ""), "path"))

    def action_scroll(self, where: Literal["up", "down", "page_up", "page_down", "home", "end"]) -> None:
        body = self.query_one("#report-body", VerticalScroll)
        moves = {
            "up": body.scroll_up,
            "down": body.scroll_down,
            "page_up": body.scroll_page_up,
            "page_down": body.scroll_page_down,
            "home": body.scroll_home,
            "end": body.scroll_end,
        }
        moves[where](animate=False)

    def action_back(self) -> None:
        self.dismiss()


def _cut(text: str) -> str:
    """The beginning that is shown, cut between two lines."""
    return text if len(text) <= SHOWN_CHARS else text[: text.rfind("\n", 0, SHOWN_CHARS) + 1]
