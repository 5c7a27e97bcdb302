"""What this machine can do and what mends it: the checks of `nexus doctor`, each shown as soon as it has an answer."""

from __future__ import annotations

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from config.errors import NexusError
from screens.actions import bindings
from screens.base import NexusScreen
from screens.intents import CopyText
from screens.ports import Checked
from screens.standing import COLOURS
from screens.widgets.check_list import CheckList, command_of
from screens.widgets.key_bar import KeyBar


class DoctorScreen(NexusScreen):
    """Checks begin when the screen is first shown; keys and settings are looked at, never printed, nothing is spent."""

    CSS_PATH = "doctor_screen.tcss"
    BINDINGS = bindings("doctor")
    scope = "doctor"
    hint = (
        "Checks Python, SQLite, settings, database, providers and the sandbox, with a real run in it. "
        "Nothing is spent, and keys are never shown. What needs attention says how it is mended."
    )

    def __init__(self) -> None:
        super().__init__()
        self._busy = False

    def compose(self) -> ComposeResult:
        yield Static("", id="doctor-head", markup=False)
        yield CheckList(self.glyphs, id="checks")
        yield KeyBar()
        yield from self.compose_too_small()

    def on_mount(self) -> None:
        self._checks.focus()
        self._examine(online=False)

    @property
    def _checks(self) -> CheckList:
        return self.query_one(CheckList)

    @work(exclusive=True)
    async def _examine(self, online: bool) -> None:
        self._busy = True
        self.refresh_bindings()
        try:
            await self._checks.begin(await self.services.doctor.names(online))
            self._say_totals()
            async for result in self.services.doctor.examine(online):
                self._checks.show(result)
                self._say_totals()
        except NexusError as error:
            self.notify(str(error), severity="error", markup=False)
        self._busy = False
        self._say_totals()
        self.call_after_refresh(self._checks.point_at_trouble)  # by then its rows have their heights
        self.refresh_bindings()

    def _say_totals(self) -> None:
        results = self._checks.results
        head = Content.styled(" Doctor ", "bold $primary")
        self.query_one("#doctor-head", Static).update(
            Content.assemble(head, self._progress(len(results)), *self._counts(results)), layout=False
        )

    def _progress(self, done: int) -> str:
        return f" {done} of {self._checks.count} checked {self.glyphs.dot} " if self._busy else " "

    def _counts(self, results: list[Checked]) -> list[tuple[str, str]]:
        count = {status: sum(one.status == status for one in results) for status in ("ok", "warn", "fail")}
        parts = [(f"{count['ok']} ok", COLOURS["good"])]
        if count["warn"]:
            parts.append((f", {count['warn']} to look at", COLOURS["warn"]))
        if count["fail"]:
            parts.append((f", {count['fail']} failed", COLOURS["bad"]))
        if not self._busy:
            verdict = "mend what failed" if count["fail"] else "fit for work"
            parts.append((f" {self.glyphs.dot} {verdict}", ""))
        return parts

    # --- keys ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action in ("again", "online") and self._busy else True

    def action_again(self) -> None:
        self._examine(online=False)

    def action_online(self) -> None:
        self._examine(online=True)

    def action_copy(self) -> None:
        result = self._checks.here
        if result is None or not result.remedy:
            what = "it has no answer yet" if result is None else f"{result.id} needs no remedy"
            self.notify(f"Nothing to copy: {what}.", severity="warning", markup=False)
        elif command := command_of(result.remedy):
            self.post_message(CopyText(command, "command"))
        else:
            self.post_message(CopyText(result.remedy, "remedy"))
