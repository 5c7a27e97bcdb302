"""What a run has cost: spent and held, of which budgets, for which model and phase."""

from __future__ import annotations

from textual.content import Content

from core import events as ev
from core.ids import PHASES
from core.text.display import usd
from screens.cells import apart, fit, meter, pad, used
from screens.glyphs import sparkline
from screens.ports import News, RunView
from screens.widgets.guardrails_panel import GAUGE
from screens.widgets.panel import TextPanel


class CostPanel(TextPanel):
    number = 3
    title = "Cost"
    hint = "Money is reserved before a call at its worst case and settled after it; budgets hold for all processes."

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._calls: list[int] = []
        """Micro-dollars of each answered call, oldest first."""

    def learn(self, view: RunView | None, news: News) -> bool:
        if news.first:
            self._calls = []
        self._calls += [each.body.cost_micros for each in news.events if isinstance(each.body, ev.ModelAnswered)]
        return news.first

    def differs(self, before: RunView | None, now: RunView | None) -> bool:
        return (
            before is None
            or now is None
            or before.state.models is not now.state.models
            or before.state.open_calls is not now.state.open_calls
            or before.budgets != now.budgets
        )

    def text(self, width: int, height: int) -> Content:
        view = self.view
        assert view is not None
        state = view.state
        if not state.models and not state.open_calls:
            lines = [Content.styled("No model was called yet.", "$text-muted")]
            return Content("\n").join([*lines, *self._budgets(view, width)])
        estimated = any(total.estimated for total in state.models.values())
        # The provider gave no figures for some of it.
        spent = f"{'~' if estimated else ''}{usd(state.spent_micros)} spent{', estimated' if estimated else ''}"
        held = f"{usd(state.reserved_micros)} held" if state.reserved_micros else ""
        lines = [apart(Content.styled(spent, "bold"), Content.styled(held, "$text-warning"), width)]
        if any(self._calls):
            curve = sparkline(self.glyphs, self._calls, max(width - 9, 0))
            lines.append(
                apart(Content.styled(curve, "$text-primary"), Content.styled("per call", "$text-muted"), width)
            )
        elif state.started is not None and state.started.recorded:
            lines.append(Content.styled("Recorded answers cost nothing.", "$text-muted"))
        lines += self._budgets(view, width)
        lines += self._tokens(view, width)
        lines += self._models(view, width)
        lines += self._phases(view, width)
        return Content("\n").join(lines)

    def _budgets(self, view: RunView, width: int) -> list[Content]:
        lines = []
        for scope in view.budgets:
            share = scope.committed / scope.limit if scope.limit else 0.0
            label = Content.assemble(
                (pad(scope.kind, 6), "$text-muted"), f"{usd(scope.committed)} of {usd(scope.limit)}"
            )
            lines.append(apart(label, meter(self.glyphs, share, GAUGE, used(share)), width))
        return lines

    def _tokens(self, view: RunView, width: int) -> list[Content]:
        totals = view.state.models.values()
        read, written = (sum(t.prompt_tokens for t in totals), sum(t.completion_tokens for t in totals))
        return [Content.assemble(("tokens ", "$text-muted"), f"{read:,} in, {written:,} out")]

    def _models(self, view: RunView, width: int) -> list[Content]:
        lines = []
        for model, total in view.state.models.items():
            mark = "~" if total.estimated else ""
            figures = f"{total.calls} x  {mark}{usd(total.cost_micros)}"
            name = fit(model, max(width - len(figures) - 2, 0), self.glyphs)
            lines.append(apart(Content(name), Content.styled(figures, "$text-muted"), width))
        return lines

    def _phases(self, view: RunView, width: int) -> list[Content]:
        lines = []
        for name in PHASES:
            phase = view.state.phases.get(name)
            if phase is not None and phase.cost_micros:
                figures = f"{phase.model_calls} x  {usd(phase.cost_micros)}"
                lines.append(
                    apart(Content.styled(f" {name}", "$text-muted"), Content.styled(figures, "$text-muted"), width)
                )
        return lines
