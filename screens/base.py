"""What every screen of Nexus has: the services it reads, the signs it draws with, and room to live in."""

from __future__ import annotations

from typing import ClassVar, Protocol, cast

from textual.app import ComposeResult
from textual.await_remove import AwaitRemove
from textual.screen import Screen

from screens.glyphs import Glyphs
from screens.ports import RunView, Services

_WIDTHS: list[tuple[int, str]] = [(0, "-tiny"), (60, "-narrow"), (100, "-wide")]
_HEIGHTS: list[tuple[int, str]] = [(0, "-flat"), (16, "-low"), (30, "-tall")]
_AFTER_BATCH_S = 0.01


class Host(Protocol):
    """What the application gives to its screens."""

    @property
    def services(self) -> Services: ...
    @property
    def glyphs(self) -> Glyphs: ...
    @property
    def opening(self) -> bool:
        """Whether the application begins with a run, and not with the start page."""
        ...

    @property
    def view(self) -> RunView | None:
        """The run that is watched."""
        ...


class NexusScreen(Screen[None]):
    """A full screen. Below 100 columns it carries the class `-narrow`, below 60x16 one line replaces it."""

    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = _WIDTHS
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = _HEIGHTS

    scope: ClassVar[str] = ""
    """The scope of its actions in `screens.actions`."""
    hint: ClassVar[str] = ""
    """What it is for, in a sentence or two; the first lines of its help."""

    def on_compose(self) -> None:
        # Before it has widgets: with these classes later, all of them would be styled, laid out and painted twice.
        for length, breakpoints in zip(self.app.size, (_WIDTHS, _HEIGHTS), strict=True):
            self.add_class(next(name for least, name in reversed(breakpoints) if length >= least), update=False)

    def _compositor_refresh(self) -> None:
        # What Textual paints in a batch it throws away, and then believes that it can be seen.
        if self.app._batch_count:
            self.set_timer(_AFTER_BATCH_S, self.refresh)
        else:
            super()._compositor_refresh()

    def remove(self) -> AwaitRemove:
        # Its widgets go first: what it still reads must not come back to none.
        self.workers.cancel_node(self)
        return super().remove()

    @property
    def host(self) -> Host:
        return cast(Host, self.app)

    @property
    def services(self) -> Services:
        return self.host.services

    @property
    def glyphs(self) -> Glyphs:
        return self.host.glyphs

    def compose_too_small(self) -> ComposeResult:
        """The line for a window that is too small; the style sheet shows it."""
        from textual.widgets import Static

        yield Static("Nexus needs 60x16. Make the window larger.", id="too-small", markup=False)
