"""Where in a recorded run one is: a bar of its time, and the phases below it."""

from __future__ import annotations

from bisect import bisect_left

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from core.run.playback import Playback
from screens.cells import fit, pad
from screens.glyphs import Glyphs

_SHORTEST_NAME = 5
"""Cells of a cut name that still tell something."""


class ReplayTimeline(Widget):
    """Two lines: what has been, what is to come; and the names of the phases where they begin."""

    DEFAULT_CSS = """
    ReplayTimeline { height: 2; width: 1fr; padding: 0 1; }
    """

    class Sought(Message):
        """A place on the bar was clicked: that event is wanted."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._playback: Playback | None = None
        self._number = 1

    def show(self, playback: Playback, number: int) -> None:
        if playback is not self._playback or number != self._number:
            self._playback, self._number = playback, number
            self.refresh()

    def render(self) -> Content:
        if self._playback is None or self.size.width < 1:
            return Content()
        here = self._cell(self._number)
        done, rest = self._glyphs.bar_full * (here + 1), self._glyphs.bar_empty * (self.size.width - here - 1)
        return Content.assemble((done, "$text-primary"), (rest, "$text-disabled"), "\n", self._names(self._playback))

    def _names(self, playback: Playback) -> Content:
        """Each name from the cell where its phase begins, as far as there is room before the next."""
        now = playback.stretch(self._number)
        begins = [self._cell(stretch.first) for stretch in playback.stretches]
        line = Content()
        for at, (stretch, begin) in enumerate(zip(playback.stretches, begins, strict=True)):
            end = begins[at + 1] if at + 1 < len(begins) else self.size.width
            name = fit(stretch.phase, max(end - begin - 1, 0), self._glyphs)
            if name != stretch.phase and len(name) < _SHORTEST_NAME:
                name = ""
            line += Content.styled(pad(name, end - begin), "bold $text-primary" if at == now else "$text-muted")
        return line

    def _cell(self, number: int) -> int:
        """The cell of an event. A run whose clock stood still is laid out by its events instead."""
        assert self._playback is not None
        last = len(self._playback)
        total = self._playback.played_s(last)
        share = self._playback.played_s(number) / total if total > 0 else (number - 1) / max(last - 1, 1)
        return round(share * (self.size.width - 1))

    def on_click(self, event: events.Click) -> None:
        if self._playback is None:
            return
        wanted = event.x - self.gutter.left
        numbers = range(1, len(self._playback) + 1)
        self.post_message(self.Sought(1 + bisect_left(numbers, wanted, key=self._cell)))
