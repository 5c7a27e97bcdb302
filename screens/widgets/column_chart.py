"""Columns of text cells: the heights of a few numbers side by side."""

from __future__ import annotations

from collections.abc import Sequence

from screens.glyphs import Glyphs


def column_chart(glyphs: Glyphs, values: Sequence[float], width: int, height: int) -> list[str]:
    """`height` lines of equal length, at most `width` cells, the top one first; what is not zero is never invisible.

    Columns share the width; one cell stays free between them where there is room.
    """
    if not values or width < len(values):
        return []
    top = max(max(values), 0.0)
    cells = min(width // len(values), 4)
    steps = len(glyphs.levels)
    heights = [max(round(value / top * height * steps), 1) if value > 0 else 0 for value in values]
    return [
        "".join(_cell(glyphs, tall - (height - 1 - line) * steps, cells) for tall in heights) for line in range(height)
    ]


def _cell(glyphs: Glyphs, left: int, cells: int) -> str:
    """One column on one line, `left` eighths of a cell of it still to be drawn."""
    if left <= 0:
        return " " * cells
    sign = glyphs.levels[min(left, len(glyphs.levels)) - 1]
    return sign * max(cells - 1, 1) + " " * (cells > 1)
