"""The world outside the window: the terminal's queue and clipboard, the user's editor, notifications."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import events

from config.paths import make_private_dir
from core.text.display import one_line
from screens.ports import RunView

if TYPE_CHECKING:
    from app.terminal.application import NexusApp

CLIPBOARD_LIMIT = 74_994
"""Bytes before base64 that xterm and tmux still take in one OSC 52 sequence (100,000 of them in all)."""


class Outside:
    """Mixed into the application."""

    _focused: bool = True
    """Whether the window has the focus; terminals that do not tell are taken to have it."""

    @property
    def _outer(self) -> NexusApp:
        return cast("NexusApp", self)

    def queued_writes(self) -> int:
        """How many writes wait for the terminal. Textual has no public name for it."""
        writer = getattr(self._outer._driver, "_writer_thread", None)
        queue = getattr(writer, "_queue", None)
        return int(queue.qsize()) if queue is not None else 0

    # --- clipboard and editor ---

    def copy_out(self, text: str, what: str) -> None:
        """OSC 52, which works over SSH; what is too long for it goes to a file."""
        app = self._outer
        if not text:
            app.notify(f"There is no {what} to copy.", severity="warning", markup=False)
        elif len(text.encode("utf-8", "replace")) <= CLIPBOARD_LIMIT:
            app.copy_to_clipboard(text)
            app.notify(f"Copied the {what}.", markup=False)
        else:
            place = make_private_dir(app.paths.cache / "copied") / "clipboard.txt"
            place.touch(mode=0o600)
            place.write_text(text, encoding="utf-8", errors="replace")
            app.notify(f"The {what} is too long for the clipboard; it is in {place}", timeout=10, markup=False)

    def view_in_editor(self, text: str, name: str) -> None:
        """Show text in $VISUAL, $EDITOR or the pager, and come back. It is a copy: what is changed there is dropped."""
        app = self._outer
        command = app.env.get("VISUAL") or app.env.get("EDITOR") or app.env.get("PAGER") or "less"
        with tempfile.TemporaryDirectory(prefix="nexus-view-") as folder:
            file = Path(folder) / Path(name).name
            file.write_text(text, encoding="utf-8", errors="replace")
            try:
                with app.suspend():
                    subprocess.run([*shlex.split(command), str(file)], check=False)
            except (OSError, ValueError) as error:
                app.notify(f"{command} does not start: {error}. Set EDITOR.", severity="error", markup=False)
        app.refresh()

    # --- attention ---

    def on_app_focus(self, _: events.AppFocus) -> None:
        self._focused = True

    def on_app_blur(self, _: events.AppBlur) -> None:
        self._focused = False

    def call_attention(self, before: RunView | None, now: RunView) -> None:
        """Notify when a run asks or ends while the window is not looked at."""
        if self._focused or before is None or before.row.id != now.row.id:
            return
        if now.state.approval is not None and before.state.approval is None:
            self._notify_desktop("Nexus needs an answer", now.state.approval.question)
        elif now.state.finished is not None and before.state.finished is None:
            end = now.state.finished
            self._notify_desktop(f"Nexus: {end.verdict.replace('_', ' ')}", end.reason)

    def _notify_desktop(self, title: str, text: str) -> None:
        """OSC 777 and the bell: the terminal makes a notification of it, also over SSH; tmux needs it wrapped."""
        driver = self._outer._driver
        if driver is None or self._outer.is_headless:
            return
        safe_title, safe_text = (one_line(part, 200).replace(";", ",") for part in (title, text))
        sequence = f"\x1b]777;notify;{safe_title};{safe_text}\x1b\\"
        if os.environ.get("TMUX"):
            escaped = sequence.replace("\x1b", "\x1b\x1b")
            sequence = f"\x1bPtmux;{escaped}\x1b\\"
        driver.write(sequence)
        self._outer.bell()
