"""What people want done: messages that screens post and `app.terminal` carries out.

What comes of it is seen in the run log, or said in a notice; an intent has no return value.
"""

from __future__ import annotations

from typing import Literal

from textual.message import Message

from screens.ports import SettingPlace

Steering = Literal["pause", "resume", "cancel"]


class StartRun(Message):
    """Work on this request in the project of the terminal."""

    def __init__(self, request: str) -> None:
        super().__init__()
        self.request = request


class StartDemo(Message):
    """Lay out the sample project and work on its request with recorded answers."""


class OpenRun(Message):
    """Show this run on the run screen; empty: none, ready for a new request."""

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id


class SteerRun(Message):
    """Pause, resume or cancel a live run."""

    def __init__(self, run_id: str, what: Steering) -> None:
        super().__init__()
        self.run_id = run_id
        self.what = what


class ContinueRun(Message):
    """Drive an interrupted or stopped run on, in a process of its own."""

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id


class Decide(Message):
    """Answer what a run asks. `files` empty: all of them."""

    def __init__(
        self, run_id: str, approval: str, approved: bool, comment: str = "", files: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.run_id = run_id
        self.approval = approval
        self.approved = approved
        self.comment = comment
        self.files = files


class UndoRun(Message):
    """Take back what a run delivered."""

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id


class RateRun(Message):
    def __init__(self, run_id: str, stars: int, note: str) -> None:
        super().__init__()
        self.run_id = run_id
        self.stars = stars
        self.note = note


class ChooseLog(Message):
    """Show this sandbox output of the run on screen; empty: always the newest."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class ChangeSetting(Message):
    """Write a setting to the user's or the project's file."""

    def __init__(self, key: str, text: str, where: SettingPlace) -> None:
        super().__init__()
        self.key = key
        self.text = text
        self.where = where


class ResetSetting(Message):
    """Take a setting out of the user's or the project's file."""

    def __init__(self, key: str, where: SettingPlace) -> None:
        super().__init__()
        self.key = key
        self.where = where


class EditSettings(Message):
    """Open the user's or the project's settings file in the user's editor; `SettingChanged` follows."""

    def __init__(self, where: SettingPlace) -> None:
        super().__init__()
        self.where = where


class CopyText(Message):
    """Put text on the clipboard, or in a file where it is too long for a terminal's clipboard. `what` names it."""

    def __init__(self, text: str, what: str = "text") -> None:
        super().__init__()
        self.text = text
        self.what = what


class ViewText(Message):
    """Show text in the user's editor; changes made there are thrown away. `name` suggests the kind of text."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self.text = text
        self.name = name


class ExportRun(Message):
    """Write a run to a file. `target` may be a folder."""

    def __init__(
        self, run_id: str, kind: Literal["report.html", "report.md", "events.jsonl", "diff"], target: str
    ) -> None:
        super().__init__()
        self.run_id = run_id
        self.kind = kind
        self.target = target
