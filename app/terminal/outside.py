"""The world outside the window: clipboard, the user's editor, and getting attention."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.app import SuspendNotSupported

from app.terminal.clipboard import CLIPBOARD_LIMIT, copy_sequences, give_to_tmux, keep_in_file, through_tmux
from config.errors import UsageError
from core.text.display import one_line
from screens.ports import RunView

if TYPE_CHECKING:
    from app.terminal.application import NexusApp

_SAVE_TITLE, _RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"


class Outside:
    """Mixed into the application."""

    _titled: bool = False
    """Whether the window's title is ours."""

    @property
    def _outer(self) -> NexusApp:
        return cast("NexusApp", self)

    def action_picture(self) -> None:
        from app.terminal.picture import save_picture

        app = self._outer
        try:
            place = save_picture(app, app.paths)
        except OSError as error:
            app.notify(f"The picture could not be written: {error}", severity="error", markup=False)
        else:
            app.notify(f"Written to {place}", markup=False)

    # --- clipboard ---

    def copy_out(self, text: str, what: str) -> None:
        """To the clipboard of the user's own machine, also over SSH; what is too long for that goes to a file."""
        app = self._outer
        if not text:
            app.notify(f"There is no {what} to copy.", severity="warning", markup=False)
        else:
            app.run_worker(self._copy(text, what), group="copy")

    def copy_to_clipboard(self, text: str) -> None:
        """What fields and selections call; replaces Textual's, which knows neither limit nor tmux."""
        self._outer._clipboard = text
        self.copy_out(text, "text")

    async def _copy(self, text: str, what: str) -> None:
        app = self._outer
        size = len(text.encode("utf-8", "replace"))
        if "TMUX" in app.env and await asyncio.to_thread(give_to_tmux, text, app.env):
            app.notify(f"Copied the {what}, also to tmux's buffer.", markup=False)
        elif size <= CLIPBOARD_LIMIT:
            self._tell_terminal(copy_sequences(text, app.env))
            app.notify(f"Copied the {what}.", markup=False)
        else:
            try:
                place = await asyncio.to_thread(keep_in_file, text, app.paths.cache)
            except OSError as error:
                app.fail(UsageError(f"The {what} is too long for the clipboard, and no file took it: {error}."))
                return
            app.notify(f"The {what} is too long for the clipboard; it is in {place}", timeout=10, markup=False)

    # --- editor ---

    def view_in_editor(self, text: str, name: str) -> None:
        """Show text in $VISUAL, $EDITOR or the pager, and come back. It is a copy: what is changed there is dropped."""
        with tempfile.TemporaryDirectory(prefix="nexus-view-") as folder:
            file = Path(folder) / Path(name).name
            file.write_text(text, encoding="utf-8", errors="replace")
            self._hand_terminal_to(file, ("VISUAL", "EDITOR", "PAGER"))

    def edit_file(self, path: Path) -> None:
        """Let the user edit a file of theirs in $VISUAL or $EDITOR, and come back."""
        self._hand_terminal_to(path, ("VISUAL", "EDITOR"))

    def _hand_terminal_to(self, file: Path, variables: tuple[str, ...]) -> None:
        app = self._outer
        fallback = "less" if "PAGER" in variables else "vi"
        chosen = next((app.env[name] for name in variables if app.env.get(name, "").strip()), fallback)
        try:
            command = shlex.split(chosen)
        except ValueError:
            command = [chosen]
        # Looked for before the screen is given away: an exception in between would leave it given away.
        if shutil.which(command[0], path=app.env.get("PATH")) is None:
            app.fail(UsageError(f"`{one_line(command[0], 60)}` is not installed here.", "Set EDITOR to your editor."))
            return
        try:
            with app.suspend():
                problem = _run([*command, str(file)])
        except SuspendNotSupported:
            problem = "This window cannot be given to an editor."
        if problem:
            app.fail(UsageError(problem, f"Set EDITOR to another one than `{one_line(chosen, 60)}`."))
        app.refresh()

    # --- attention ---

    def call_attention(self, before: RunView | None, now: RunView) -> None:
        """Notify when a run asks or ends while the window has not the focus. Terminals that do not tell have it."""
        if self._outer.app_focus or before is None or before.row.id != now.row.id:
            return
        if now.state.approval is not None and before.state.approval is None:
            self._notify_desktop("Nexus needs an answer", now.state.approval.question)
        elif now.state.finished is not None and before.state.finished is None:
            end = now.state.finished
            self._notify_desktop(f"Nexus: {end.verdict.replace('_', ' ')}", end.reason)

    def _notify_desktop(self, title: str, text: str) -> None:
        """OSC 777 and the bell: the terminal makes a notification of it, also over SSH. The title stays until focus."""
        shown, more = (one_line(part, 200).replace(";", ",") for part in (title, text))
        notice = through_tmux(f"\x1b]777;notify;{shown};{more}\x1b\\", self._outer.env)
        save = "" if self._titled else _SAVE_TITLE
        self._titled = True
        self._tell_terminal(f"{notice}{save}\x1b]2;{shown}\x1b\\")
        self._outer.bell()

    def restore_title(self) -> None:
        """When the window is looked at again, and at the end."""
        if self._titled:
            self._titled = False
            self._tell_terminal(_RESTORE_TITLE)

    def _tell_terminal(self, sequence: str) -> None:
        driver = self._outer._driver
        if driver is not None and not self._outer.is_headless:
            driver.write(sequence)


def _run(command: list[str]) -> str:
    """What went wrong, or empty."""
    try:
        code = subprocess.run(command, check=False).returncode
    except OSError as error:
        return f"{command[0]} does not start ({error.strerror})."
    return f"{command[0]} ended with code {code}." if code else ""
