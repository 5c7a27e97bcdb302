"""Signs that stand for a state, in Unicode or in ASCII. The word beside them carries the meaning; they save looking."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    ok: str
    bad: str
    warn: str
    run: str
    wait: str
    skip: str
    pause: str
    dot: str
    arrow: str
    bar_full: str
    bar_empty: str
    levels: str
    """Heights of a sparkline, lowest first."""
    ellipsis: str
    border: str
    """Textual's name for the border of panels."""
    here: str
    """What the keys go to."""


UNICODE = Glyphs("✓", "✗", "!", "▶", "?", "–", "‖", "·", "→", "━", "─", "▁▂▃▄▅▆▇█", "…", "round", "●")
ASCII = Glyphs("ok", "XX", "!", ">", "?", "-", "=", "-", "->", "#", ".", "_.-=+*%#", "...", "ascii", "*")


def choose(env: Mapping[str, str] | None = None) -> Glyphs:
    """ASCII where the locale is not UTF-8, on a Linux console, or when NEXUS_ASCII says so."""
    env = os.environ if env is None else env
    if env.get("NEXUS_ASCII", "").lower() in ("1", "true", "yes", "on"):
        return ASCII
    encoding = (getattr(sys.__stderr__, "encoding", "") or "").lower().replace("-", "")
    return UNICODE if encoding == "utf8" and env.get("TERM") not in ("linux", "vt100", "vt220") else ASCII


def bar(glyphs: Glyphs, share: float, width: int) -> str:
    """A bar of `width` cells, `share` (0 to 1) of it full."""
    full = round(min(max(share, 0.0), 1.0) * width)
    return glyphs.bar_full * full + glyphs.bar_empty * (width - full)


def sparkline(glyphs: Glyphs, values: Sequence[float], width: int) -> str:
    """The last `width` values as heights; all zero gives the lowest."""
    shown = list(values)[-width:] if width > 0 else []
    top = max(shown, default=0.0)
    last = len(glyphs.levels) - 1
    return "".join(glyphs.levels[round(last * max(value, 0.0) / top) if top > 0 else 0] for value in shown)
