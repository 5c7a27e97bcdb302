"""In a narrow window: the panels as a strip of names, of which one is shown below."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.style import Style
from textual.widget import Widget


class PanelTabs(Widget):
    """`show` takes number, id and title of each panel."""

    DEFAULT_CSS = """
    PanelTabs { height: 1; width: 1fr; padding: 0 1; }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._tabs: Sequence[tuple[int, str, str]] = ()
        self._current = ""
        self._aside = ""

    def show(self, tabs: Sequence[tuple[int, str, str]], current: str) -> None:
        self._tabs, self._current = tabs, current
        self.refresh()

    def tell(self, aside: str) -> None:
        """Words at the right end, where there is room."""
        if aside != self._aside:
            self._aside = aside
            self.refresh()

    def render(self) -> Content:
        parts = []
        for number, name, title in self._tabs:
            here = name == self._current
            text = f"[{number} {title}]" if here else f" {number} {title} "
            look = Style.parse("bold $text-primary" if here else "$text-muted")
            parts.append(Content.styled(text, look + Style.from_meta({"@click": f"screen.focus_panel('{name}')"})))
        strip = Content("").join(parts)
        room = self.size.width - strip.cell_length - len(self._aside)
        return Content.assemble(strip, " " * room, (self._aside, "$text-muted")) if room > 1 else strip
