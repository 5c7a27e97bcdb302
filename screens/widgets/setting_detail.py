"""What a setting means, where its value comes from, and what it may be."""

from __future__ import annotations

import textwrap

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.text.display import one_line
from screens.ports import SettingRow
from screens.standing import COLOURS

_LABEL = 10
_LOW = 14
"""Lines below which nothing is said that the list says too."""


class SettingDetail(VerticalScroll):
    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._row: SettingRow | None = None

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)

    def show(self, row: SettingRow | None) -> None:
        self._row = row
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width, height = self.content_size.width - self.scrollbar_size_vertical, self.size.height
        text = (
            Content("\n").join(explanation(self._row, width, height < _LOW))
            if self._row and width > _LABEL
            else Content()
        )
        self.query_one(Static).update(text)
        self.scroll_home(animate=False)


def explanation(row: SettingRow, width: int, low: bool) -> list[Content]:
    """Lines of `width` cells."""
    changed = row.origin != "default"
    colour = COLOURS["warn"] if changed else ""
    origin = f"{row.origin}: {row.place}" if row.place else row.origin
    facts = [] if low else [("value", row.value or "empty", "bold" if changed else "")]
    facts += [("from", origin, colour)] if changed or not low else []
    facts += [("default", row.default or "empty", ""), ("takes", takes(row), "")]
    facts += [("set by", row.who, ""), ("variable", row.env, "")]
    if note := _note(row):
        facts.append(("note", note, COLOURS["warn"]))
    head = [Content.styled(row.key, "bold $text-primary")]
    head += [Content(line) for line in textwrap.wrap(one_line(row.help), width)]
    return [*head, *([] if low else [Content()]), *(line for fact in facts for line in _fact(*fact, width))]


def takes(row: SettingRow) -> str:
    """What may be written."""
    if row.choices:
        return " or ".join(row.choices)
    return f"a {row.kind}, {row.bounds}" if row.bounds else row.kind


def _note(row: SettingRow) -> str:
    if row.origin == "environment":
        return "The variable wins over every file for as long as it is set."
    if row.origin == "project" and "user" in row.written:
        return "Your file sets it too; here the project's file wins."
    return ""


def _fact(label: str, text: str, style: str, width: int) -> list[Content]:
    """Words stand beside their label; where one is too long for that, as a path is, they stand below it."""
    said, room = one_line(text), width - _LABEL
    name = Content.styled(f"{label:{_LABEL}}", "$text-muted")
    if max(map(len, said.split()), default=0) > room:
        return [name, *(Content.assemble("  ", (line, style)) for line in _wrapped(said, width - 2))]
    first, *rest = _wrapped(said, room)
    return [Content.assemble(name, (first, style)), *(Content.assemble(" " * _LABEL, (line, style)) for line in rest)]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 10), break_on_hyphens=False) or [""]
