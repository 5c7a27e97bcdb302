"""The line at the top: which run, how it stands, how long, which model, what it costs, where it runs."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual.content import Content

from core.text.display import duration, one_line, usd
from screens.base import Host
from screens.ports import News, RunView
from screens.standing import COLOURS, clock, standing_of, until
from screens.widgets.live_text import LiveText

if TYPE_CHECKING:
    from core.events import Event

_GAP = "   "


@dataclass(frozen=True, slots=True)
class Part:
    weight: int
    """How much it matters: the least goes first where there is no room."""
    text: Content
    gap: str = _GAP
    """Between it and the part before."""


class RunHeader(LiveText):
    """One line."""

    DEFAULT_CSS = """
    RunHeader { height: 1; width: 1fr; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._view: RunView | None = None
        self._model = ""
        self._since = 0.0
        self._host = socket.gethostname() if os.environ.get("SSH_CONNECTION") else ""

    def take(self, view: RunView | None, news: News) -> None:
        if news.first:
            self._model, self._since = "", 0.0
        self._view = view
        if news.events:
            self._note(news.events)
        self.tick()

    def _note(self, events: Sequence[Event]) -> None:
        from core import events as ev

        for event in events:
            if isinstance(event.body, ev.ModelCalled | ev.ModelAnswered):
                self._model = event.body.model
            elif isinstance(event.body, ev.RunStarted | ev.RunResumed):
                self._since = event.at

    def tick(self) -> None:
        """Say what is so now."""
        self.show(self._line())

    def render(self) -> Content:
        self.content = self._line()  # only now is its width known
        return super().render()

    def _line(self) -> Content:
        parts = self._parts()
        while len(parts) > 1 and _width(parts) > self.size.width:
            parts.remove(min(parts, key=lambda part: part.weight))
        return Content.assemble(parts[0].text, *(piece for part in parts[1:] for piece in (part.gap, part.text)))

    def _parts(self) -> list[Part]:
        view = self._view
        host = cast(Host, self.app)
        brand = Content.styled("nexus", "bold $text-primary")
        if view is None:
            folder = one_line(str(host.services.project.folder))
            return [Part(9, brand), Part(5, Content.styled(folder, "$text-muted")), *self._place()]
        stands = standing_of(view)
        sign = f"{stands.sign(host.glyphs)} {stands.word}"
        parts = [
            Part(1, brand),
            Part(7, Content.styled(one_line(view.row.id), "bold")),
            Part(10, Content.styled(sign, f"bold {COLOURS[stands.tone]}")),
        ]
        if elapsed := self._elapsed(view):
            parts.append(Part(9, Content(elapsed)))
        if self._model:
            parts.append(Part(4, Content.styled(one_line(self._model, 40), "$text-muted")))
        return [*parts, *self._money(view), *self._circumstances(view), *self._place()]

    def _elapsed(self, view: RunView) -> str:
        end = view.state.finished
        if end is not None and not view.live:
            return duration(end.duration_ms)
        return clock(until(view) - self._since) if self._since else ""

    def _money(self, view: RunView) -> list[Part]:
        state = view.state
        mark = "~" if any(total.estimated for total in state.models.values()) else ""
        spent = Part(8, Content(f"{mark}{usd(state.spent_micros)}"))
        limit = next((scope.limit for scope in view.budgets if scope.kind == "run"), 0)
        return [spent, Part(6, Content.styled(f"of {usd(limit)}", "$text-muted"), " ")] if limit else [spent]

    def _circumstances(self, view: RunView) -> list[Part]:
        started = view.state.started
        if started is None:
            return []
        backend = Part(3, Content.styled(one_line(started.backend, 20), "$text-muted"))
        return (
            [Part(5, Content.styled("recorded answers", "$text-warning")), backend] if started.recorded else [backend]
        )

    def _place(self) -> list[Part]:
        return [Part(2, Content.styled(f"on {one_line(self._host, 30)}", "$text-muted"))] if self._host else []


def _width(parts: list[Part]) -> int:
    return sum(len(part.gap) + part.text.cell_length for part in parts) - len(parts[0].gap)
