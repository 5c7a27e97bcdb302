"""What the guardrails decided last, and how much is left before each limit stops the run."""

from __future__ import annotations

import textwrap

from textual.content import Content

from core.guardrails import Remaining
from core.text.display import duration, one_line, usd
from screens.cells import apart, fit, meter, pad, used
from screens.ports import RunView
from screens.standing import COLOURS, Tone, limits
from screens.widgets.panel import TextPanel

_ACTIONS: dict[str, tuple[str, Tone]] = {
    "CONTINUE": ("ok", "good"),
    "RETRY": ("warn", "warn"),
    "ESCALATE": ("warn", "warn"),
    "ABORT": ("bad", "bad"),
}
_SHOWN = 20
_LONGEST = 300
"""Characters of evidence; the log has all of them."""
GAUGE = 8
"""Cells of a bar beside a figure."""


class GuardrailsPanel(TextPanel):
    number = 2
    title = "Guardrails"
    hint = (
        "Rules that judge every step: go on, try again, take a stronger model, or stop. No model can argue with them."
    )

    def differs(self, before: RunView | None, now: RunView | None) -> bool:
        return (
            before is None
            or now is None
            or before.state.decisions is not now.state.decisions
            or before.left != now.left
            or before.state.alerts is not now.state.alerts
        )

    def text(self, width: int, height: int) -> Content:
        view = self.view
        assert view is not None
        lines = [*self._left(view, width), *self._decisions(view, width)]
        return Content("\n").join(lines) if lines else Content.styled("No decision yet.", "$text-muted")

    def _left(self, view: RunView, width: int) -> list[Content]:
        if view.left is None:
            return []
        lines = []
        for name, words, share in _limits(view.left, limits(view.row)):
            label = Content.assemble((pad(name, 8), "$text-muted"), words)
            lines.append(apart(label, meter(self.glyphs, share, GAUGE, used(1 - share)), width))
        return lines

    def _decisions(self, view: RunView, width: int) -> list[Content]:
        decisions = view.state.decisions
        told = [each for each in decisions if each.action != "CONTINUE"]
        lines = []
        for each in reversed(told[-_SHOWN:]):
            glyph, tone = _ACTIONS.get(each.action, ("warn", "warn"))
            sign = pad(getattr(self.glyphs, glyph), len(self.glyphs.ok))
            colour = COLOURS[tone]
            head = Content.assemble((f"{sign} {fit(each.action, 12, self.glyphs)}", f"bold {colour}"), " ", each.rule)
            lines.append(apart(head, Content(), width))
            lines += [Content.styled(f"   {row}", "$text-muted") for row in _wrapped(each.evidence, width - 3)]
        calm = len(decisions) - len(told)
        if calm:
            sign = self.glyphs.ok
            lines.append(Content.assemble((f"{sign} CONTINUE", COLOURS["good"]), (f" {calm:,} times", "$text-muted")))
        for notice in view.left.notices if view.left else ():
            lines.append(Content.styled(f"{self.glyphs.warn} {fit(notice, width - 2, self.glyphs)}", COLOURS["warn"]))
        return lines


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(one_line(text, _LONGEST), max(width, 10))


def _limits(left: Remaining, limits: dict[str, float]) -> list[tuple[str, str, float]]:
    """Name, what is left in words, share that is left (0 to 1); only of rules that are on."""
    found = []

    def add(name: str, value: float | None, limit: float, words: str) -> None:
        if value is not None and limit > 0:
            found.append((name, words, value / limit))

    retries, errors = limits.get("max_phase_retries", 0), limits.get("max_total_errors", 0)
    money, seconds = limits.get("cost_limit_per_task", 0) * 1_000_000, limits.get("wall_clock_s", 0)
    add("retries", left.retries, retries, f"{left.retries} of {retries:.0f} left")
    add("errors", left.errors, errors, f"{left.errors} of {errors:.0f} left")
    add("cost", left.cost_micros, money, f"{usd(left.cost_micros or 0)} left")
    add("time", left.seconds, seconds, _time(left.seconds or 0))
    return found


def _time(seconds: float) -> str:
    return f"{seconds // 60:.0f} min left" if seconds >= 120 else f"{duration(round(seconds * 1000))} left"
