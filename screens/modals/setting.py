"""Changes one setting: typed, or chosen from a list; told at once what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from core.text.display import printable
from screens.base import Host
from screens.intents import ChangeSetting
from screens.modals.base import Choice, Modal
from screens.news import SettingChanged
from screens.ports import SettingPlace, SettingRow, SettingsDesk
from screens.widgets.setting_detail import takes


class SettingModal(Modal[SettingChanged | None]):
    """Writes through an intent and closes when that has worked; the answer is what came of it, None: nothing."""

    DEFAULT_CSS = """
    SettingModal #problem { height: auto; color: $text-muted; }
    SettingModal #problem.-bad { color: $text-error; }
    """

    def __init__(self, row: SettingRow, where: SettingPlace, file: Path, desk: SettingsDesk) -> None:
        """`file` is the one of `where`."""
        super().__init__()
        self._row = row
        self._where: SettingPlace = where
        self._file = file
        self._desk = desk
        self._whose = "your file" if where == "user" else "the project's file"
        self.heading = row.key
        self.first_focus = "#choose" if row.choices else "#type"
        self.choices = (Choice("save", "Save"), Choice("leave", "Leave as it is"))

    def compose_body(self) -> ComposeResult:
        row = self._row
        yield Static(printable(row.help), classes="question", markup=False)
        yield Static(f"Takes {takes(row)}. Default: {row.default or 'empty'}.", classes="aside", markup=False)
        if row.choices:
            yield OptionList(*row.choices, id="choose", markup=False, compact=True)
        else:
            hidden = "Holds a password, which is not shown: type it anew" if row.hidden else ""
            yield Input("" if row.hidden else row.value, placeholder=hidden, id="type", select_on_focus=True)
        yield Static("", id="problem", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        if self._row.choices:
            chosen = self.query_one(OptionList)
            chosen.highlighted = self._row.choices.index(self._row.value)
        self._say("")

    def _say(self, problem: str) -> None:
        line = self.query_one("#problem", Static)
        line.set_class(bool(problem), "-bad")
        hint = f"Enter writes it to {self._whose}, {self._file}; esc leaves it"
        line.update(Content(f"{cast(Host, self.app).glyphs.bad} {printable(problem)}" if problem else printable(hint)))

    @property
    def _text(self) -> str:
        if not self._row.choices:
            return self.query_one(Input).value.strip()
        return self._row.choices[self.query_one(OptionList).highlighted or 0]

    # --- typing and choosing ---

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._judge(write=False)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._judge(write=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._judge(write=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._judge(write=True)

    def decide(self, choice: str) -> None:
        if choice == "save":
            self._judge(write=True)
        else:
            self.dismiss(None)

    @work(exclusive=True)
    async def _judge(self, write: bool) -> None:
        text = self._text
        problem = await self._desk.problem(self._row.key, text, self._where)
        if self._row.hidden and not text:
            problem = "Type the whole address, or press esc and then delete to take it out."
        self._say(problem)
        if write and not problem:
            self.post_message(ChangeSetting(self._row.key, text, self._where))

    def on_setting_changed(self, message: SettingChanged) -> None:
        message.stop()
        if message.problem:
            self._say(message.problem)
        else:
            self.dismiss(message)
