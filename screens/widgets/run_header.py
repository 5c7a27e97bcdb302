"""The line at the top: which run, how it stands, how long, which model, what it costs, where it runs."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.widget import Widget

from core.text.display import duration, one_line, usd
from screens.base import Host
from screens.ports import News, RunView
from screens.standing import COLOURS, clock, standing_of, until

if TYPE_CHECKING:
    from core.events import Event

Part = tuple[int, Content]
"""How much it matters (the least goes first when there is no room), and what it says."""


class RunHeader(Widget):
    """One line; redrawn without a layout."""

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
        self.refresh()

    def _note(self, events: Sequence[Event]) -> None:
        from core import events as ev

        for event in events:
            if isinstance(event.body, ev.ModelCalled | ev.ModelAnswered):
                self._model = event.body.model
            elif isinstance(event.body, ev.RunStarted | ev.RunResumed):
                self._since = event.at

    def tick(self) -> None:
        self.refresh()

    def render(self) -> Content:
        gap = Content("   ")
        parts = self._parts()
        while parts and sum(part.cell_length for _, part in parts) + 3 * (len(parts) - 1) > self.size.width:
            least = min(range(len(parts)), key=lambda at: parts[at][0])
            if len(parts) == 1:
                break
            del parts[least]
        return gap.join(part for _, part in parts)

    def _parts(self) -> list[Part]:
        view = self._view
        glyphs = cast(Host, self.app).glyphs
        brand = (9, Content.styled("nexus", "bold $text-primary"))
        if view is None:
            folder = one_line(str(cast(Host, self.app).services.project.folder))
            return [brand, (5, Content.styled(folder, "$text-muted")), *self._place()]
        stands = standing_of(view)
        sign = f"{stands.sign(glyphs)} {stands.word}"
        parts = [
            (1, brand[1]),
            (6, Content.styled(one_line(view.row.id), "bold")),
            (10, Content.styled(sign, f"bold {COLOURS[stands.tone]}")),
            (8, Content(self._elapsed(view))),
        ]
        state = view.state
        if self._model:
            parts.append((4, Content.styled(one_line(self._model, 40), "$text-muted")))
        parts.append((7, self._money(view)))
        if state.started is not None:
            if state.started.recorded:
                parts.append((5, Content.styled("recorded answers", "$text-warning")))
            parts.append((3, Content.styled(one_line(state.started.backend, 20), "$text-muted")))
        return [*parts, *self._place()]

    def _elapsed(self, view: RunView) -> str:
        end = view.state.finished
        if end is not None and not view.live:
            return duration(end.duration_ms)
        return clock(until(view) - self._since) if self._since else ""

    def _money(self, view: RunView) -> Content:
        state = view.state
        mark = "~" if any(total.estimated for total in state.models.values()) else ""
        limit = next((scope.limit for scope in view.budgets if scope.kind == "run"), 0)
        return Content.assemble(
            f"{mark}{usd(state.spent_micros)}", (f" of {usd(limit)}" if limit else "", "$text-muted")
        )

    def _place(self) -> list[Part]:
        return [(2, Content.styled(f"on {one_line(self._host, 30)}", "$text-muted"))] if self._host else []
