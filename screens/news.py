"""What screens are told without asking."""

from __future__ import annotations

from textual.message import Message

from screens.ports import News, RunView


class RunMoved(Message):
    """The run on screen has moved, or another one was opened; `view` is None when there is none."""

    def __init__(self, view: RunView | None, news: News) -> None:
        super().__init__()
        self.view = view
        self.news = news


class SettingChanged(Message):
    """A setting was written, or the whole file when `key` is empty: `done` says what; `problem` why it was not."""

    def __init__(self, key: str, done: str = "", problem: str = "") -> None:
        super().__init__()
        self.key = key
        self.done = done
        self.problem = problem


class RunsChanged(Message):
    """The list of runs is not as it was: one was begun, undone or rated."""
