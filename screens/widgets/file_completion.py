"""Offers the project's files while an `@` name is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from textual.content import Content
from textual.widgets import Static

from screens.base import Host
from screens.cells import fit_end, pad

MOST = 8
_WIDEST = 70
_TYPED = re.compile(r"(?:^|\s)@([^\s@]*)$")


def typed_name(before: str) -> str | None:
    """What stands after an `@` just before the cursor; None: no name is being typed."""
    found = _TYPED.search(before)
    return found[1] if found else None


def rank(files: Sequence[str], typed: str, most: int = MOST) -> list[str]:
    """The files that fit what was typed, best first: its name begins with it or has it, its path has it."""
    wanted = typed.lower()
    letters = re.compile(".*?".join(map(re.escape, wanted)), re.IGNORECASE | re.DOTALL) if wanted else None
    scored: list[tuple[int, int, str]] = []
    for path in files:
        low = path.lower()
        name = low.rpartition("/")[2]
        if name.startswith(wanted):
            score = 0
        elif wanted in name:
            score = 1
        elif wanted in low:
            score = 2
        elif letters is not None and letters.search(path):
            score = 3
        else:
            continue
        scored.append((score, len(path), path))
    return [path for _, _, path in sorted(scored)[:most]]


class FileCompletion(Static):
    """A list above the prompt; the keys stay with the prompt."""

    DEFAULT_CSS = """
    FileCompletion {
        display: none;
        overlay: screen;
        width: auto;
        height: auto;
        padding: 0 1;
        background: $panel;
        border: round $primary;
        border-title-color: $text-muted;
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.border_title = "files"
        self._names: list[str] = []
        self._at = 0

    @property
    def is_open(self) -> bool:
        return bool(self._names)

    @property
    def chosen(self) -> str:
        return self._names[self._at] if self._names else ""

    def offer(self, names: Sequence[str]) -> None:
        """Show these, the first one chosen; none closes it."""
        self._names, self._at = list(names), 0
        self.display = bool(names)
        self._show()

    def move(self, rows: int) -> None:
        self._at = (self._at + rows) % len(self._names)
        self._show()

    def _show(self) -> None:
        if not self._names:
            return
        glyphs = cast(Host, self.app).glyphs
        width = min(max(map(len, self._names)), _WIDEST, self.app.size.width - 8)
        lines = []
        for at, name in enumerate(self._names):
            sign = glyphs.here if at == self._at else " "
            line = f"{sign} {pad(fit_end(name, width, glyphs), width)}"
            lines.append(Content.styled(line, "bold $text-primary" if at == self._at else ""))
        self.update(Content("\n").join(lines))
        self.styles.offset = (1, -len(lines) - 2)
