"""How a run stands in one row of the history, in columns that fit the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from core.text.display import age, one_line, usd
from screens.cells import fit, pad
from screens.glyphs import Glyphs
from screens.standing import COLOURS, standing

if TYPE_CHECKING:
    from core.run.run_list import RunLine

_GAP = "  "
_AGE = 6
_COST = 8
_RATED = 5
_PROJECT = 16
_WIDEST_STATE = 20
_LEAST_REQUEST = 24
"""Cells below which columns that matter less make room for the request."""


@dataclass(frozen=True, slots=True)
class RunColumns:
    """Widths in cells; 0 leaves a column out."""

    state: int
    request: int
    cost: int
    rated: int
    project: int

    @classmethod
    def of(cls, lines: Sequence[RunLine], width: int, home: str, glyphs: Glyphs) -> RunColumns:
        """Columns for these runs in a row of `width` cells. `home` is the project that goes without saying."""
        words = [standing(line.status, line.verdict, line.delivered).word for line in lines]
        state = min(max(map(cell_len, words), default=8), _WIDEST_STATE) + _sign_width(glyphs) + 1
        elsewhere = any(line.project != home for line in lines)
        names = [cell_len(_name(line.project)) for line in lines] if elsewhere else []
        project = min(max(max(names, default=0), len("PROJECT")), _PROJECT) if names else 0
        rated = _RATED if any(line.stars for line in lines) else 0
        cost = _COST

        def room() -> int:
            return width - sum(len(_GAP) + each for each in (_AGE, state, cost, rated, project) if each) - len(_GAP) + 2

        if room() < _LEAST_REQUEST:
            rated = 0
        if room() < _LEAST_REQUEST:
            project = 0
        return cls(state, max(room(), 0), cost, rated, project)

    def header(self) -> Content:
        return self._join("AGE".rjust(_AGE), "STATE", "REQUEST", "COST".rjust(self.cost), "RATED", "PROJECT")

    def row(self, line: RunLine, now: float, glyphs: Glyphs) -> Content:
        stands = standing(line.status, line.verdict, line.delivered)
        word = f"{pad(stands.sign(glyphs), _sign_width(glyphs))} {stands.word}"
        return self._join(
            Content.styled(age(now - line.created_at).rjust(_AGE), "$text-muted"),
            Content.styled(fit(word, self.state, glyphs), COLOURS[stands.tone]),
            fit(line.request, self.request, glyphs),
            usd(line.cost_micros).rjust(self.cost),
            f"{line.stars}/5" if line.stars else "",
            Content.styled(fit(_name(line.project), self.project, glyphs), "$text-muted"),
        )

    def _join(self, age: str | Content, *rest: str | Content) -> Content:
        widths = (_AGE, self.state, self.request, self.cost, self.rated, self.project)
        cells = [Content(cell) if isinstance(cell, str) else cell for cell in (age, *rest)]
        shown = [(cell, width) for cell, width in zip(cells, widths, strict=True) if width]
        return Content(_GAP).join([cell.pad_right(max(width - cell.cell_length, 0)) for cell, width in shown])


def _name(project: str) -> str:
    return one_line(PurePath(project).name or project)


def _sign_width(glyphs: Glyphs) -> int:
    return max(map(cell_len, (glyphs.ok, glyphs.bad, glyphs.warn, glyphs.run, glyphs.wait)))
