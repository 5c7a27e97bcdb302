"""The tests as they stood at a moment of a recorded run."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from screens.ports import RunView
from screens.widgets.panel import Panel
from screens.widgets.tests_table import TestsTable


class ReplayTests(Panel, Vertical):
    number = 5
    title = "Tests"
    hint = "Every test that had ended by then, failures first."
    DEFAULT_CSS = """
    ReplayTests > TestsTable { height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        yield TestsTable()

    def differs(self, before: RunView | None, now: RunView | None) -> bool:
        return before is None or now is None or before.state.tests is not now.state.tests

    def on_resize(self) -> None:
        self._draw_if_seen()

    def draw(self) -> None:
        if self.view is not None:
            self.query_one(TestsTable).show_tests(self.view.state.tests)

    def go(self) -> None:
        self.query_one(TestsTable).focus()
