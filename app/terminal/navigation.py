"""Finding one's way: modes, help, jump labels, palette, themes, and leaving."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from app.terminal.pace import over_ssh

if TYPE_CHECKING:
    from app.terminal.application import NexusApp

_TWICE_S = 2.0


class Navigation:
    """Mixed into the application."""

    _before: str = "run"
    _interrupted_at: float = -_TWICE_S

    @property
    def _nav(self) -> NexusApp:
        return cast("NexusApp", self)

    def restore_preferences(self) -> None:
        app = self._nav
        ansi = over_ssh(app.env) or app.console.color_system in (None, "standard")
        app.theme = "ansi-dark" if ansi else "nexus-dark"

    def show_mode(self, name: str) -> None:
        app = self._nav
        if name != app.current_mode:
            self._before = app.current_mode
            app.switch_mode(name)

    def action_show_mode(self, name: str) -> None:
        self.show_mode(name)

    def action_last_mode(self) -> None:
        self.show_mode(self._before)

    def action_interrupt(self) -> None:
        """^C once says what it would do, twice does it."""
        now = time.monotonic()
        if now - self._interrupted_at < _TWICE_S:
            self._nav.exit(return_code=130)
            return
        self._interrupted_at = now
        self._nav.notify("Press ctrl+c again to leave. A run goes on without the terminal.", timeout=_TWICE_S)

    def action_leave(self) -> None:
        self._nav.exit()
