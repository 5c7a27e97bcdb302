"""The phases of a run in order: what is done, what is being done, how often, how long and for how much."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from core.ids import PHASES, Phase
from core.state import PhaseState
from core.text.display import duration, usd
from screens.cells import apart, fit, meter, pad
from screens.ports import RunView
from screens.standing import COLOURS, Tone, clock, limits, until
from screens.widgets.panel import TextPanel

_WORDS: dict[str, tuple[str, str, Tone]] = {
    "pending": ("", "dot", "dim"),
    "running": ("running", "run", "busy"),
    "done": ("done", "ok", "good"),
    "skipped": ("skipped", "skip", "dim"),
    "failed": ("failed", "bad", "bad"),
    "interrupted": ("cut off", "warn", "warn"),
}
_NAME = 12
_OVER = ("done", "skipped")


class PhasesPanel(TextPanel):
    number = 1
    title = "Phases"
    hint = "The path of every run. A failed verification goes back to the implementer with the evidence."

    def text(self, width: int, height: int) -> Content:
        view = self.view
        assert view is not None
        phases = {name: view.state.phases.get(name, PhaseState()) for name in PHASES}
        details = {name: self._detail(view, name, phase, width) for name, phase in phases.items()}
        told = _worth_telling(phases, {name for name in phases if details[name]}, height - len(phases) - 1)
        lines = []
        for name, phase in phases.items():
            lines.append(self._line(view, name, phase, width))
            if name in told:
                lines.append(details[name])
        return Content("\n").join([*lines, self._progress(phases, width)])

    def tick(self) -> None:
        """Only the running phase's time moves."""
        self.stale = True
        self._draw_if_seen()

    def _line(self, view: RunView, name: str, phase: PhaseState, width: int) -> Content:
        word, glyph, tone = _WORDS.get(phase.status, (phase.status, "dot", "dim"))
        took = duration(phase.duration_ms) if phase.duration_ms and phase.status != "skipped" else ""
        if phase.status == "running":
            if not view.live:
                word, glyph, tone = _WORDS["interrupted"]
            elif view.row.status == "paused":
                word, glyph, tone = "paused", "pause", "warn"
            took = clock(until(view) - phase.started_at)
        elif name == "deliver" and view.state.approval is not None and phase.status == "pending":
            word, glyph, tone = "waiting", "wait", "warn"
        sign = pad(getattr(self.glyphs, glyph), len(self.glyphs.ok))
        colour = COLOURS[tone]
        strong = f"bold {colour}" if tone in ("busy", "bad", "warn") else ""
        left = Content.assemble(
            (sign, colour), " ", (pad(name, _NAME), strong or ("" if word else "$text-muted")), (word, colour)
        )
        return apart(left, Content.styled(took, "$text-muted"), width)

    def _detail(self, view: RunView, name: str, phase: PhaseState, width: int) -> Content:
        parts = []
        if phase.attempt and phase.status != "skipped":
            parts.append((_again(view, name, phase.attempt), "$text-warning"))
        if phase.cost_micros:
            parts.append((usd(phase.cost_micros), "$text-muted"))
        if phase.summary and phase.status != "running" and name != "deliver":
            parts.append((phase.summary, "$text-muted"))
        text: list[tuple[str, str]] = []
        room = width - 3
        for words, style in parts:
            if text:
                text.append((f" {self.glyphs.dot} ", "$text-disabled"))
                room -= 3
            shown = fit(words, max(room, 0), self.glyphs)
            room -= len(shown)
            text.append((shown, style))
        return Content.assemble("   ", *text) if text else Content()

    def _progress(self, phases: Mapping[Phase, PhaseState], width: int) -> Content:
        over = sum(phase.status in _OVER for phase in phases.values())
        words = f"{over} of {len(phases)} phases"
        room = max(width - len(words) - 1, 0)
        return Content.assemble(meter(self.glyphs, over / len(phases), min(room, 20)), " ", (words, "$text-muted"))


def _worth_telling(phases: Mapping[Phase, PhaseState], details: set[Phase], room: int) -> set[Phase]:
    """The phases that get a second line: all that have one where there is room, else those that matter now."""
    for matter in (frozenset(_WORDS), frozenset({"running", "failed", "interrupted"}), frozenset({"running"})):
        told = {name for name in details if phases[name].status in matter}
        if len(told) <= room:
            return told
    return set()


def _again(view: RunView, name: str, attempt: int) -> str:
    limit = limits(view.row).get("max_phase_retries", 0)
    if name != "implementer":
        return f"round {attempt + 1}"
    return f"retry {attempt}/{limit}" if limit else f"retry {attempt}"
