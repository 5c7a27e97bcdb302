"""The events of a recorded run as a list, and the one at the cursor in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.events import Event, TestFinished
from core.run.event_words import Line, Tone, in_words
from core.text.display import printable
from screens.base import Host
from screens.cells import fit, pad
from screens.glyphs import Glyphs
from screens.standing import COLOURS, clock
from screens.widgets.cursor_list import CursorList
from screens.widgets.panel import Panel

_CLOCK = 7
_LABEL = 12
_LONGEST_MESSAGE = 20_000
_STYLES: dict[Tone, str] = {
    "": "",
    "good": COLOURS["good"],
    "bad": COLOURS["bad"],
    "warn": COLOURS["warn"],
    "dim": COLOURS["dim"],
    "strong": "bold",
}


class EventRows(CursorList, inherit_bindings=False):
    """One row per event. The screen's keys move the cursor, so that time goes with it."""

    around = 4

    def __init__(self) -> None:
        super().__init__()
        self._events: Sequence[Event] = ()

    def show(self, events: Sequence[Event]) -> None:
        self._events = events
        self.resize_to(len(events))

    def row(self, index: int, width: int) -> Content:
        event = self._events[index]
        first = in_words(event.body)[0]
        seconds = pad(clock(event.at - self._events[0].at), _CLOCK)
        glyphs = cast(Host, self.app).glyphs
        label = fit(first.label or "notice", _LABEL, glyphs)
        room = max(width - _CLOCK - _LABEL - 2, 0)
        text = fit(f"{_signed(first, glyphs)} {first.tail}".strip(), room, glyphs)
        return Content.assemble((seconds, "$text-muted"), " ", pad(label, _LABEL), " ", (text, _STYLES[first.tone]))


class EventsPanel(Panel, Vertical):
    number = 4
    title = "Events"
    hint = "All that was written down about the run, in order. Time goes with the cursor."
    DEFAULT_CSS = """
    EventsPanel {
        & > EventRows { height: 1fr; }
        & > VerticalScroll { height: 30%; min-height: 3; border-top: hkey $border-blurred; scrollbar-size: 0 1; }
        & Static { height: auto; padding: 0 1; }
    }
    .-ascii EventsPanel > VerticalScroll { border-top: ascii $border-blurred; }
    """

    def compose(self) -> ComposeResult:
        yield EventRows()
        with VerticalScroll(can_focus=False):
            yield Static("", markup=False)

    @property
    def rows(self) -> EventRows:
        return self.query_one(EventRows)

    def go(self) -> None:
        self.rows.focus()

    def tell(self, event: Event) -> None:
        """Show that event in full."""
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self.query_one(Static).update(event_text(event, self.glyphs))


def event_text(event: Event, glyphs: Glyphs) -> Content:
    """All that an event tells, on as many lines as it takes."""
    lines = [
        Content.assemble(
            (f"{line.label}  " if line.label else "", "bold"),
            (printable(_signed(line, glyphs)), _STYLES[line.tone]),
            (f" {line.tail}" if line.tail else "", "$text-muted"),
        )
        for line in in_words(event.body)
    ]
    if isinstance(event.body, TestFinished) and event.body.message:
        lines += [Content(), Content(printable(event.body.message[:_LONGEST_MESSAGE]))]
    return Content("\n").join(lines)


def _signed(line: Line, glyphs: Glyphs) -> str:
    sign = {"good": f"{glyphs.ok} ", "bad": f"{glyphs.bad} ", "": ""}[line.mark]
    return f"{sign}{line.text}"
