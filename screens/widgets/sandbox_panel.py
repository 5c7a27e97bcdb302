"""Tests as they end, and the output they are made of."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from core.run.event_words import heart
from core.state import RunState
from core.text.counting import counted
from core.text.display import duration, one_line
from screens.actions import bindings
from screens.glyphs import ASCII
from screens.intents import ChooseLog
from screens.ports import News, RunView
from screens.widgets.cursor_list import CursorList
from screens.widgets.log_view import LogView
from screens.widgets.panel import Panel
from screens.widgets.tests_table import BAD, TestsTable

_BOTH_FROM = 22
"""Rows in which tests and output have room together."""


class SandboxPanel(Panel, Vertical):
    number = 5
    title = "Tests"
    hint = "Every test as it ends, failures first, and the sandbox's output, which is on disk in full."
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("sandbox")

    DEFAULT_CSS = """
    SandboxPanel { layout: vertical; }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._chosen = ""
        """`tests` or `output` where the user said so."""
        self._grew = False
        self._drawn: RunState | None = None
        self._tests = TestsTable()
        self._failure = Static("", classes="failure", markup=False)
        self._box = Vertical(self._tests, self._failure, classes="tests")
        self._output = LogView(f"[{self.number}] Output", ascii_only=self.glyphs is ASCII)

    def compose(self) -> ComposeResult:
        yield self._box
        yield self._output

    def learn(self, view: RunView | None, news: News) -> bool:
        if news.first:
            self._chosen = ""
        self._grew = self._grew or news.log_grew
        return news.first or news.log_grew

    def differs(self, before: RunView | None, now: RunView | None) -> bool:
        return (
            before is None
            or now is None
            or before.state.tests is not now.state.tests
            or before.state.sandbox is not now.state.sandbox
            or before.log is not now.log
            or before.logs != now.logs
        )

    def draw(self) -> None:
        view = self.view
        assert view is not None
        self._arrange()
        drawn, self._drawn = self._drawn, view.state
        if drawn is None or drawn.tests is not view.state.tests or drawn.sandbox is not view.state.sandbox:
            self._tests.show_tests(view.state.tests)
            self._box.border_subtitle = self._totals(view)
            self._show_failure()
        self._output.show(view.log, self._log_title(view))
        if self._grew:
            self._grew = False
            self._output.grew()

    def mark(self, focused: bool) -> None:
        sign = f"{self.glyphs.here} " if focused else ""
        self._box.border_title = Content(f"{sign}[{self.number}] {self.title}")
        self.set_class(focused, "-here")

    def go(self) -> None:
        (self._tests if self._shows_tests else self._output).focus()

    @property
    def tab(self) -> str:
        return "Sandbox"

    # --- tests or output ---

    @property
    def _shows_tests(self) -> bool:
        if self._chosen:
            return self._chosen == "tests"
        return self.view is not None and bool(self.view.state.tests)

    def _arrange(self) -> None:
        both = self.size.height >= _BOTH_FROM
        self._box.display = both or self._shows_tests
        self._output.display = both or not self._shows_tests

    def action_swap(self) -> None:
        self._chosen = "output" if self._shows_tests else "tests"
        self._arrange()
        self.go()

    def action_output(self, step: int) -> None:
        view = self.view
        if view is None or not view.logs:
            return
        self._chosen = "output"
        at = max(0, min(self._place(view) + step, len(view.logs) - 1))
        # The newest one is followed: also when another begins.
        self.post_message(ChooseLog(view.logs[at] if at < len(view.logs) - 1 else ""))
        self._arrange()
        self.go()

    # --- words ---

    def _place(self, view: RunView) -> int:
        where = view.log.path.as_posix() if view.log else ""
        return next((at for at, name in enumerate(view.logs) if where.endswith(f"/{name}")), len(view.logs) - 1)

    def _log_title(self, view: RunView) -> str:
        if not view.logs or view.log is None:
            return ""
        return f"{one_line(view.log.path.name)}  {self._place(view) + 1} of {len(view.logs)}"

    def _totals(self, view: RunView) -> Content:
        counts = Counter(test.outcome for test in view.state.tests.values())
        bad = sum(counts[kind] for kind in BAD)
        parts: list[tuple[str, str]] = []
        if bad:
            parts.append((f"{bad:,} failed", "$text-error"))
        if counts["passed"]:
            parts.append((f"{counts['passed']:,} passed", "$text-success"))
        other = sum(counts.values()) - bad - counts["passed"]
        if other:
            parts.append((f"{other:,} other", "$text-muted"))
        end = view.state.sandbox
        if end is not None and view.state.tests and end.attempt == view.state.attempt:
            parts.append((duration(end.wall_ms), "$text-muted"))
        dot = f" {self.glyphs.dot} "
        return Content(dot).join(Content.styled(*part) for part in parts)

    @on(CursorList.Moved)
    def _show_failure(self) -> None:
        """The heart of the failure at the cursor, under the table."""
        test = self._tests.current
        said = one_line(heart(test.message)) if test is not None and test.outcome in BAD else ""
        self._failure.display = bool(said)
        if said and self._failure.content != said:
            self._failure.update(said)

    def copied(self) -> tuple[str, str]:
        test = self._tests.current
        return (f"{test.test}\n{test.message}".strip() if test else ""), counted(1, "test")
