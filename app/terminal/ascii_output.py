"""Lines, blocks and arrows of every widget as ASCII, for terminals that have nothing else."""

from __future__ import annotations

import unicodedata

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


def _for_line(code: int) -> str:
    """What stands for a box-drawing character or a block."""
    name = unicodedata.name(chr(code))
    if code >= 0x2580:
        if "SHADE" in name:
            return ".:%"[code - 0x2591]
        return "|" if name.startswith(("LEFT", "RIGHT")) else "_" if code == 0x2581 else "-" if "UPPER" in name else "#"
    sides = {side for side in ("UP", "DOWN", "LEFT", "RIGHT", "VERTICAL", "HORIZONTAL") if side in name.split()}
    if sides <= {"LEFT", "RIGHT", "HORIZONTAL"}:
        return "-"
    return "|" if sides <= {"UP", "DOWN", "VERTICAL"} else "+"


_SIGNS: dict[int, int] = str.maketrans("←↑→↓⏎•●○◉·▶▼◀▲►◄✓✗–—…‘’“”×", "<^><<**oo->v<^><vx--.''\"\"x")
_ASCII: dict[int, str | int | None] = {**{code: _for_line(code) for code in range(0x2500, 0x25A0)}, **_SIGNS}


class AsciiOutput(LineFilter):
    """Only changes characters one cell wide, so everything stays where it is. Letters are left alone."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.control or segment.text.isascii()
            else Segment(segment.text.translate(_ASCII), segment.style)
            for segment in segments
        ]
