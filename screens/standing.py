"""How a run stands, in words that every screen uses the same way."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.ids import PHASES
from screens.glyphs import Glyphs
from screens.ports import RunView

if TYPE_CHECKING:
    from core.run.runs import RunRow

Tone = Literal["good", "bad", "warn", "busy", "dim", ""]

COLOURS: dict[Tone, str] = {
    "good": "$text-success",
    "bad": "$text-error",
    "warn": "$text-warning",
    "busy": "$text-primary",
    "dim": "$text-muted",
    "": "",
}
"""The theme's colour for each tone; a word always says the same."""

_LIVE: dict[str, tuple[str, str, Tone]] = {
    "queued": ("starting", "run", "busy"),
    "running": ("running", "run", "busy"),
    "paused": ("paused", "pause", "warn"),
    "waiting": ("waiting for you", "wait", "warn"),
}
_ENDS: dict[str, tuple[str, str, Tone]] = {
    "verified": ("verified", "ok", "good"),
    "not_verified": ("not verified", "bad", "bad"),
    "stopped": ("stopped", "bad", "bad"),
    "failed": ("failed", "bad", "bad"),
    "cancelled": ("cancelled", "skip", "dim"),
    "conflict": ("conflict", "bad", "bad"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`glyph` names a field of `Glyphs`."""

    word: str
    glyph: str
    tone: Tone

    def sign(self, glyphs: Glyphs) -> str:
        return str(getattr(glyphs, self.glyph))


def standing(status: str, verdict: str = "", delivered: str = "") -> Standing:
    """From the columns of a run: its status, its verdict, the state of its delivery."""
    if status in _LIVE:
        return Standing(*_LIVE[status])
    word, glyph, tone = _ENDS.get(verdict, ("interrupted", "warn", "warn"))
    if delivered == "UNDONE":
        return Standing(f"{word}, undone", glyph, "dim")
    return Standing(word, glyph, tone)


def standing_of(view: RunView) -> Standing:
    if view.row.status == "queued" and view.trouble:
        return Standing("not started", "bad", "bad")
    return standing(view.row.status, view.row.verdict, view.delivered)


def clock(seconds: float) -> str:
    """`0:07`, `12:05` or `1:02:03`."""
    whole = max(int(seconds), 0)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"


def until(view: RunView) -> float:
    """The moment up to which time is counted: now while it works, else its last event."""
    return time.time() if view.row.status == "running" and not view.replayed else view.state.updated_at


def progress(view: RunView) -> str:
    """Such as `5/8 verify`."""
    phases = view.state.phases
    over = sum(phase.status in ("done", "skipped") for phase in phases.values())
    now = next((name for name in reversed(PHASES) if name in phases and phases[name].status == "running"), "")
    return f"{over}/{len(PHASES)} {now}".rstrip()


def limits(row: RunRow) -> dict[str, float]:
    """The limits a run works under, as far as they are numbers: another version of Nexus may have recorded others."""
    recorded = row.settings.get("limits")
    if not isinstance(recorded, dict):
        return {}
    return {name: value for name, value in recorded.items() if isinstance(value, int | float)}
