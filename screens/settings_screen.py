"""Every setting: its value, where that comes from, what it means; changed in the user's or the project's file."""

from __future__ import annotations

import asyncio
import shlex

from textual import work
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input, Static

from config.errors import NexusError
from core.text.counting import counted
from core.text.display import printable
from screens.actions import bindings
from screens.base import NexusScreen
from screens.intents import ChangeSetting, CopyText, EditSettings, ResetSetting
from screens.modals.setting import SettingModal
from screens.news import SettingChanged
from screens.ports import SettingPlace, SettingRow, SettingsPage
from screens.standing import COLOURS
from screens.widgets.key_bar import KeyBar
from screens.widgets.setting_detail import SettingDetail
from screens.widgets.settings_list import SettingsList

_BROKEN = "e opens your file in your editor, E the project's; r reads them again."


class SettingsScreen(NexusScreen):
    """Made from the schema. What is shown is read anew whenever the screen is."""

    CSS_PATH = "settings_screen.tcss"
    BINDINGS = bindings("settings")
    scope = "settings"
    hint = (
        "Every setting with the place its value comes from: default < your file < the project's file < environment. "
        "A project's file may tighten limits, never loosen them or choose the model."
    )

    def __init__(self) -> None:
        super().__init__()
        self._page = SettingsPage((), ())
        self._query = ""

    def compose(self) -> ComposeResult:
        yield Static("", id="settings-head", markup=False)
        yield Input(placeholder="part of a name, of its help, or of where it comes from", id="filter", compact=True)
        yield Static("", id="settings-warnings", markup=False)
        with Container(id="settings-body"):
            yield SettingsList(self.glyphs, id="settings")
            yield SettingDetail(id="setting")
        yield Static("", id="settings-broken", markup=False)
        yield KeyBar()
        yield from self.compose_too_small()

    def on_mount(self) -> None:
        self._list.empty = "No setting says that. esc shows all."
        self._list.focus()

    def on_screen_resume(self) -> None:
        self._read()

    @property
    def _list(self) -> SettingsList:
        return self.query_one(SettingsList)

    # --- what is shown ---

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        try:
            self._page = await self.services.settings.page()
        except NexusError as error:
            self._say_broken(error)
            return
        self.remove_class("-broken")
        self._show()

    def _show(self) -> None:
        words = self._query.lower().split()
        found = [row for row in self._page.rows if all(word in _searched(row) for word in words)]
        self._list.show(found)
        changed = sum(row.origin != "default" for row in self._page.rows)
        shown = f"{len(found)} of {len(self._page.rows)} shown" if words else counted(len(self._page.rows), "setting")
        self._say_head(f" {shown}, {changed} changed")
        warnings = self.query_one("#settings-warnings", Static)
        warnings.display = bool(self._page.warnings)
        warnings.update("\n".join(f"{self.glyphs.warn} {printable(text)}" for text in self._page.warnings))
        self._explain()

    def _say_head(self, more: str) -> None:
        text = Content.assemble((" Settings ", "bold $primary"), more)
        self.query_one("#settings-head", Static).update(text, layout=False)

    def _say_broken(self, error: NexusError) -> None:
        self.add_class("-broken")
        self._say_head("")
        self.query_one("#settings-broken", Static).update(
            Content.assemble(
                (f"{self.glyphs.bad} {printable(error.message)}", COLOURS["bad"]),
                f"\n\n{printable(error.remedy)}\n\n",
                (_BROKEN, "$text-muted"),
            )
        )

    def _explain(self) -> None:
        self.query_one(SettingDetail).show(self._list.here)

    def on_cursor_list_moved(self) -> None:
        self._explain()

    def on_cursor_list_opened(self) -> None:
        self.action_edit("user")

    # --- filter ---

    def action_filter(self) -> None:
        self.add_class("-filter")
        self.query_one("#filter", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._query = event.value
        self._show()

    def on_input_submitted(self) -> None:
        self._list.focus()

    def action_clear_filter(self) -> None:
        self.query_one("#filter", Input).value = ""
        self.remove_class("-filter")
        self._list.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "clear_filter":
            return self.has_class("-filter")
        if action in ("edit", "reset", "filter", "copy"):
            return not self.has_class("-broken")
        return True

    # --- changing ---

    def action_edit(self, where: SettingPlace) -> None:
        row = self._list.here
        if row is None:
            return
        if where == "project" and not row.project_may:
            self.notify(f"A project's file may not set {row.key}: only you may.", severity="warning", markup=False)
        elif row.kind == "yes or no":
            self.post_message(ChangeSetting(row.key, "false" if row.value == "true" else "true", where))
        else:
            self._edit(row, where)

    @work(exclusive=True, group="edit")
    async def _edit(self, row: SettingRow, where: SettingPlace) -> None:
        desk = self.services.settings
        file = await asyncio.to_thread(desk.file, where)
        await self.app.push_screen(SettingModal(row, where, file, desk), self._tell)

    def action_reset(self) -> None:
        row = self._list.here
        if row is None:
            return
        if row.written:
            self.post_message(ResetSetting(row.key, row.written[0]))
        elif row.origin == "environment":
            self.notify(f"{row.key} comes from {row.place}; unset it there.", severity="warning", markup=False)
        else:
            self.notify(f"{row.key} is at its default.", markup=False)

    def on_setting_changed(self, message: SettingChanged) -> None:
        self._tell(message)

    def _tell(self, message: SettingChanged | None) -> None:
        """Say what came of a change, and show what holds now."""
        if message is None:
            return
        if message.problem:
            self.notify(message.problem, severity="error", timeout=12, markup=False)
        elif message.done:
            self.notify(message.done, markup=False)
        self._read()

    def action_open_file(self, where: SettingPlace) -> None:
        self.post_message(EditSettings(where))

    def action_read(self) -> None:
        self._read()

    def action_copy(self) -> None:
        if (row := self._list.here) is not None:
            self.post_message(CopyText(f"nexus config set {row.key} {shlex.quote(row.value)}", "command"))


def _searched(row: SettingRow) -> str:
    return f"{row.key} {row.help} {row.origin}".lower()
