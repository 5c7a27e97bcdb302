"""Finding one's way: modes, help, jump labels, palette, keys, themes, the mouse."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from textual.binding import Binding
from textual.command import CommandPalette
from textual.widget import Widget

from app.terminal.pace import over_ssh
from screens.glyphs import ASCII
from screens.keys import key_name

if TYPE_CHECKING:
    from app.terminal.application import NexusApp

_THEME = "theme"


class Navigation:
    """Mixed into the application."""

    user_keys: dict[str, str]
    """The user's own keys by action id, as Textual writes them."""
    _before: str = "run"

    @property
    def _nav(self) -> NexusApp:
        return cast("NexusApp", self)

    # --- what the user chose before ---

    def restore_preferences(self) -> None:
        app = self._nav
        if app.paths.keymap.exists():
            app.run_worker(self._read_keymap())

    def first_theme(self) -> str:
        """What the user chose; else the terminal's own colours where ours cannot be shown or cost too much."""
        app = self._nav
        light = app.env.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
        ansi = "ansi-light" if light else "ansi-dark"
        if app.env.get("NO_COLOR"):
            return ansi
        for chosen in (app.env.get("TEXTUAL_THEME", ""), app.preferences.get(_THEME, "")):
            if chosen in app.available_themes:
                return chosen
        full = app.env.get("COLORTERM", "").lower() in ("truecolor", "24bit")
        return "nexus-dark" if full and not over_ssh(app.env) else ansi

    async def _read_keymap(self) -> None:
        from app.terminal.keymap import read_keymap

        self.user_keys, problems = await asyncio.to_thread(read_keymap, self._nav.paths.keymap)
        self._nav.set_keymap(self.user_keys)
        for problem in problems:
            self._nav.warn(problem)

    def get_key_display(self, binding: Binding) -> str:
        """Names of keys for the footer; arrows and the like as words where only ASCII can be shown."""
        if self._nav.glyphs is ASCII:
            return key_name(binding.key).replace("ctrl+", "^")
        return super().get_key_display(binding)  # type: ignore[misc,no-any-return]  # App's; this is a mixin

    # --- screens ---

    def show_mode(self, name: str) -> None:
        """That full screen, without what was opened over it."""
        app = self._nav
        if name != app.current_mode:
            self._before = app.current_mode
            app.switch_mode(name)
        elif len(app.screen_stack) > 1:
            app.screen_stack[0].pop_until_active()

    def action_show_mode(self, name: str) -> None:
        if not self._nav.screen.is_modal:
            self.show_mode(name)

    def action_last_mode(self) -> None:
        self.show_mode(self._before)

    def action_help(self) -> None:
        from screens.modals.help import HelpModal

        app = self._nav
        app.push_screen(HelpModal(app.screen, self.user_keys, app.paths.keymap))

    def action_jump(self) -> None:
        from screens.modals.jump import JumpModal

        app = self._nav
        if not app.screen.is_modal:
            app.push_screen(JumpModal(app.screen), _focus)

    # --- colours and mouse ---

    def action_change_theme(self) -> None:
        from app.terminal.palette import ThemeProvider

        if not self._nav.screen.is_modal:
            self._nav.push_screen(CommandPalette(providers=[ThemeProvider], placeholder="Search themes"))

    def choose_theme(self, name: str) -> None:
        self._nav.theme = name
        self._nav.preferences.set(_THEME, name)

    def action_toggle_mouse(self) -> None:
        """Textual has no public way; a driver that knows neither method has no mouse to give."""
        driver = self._nav._driver
        give, take = (getattr(driver, f"_{what}_mouse_support", None) for what in ("disable", "enable"))
        if driver is None or give is None or take is None:
            self._nav.warn("The mouse cannot be given away here.")
        elif driver._mouse:
            give()
            driver._mouse = False
            self._nav.notify("The mouse is the terminal's: drag to select. M takes it back.", markup=False)
        else:
            driver._mouse = True
            take()
            self._nav.notify("The mouse is for Nexus again.", markup=False)


def _focus(widget: Widget | None) -> None:
    if widget is not None:
        widget.focus()
