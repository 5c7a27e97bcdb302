"""The settings by section, with a cursor that stands on settings only."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from screens.cells import fit, fit_end, pad
from screens.glyphs import Glyphs
from screens.ports import SettingRow
from screens.standing import COLOURS
from screens.widgets.cursor_list import CursorList

_ORIGIN = 11
"""Cells for where a value comes from."""
_NAME = 24
"""Cells for the name within its section, where there is room."""

CHANGED = "*"
"""Stands before what is not at its default."""


class SettingsList(CursorList):
    """Rows are settings, and above each section its name."""

    def __init__(self, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._glyphs = glyphs
        self._lines: list[SettingRow | str] = []

    def show(self, rows: Sequence[SettingRow]) -> None:
        """Show these settings; the cursor stays on the setting it is on, if that is among them."""
        before = self.here
        self._lines = []
        section = ""
        for row in rows:
            if (new := row.key.partition(".")[0]) != section:
                section = new
                self._lines.append(section)
            self._lines.append(row)
        keys = [line.key if isinstance(line, SettingRow) else "" for line in self._lines]
        at = keys.index(before.key) if before is not None and before.key in keys else 1
        self.resize_to(len(self._lines), at)
        self.post_message(self.Moved(self))

    @property
    def here(self) -> SettingRow | None:
        """The setting at the cursor."""
        line = self._lines[self.cursor] if self.cursor < len(self._lines) else ""
        return line if isinstance(line, SettingRow) else None

    def go_to(self, index: int) -> None:
        """The setting at `index`, or the next one in the direction of the move."""
        index = max(0, min(index, self.count - 1))
        ahead = range(index, self.count) if index >= self.cursor else range(index, 0, -1)
        found = next((at for at in ahead if isinstance(self._lines[at], SettingRow)), None)
        if found is None and self.count:
            found = next(at for at, line in enumerate(self._lines) if isinstance(line, SettingRow))
        super().go_to(found or 0)

    def row(self, index: int, width: int) -> Content:
        line = self._lines[index]
        if isinstance(line, str):
            return Content.styled(line, "bold $text-primary")
        changed = line.origin != "default"
        name_width = min(_NAME, width // 2)
        room = max(width - 4 - name_width - _ORIGIN, 0)
        name = fit(line.key.partition(".")[2], name_width - 1, self._glyphs)
        value = fit_end(line.value, room - 1, self._glyphs) if line.value else "empty"
        return Content.assemble(
            (f" {CHANGED if changed else ' '} ", COLOURS["warn"]),
            pad(name, name_width),
            (pad(fit(value, room - 1, self._glyphs), room), "bold" if changed else "$text-muted"),
            (line.origin, COLOURS["warn"] if changed else "$text-muted"),
        )
