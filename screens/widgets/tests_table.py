"""Test results as they come in, failures first. Only the rows in sight are drawn, so their number does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

from textual.binding import Binding
from textual.content import Content

from core.events import TestFinished
from core.text.display import duration, one_line, printable
from screens.actions import bindings
from screens.base import Host
from screens.cells import fit_end, pad
from screens.standing import COLOURS, Tone
from screens.widgets.cursor_list import CursorList

BAD = ("failed", "error")
_OUTCOMES: dict[str, tuple[str, Tone]] = {"passed": ("ok", "good"), "failed": ("bad", "bad"), "error": ("bad", "bad")}
_WORD = 8
_TIME = 8


class TestsTable(CursorList):
    """`show_tests` takes the rows; the cursor stays on its test, or on the first row while nobody moved it."""

    __test__ = False
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("tests")

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.empty = "No test has ended yet."
        self._tests: list[TestFinished] = []

    def show_tests(self, tests: Mapping[str, TestFinished]) -> None:
        """Failures first, each group in the order of arrival."""
        here = self.current
        bad = [test for test in tests.values() if test.outcome in BAD]
        self._tests = bad + [test for test in tests.values() if test.outcome not in BAD]
        names = {test.test: place for place, test in enumerate(self._tests)} if self.cursor else {}
        self.resize_to(len(self._tests), names.get(here.test, 0) if here else 0)

    @property
    def current(self) -> TestFinished | None:
        return self._tests[self.cursor] if self.cursor < len(self._tests) else None

    def row(self, index: int, width: int) -> Content:
        test = self._tests[index]
        glyphs = cast(Host, self.app).glyphs
        glyph, tone = _OUTCOMES.get(test.outcome, ("skip", "dim"))
        sign = pad(getattr(glyphs, glyph), len(glyphs.ok))
        word = f"{sign} {pad(test.outcome[:_WORD], _WORD)} "
        room = max(width - len(word) - _TIME - 1, 0)
        took = (f"{test.duration_ms} ms" if test.duration_ms < 1000 else duration(test.duration_ms)).rjust(_TIME)
        name = pad(fit_end(test.test, room, glyphs), room)
        return Content.assemble((word, COLOURS[tone]), name, (f" {took}", "$text-muted"))

    def action_open(self) -> None:
        """Show all that the test said."""
        from screens.modals.text import TextModal

        if (test := self.current) is not None:
            said = printable(test.message).strip() or f"It {test.outcome} and said nothing."
            text = f"{one_line(test.test)}\n{test.outcome}\n\n{said}"
            self.app.push_screen(TextModal(one_line(test.test, 60), text, "test's message"))

    def on_cursor_list_opened(self) -> None:
        self.action_open()
