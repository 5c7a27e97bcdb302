"""A panel of the run screen: a numbered, titled box that draws only while it can be seen."""

from __future__ import annotations

from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget

from screens.actions import bindings
from screens.base import Host
from screens.glyphs import Glyphs
from screens.ports import News, RunView
from screens.widgets.live_text import LiveText


class Panel(Widget):
    """`take` is told everything, `draw` is called when there is something to draw and somebody to see it."""

    number: ClassVar[int] = 0
    title: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    """What it shows, in a sentence; the first lines of its help."""
    view: RunView | None = None
    awake = False
    stale = False

    @property
    def glyphs(self) -> Glyphs:
        return cast(Host, self.app).glyphs

    def on_mount(self) -> None:
        self.mark(False)

    @property
    def tab(self) -> str:
        """Its name in a strip of tabs."""
        return self.title

    def take(self, view: RunView | None, news: News) -> None:
        before, self.view = self.view, view
        if self.learn(view, news) or self.differs(before, view):
            self.stale = True
            self._draw_if_seen()

    def learn(self, view: RunView | None, news: News) -> bool:
        """Remember what is new, whether it is drawn now or later; whether that changes what is shown."""
        return news.first

    def differs(self, before: RunView | None, now: RunView | None) -> bool:
        """Whether the panel shows one of them unlike the other. States are immutable: identity tells."""
        return before is None or now is None or before.state is not now.state or before.row != now.row

    def wake(self, awake: bool) -> None:
        """Whether it can be seen from now on."""
        self.awake = awake
        self._draw_if_seen()

    def draw(self) -> None:
        """Show `view`."""

    def on_resize(self) -> None:
        """It has room now, or other room than before."""
        self.stale = True
        self._draw_if_seen()

    def tick(self) -> None:
        """A second has passed in a live run."""

    def mark(self, focused: bool) -> None:
        """Say in the border whether keys go here."""
        sign = f"{self.glyphs.here} " if focused else ""
        self.border_title = Content(f"{sign}[{self.number}] {self.title}")
        self.set_class(focused, "-here")

    def go(self) -> None:
        """Take the focus."""
        self.focus()

    def action_scroll(self, how: str) -> None:
        """At once: what moves by itself is hard to read, and over a slow link hard to bear."""
        half = max(self.size.height // 2, 1)
        rows = {"down": 1, "up": -1, "half_down": half, "half_up": -half, "top": -self.scroll_y}
        self.scroll_to(y=self.scroll_y + rows.get(how, self.max_scroll_y), animate=False)

    def copied(self) -> tuple[str, str]:
        """The text that `y` copies, and its name."""
        return "", self.title.lower()

    def _draw_if_seen(self) -> None:
        if self.awake and self.stale and self.is_mounted and self.is_attached and self.view is not None and self.size:
            self.stale = False
            self.draw()


class TextPanel(Panel, VerticalScroll, can_focus=True):
    """A panel that is one text, built anew when something changed."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("panel")
    DEFAULT_CSS = "TextPanel { layout: vertical; overflow: hidden auto; }"

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._body = LiveText()

    def compose(self) -> ComposeResult:
        yield self._body

    def text(self, width: int, height: int) -> Content:
        """What is shown in a box of this size; `height` is only what would be good to keep."""
        raise NotImplementedError

    def draw(self) -> None:
        room = self.scrollable_content_region
        self._body.show(self.text(room.width, room.height))

    def copied(self) -> tuple[str, str]:
        return str(self._body.content), self.title.lower()
