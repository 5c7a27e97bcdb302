"""Budgets and spending as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual.content import Content

from core.cost_manager import Scope
from core.text.counting import counted
from core.text.display import usd
from screens.cells import apart, fit, meter, used
from screens.glyphs import Glyphs
from screens.ports import Spending
from screens.widgets.column_chart import column_chart

_KINDS = ("task", "run", "day", "month")
_CHART_HEIGHT = 6
_WIDE = 60
"""Cells from which 30 days are shown instead of 14."""


def budget_lines(glyphs: Glyphs, scopes: Sequence[Scope], watched: bool, width: int) -> list[Content]:
    """Two lines per budget; one that is off says so. `watched`: those of task and run are about a run."""
    by_kind: dict[str, Scope] = {scope.kind: scope for scope in scopes}
    lines: list[Content] = []
    for kind in _KINDS:
        scope, name = by_kind.get(kind), (f"{kind:7}", "bold")
        if scope is None:
            lines.append(Content.assemble(name, ("off: no limit", "$text-muted")))
        elif kind in ("task", "run") and not watched:
            lines.append(Content.assemble(name, f"{usd(scope.limit)} each", ("; no run is open", "$text-muted")))
        else:
            lines += _budget(glyphs, scope, width)
    return lines


def _budget(glyphs: Glyphs, scope: Scope, width: int) -> list[Content]:
    share = scope.committed / scope.limit
    held = f", {usd(scope.committed - scope.spent)} held" if scope.committed > scope.spent else ""
    spent = Content.assemble((f"{scope.kind:7}", "bold"), f"{usd(scope.spent)} spent")
    left = Content(f"{usd(scope.left)} left of {usd(scope.limit)}")
    percent = f" {share:4.0%}{held}"
    bar = Content.assemble(meter(glyphs, share, max(width - len(percent), 1), used(share)), percent)
    return [apart(spent, left, width), bar]


def day_lines(glyphs: Glyphs, spending: Spending, width: int) -> list[Content]:
    days = spending.days if width >= _WIDE else spending.days[-14:]
    total, (worst_day, most) = sum(spent for _, spent in days), max(days, key=lambda day: day[1])
    if not total:
        return [Content.styled(f"Nothing spent yet in the last {len(days)} days.", "$text-muted")]
    said = f"{usd(total)} in {len(days)} days, most {usd(most)} on {worst_day}, today {usd(days[-1][1])} (UTC)"
    chart = column_chart(glyphs, [spent for _, spent in days], width, _CHART_HEIGHT)
    first, last = days[0][0][5:], "today"
    axis = first + " " * max(len(chart[0]) - len(first) - len(last), 1) + last if chart else ""
    return [
        *(Content(line) for line in textwrap.wrap(said, width)),
        *(Content.styled(line, "$text-primary") for line in chart),
        Content.styled(axis, "$text-muted"),
    ]


def dearest_lines(glyphs: Glyphs, spending: Spending, width: int) -> list[Content]:
    if not spending.models:
        return [Content.styled("Nothing spent yet this month.", "$text-muted")]
    lines = []
    for model, calls, spent in spending.models:
        figures = f"{counted(calls, 'call')}  {usd(spent)}"
        name = fit(model, max(width - len(figures) - 2, 0), glyphs)
        lines.append(apart(Content(name), Content.styled(figures, "$text-muted"), width))
    return lines
