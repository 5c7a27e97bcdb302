"""Text that is told anew all the time, of which only what changed is painted."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget


class LiveText(Widget):
    """`Static` paints all of its lines when one character changes: each second, over a slow link as well."""

    DEFAULT_CSS = "LiveText { height: auto; }"

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.content = Content()

    def show(self, text: Content) -> None:
        """Paint what differs from the text before."""
        before, self.content = self.content, text
        if text.is_same(before):
            return
        old, new = before.split(allow_blank=True), text.split(allow_blank=True)
        if len(old) != len(new) or not before:
            self.refresh(layout=True)
        elif any(line.cell_length > self.size.width for line in (*old, *new)):
            self.refresh()  # it is wrapped: a line of the text is not a line of the screen
        else:
            self.refresh(*_changes(old, new))

    def render(self) -> Content:
        return self.content


def _changes(old: list[Content], new: list[Content]) -> Iterator[Region]:
    """The cells in which two texts of as many lines differ."""
    for row, (before, now) in enumerate(zip(old, new, strict=True)):
        if before.is_same(now):
            continue
        start, end = 0, max(before.cell_length, now.cell_length)
        if before.spans == now.spans and len(before) == len(now) == before.cell_length == now.cell_length:
            columns = [at for at, (one, other) in enumerate(zip(before.plain, now.plain, strict=True)) if one != other]
            start, end = columns[0], columns[-1] + 1
        yield Region(start, row, end - start, 1)
