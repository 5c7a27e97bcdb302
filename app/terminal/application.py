"""The Textual application: modes, the watched run, and the way out.

What people want done is carried out in `intent_handlers`; finding one's way is in `navigation`; the world outside the
window (clipboard, editor, notifications) in `outside`.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import Binding
from textual.command import Provider
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event, InputEvent, Key, Paste
from textual.screen import Screen
from textual.worker import WorkerFailed

from app.exit import as_nexus_error
from app.terminal.approvals import Approvals
from app.terminal.ascii_output import AsciiOutput
from app.terminal.driver import TerminalDriver
from app.terminal.engine_watch import EngineEnded, watch_engine
from app.terminal.intent_handlers import IntentHandlers
from app.terminal.key_order import KeysInOrder
from app.terminal.leaving import WayOut
from app.terminal.navigation import Navigation
from app.terminal.outside import Outside
from app.terminal.pace import LOCAL_HZ, SSH_HZ, Pace, over_ssh
from app.terminal.preferences import Preferences
from app.terminal.safe_output import SafeOutput
from app.terminal.services import UserServices
from app.terminal.signals import leave_on_signals
from app.terminal.steering import Steering
from app.terminal.stylesheet import ParsedOnce
from config.errors import NexusError
from config.paths import Paths
from core.run.runs import newest_live_run
from core.storage.store import Store
from screens.actions import bindings
from screens.glyphs import ASCII, choose
from screens.modals.base import Modal
from screens.modes import MODES
from screens.news import RunMoved
from screens.ports import News, RunView
from screens.themes import THEMES

if TYPE_CHECKING:
    from app.terminal.feed import RunFeed


_LAST_FEEDS = 8
"""Feeds that were stopped and may still be looking."""


class _Batch(RunMoved):
    """News on its way from the feed's thread to the screens."""

    def __init__(self, feed: RunFeed, view: RunView, news: News) -> None:
        super().__init__(view, news)
        self.feed = feed


def _palette() -> type[Provider]:
    from app.terminal.palette import NexusProvider

    return NexusProvider


class NexusApp(KeysInOrder, IntentHandlers, Approvals, Navigation, WayOut, Outside, App[None]):
    """Opened on one folder; shows `run_id`, else the newest live run of the folder, else an empty run screen."""

    TITLE = "Nexus"
    CSS_PATH = "nexus.tcss"
    DEFAULT_MODE = "run"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {**MODES}
    COMMANDS = {_palette}  # noqa: RUF012
    BINDINGS = [*bindings("app"), Binding("ctrl+c", "interrupt", show=False, system=True)]  # noqa: RUF012

    def __init__(
        self, store: Store, paths: Paths, folder: Path, env: Mapping[str, str], run_id: str = "", demo: bool = False
    ) -> None:
        super().__init__()
        self.stylesheet = ParsedOnce(self.get_css_variables())
        self.env = env
        self.store = store
        self.paths = paths
        self.folder = folder
        self.demo = demo
        self.services = UserServices(store, paths, folder, env, _request_of_the_demonstration() if demo else "")
        self.steering = Steering(store, paths, folder, env, self.warn, demo)
        self.glyphs = choose(env)
        self.preferences = Preferences(paths.data / "terminal.json", self.warn)
        self.user_keys = {}
        self.view: RunView | None = None
        self.failure: NexusError | None = None
        """Why the application ended although nobody asked it to."""
        self._first_run = run_id
        self._engines = {}
        self._feed: RunFeed | None = None
        self._old_feeds: deque[RunFeed] = deque(maxlen=_LAST_FEEDS)
        self._pace = Pace(SSH_HZ if over_ssh(env) else LOCAL_HZ, self._untaken)
        self._filters.append(SafeOutput())
        if self.glyphs is ASCII:
            self._filters.append(AsciiOutput())
        for theme in THEMES:
            self.register_theme(theme)

    def get_css_variables(self) -> dict[str, str]:
        """Muted text as shades of the text's colour: in a `Content`, Textual's own are plain white or black."""
        variables = super().get_css_variables()
        for name in ("muted", "disabled"):
            variables[f"text-{name}"] = variables.get(f"foreground-{name}", variables[f"text-{name}"])
        return variables

    # --- beginning and end ---

    async def on_event(self, event: Event) -> None:
        """What is typed or clicked before a modal that popped up by itself can have been seen is not meant for it."""
        if isinstance(event, InputEvent | Paste) and self.screen_stack:
            top = self.screen
            if isinstance(top, Modal) and top.deaf:
                return
            if isinstance(event, Key):
                self.typed_at = time.monotonic()
        await super().on_event(event)

    def get_driver_class(self) -> type[Driver]:
        usual = super().get_driver_class()
        return TerminalDriver if usual is LinuxDriver else usual

    def _untaken(self) -> int:
        """Characters that the terminal has not taken yet."""
        return self._driver.line.waiting if isinstance(self._driver, TerminalDriver) else 0

    def on_load(self) -> None:
        # Before the terminal is changed: there is no moment in which it would be left as it is then.
        if not self.is_headless:
            leave_on_signals(self)
        # Now and not when mounted: the first picture already has these colours, and shows what it is going to show.
        self.theme = self.first_theme()
        self._first_run = self._first_run or newest_live_run(self.store, self.folder)

    def on_mount(self) -> None:
        self.set_class(self.glyphs is ASCII, "-ascii")
        self.restore_preferences()
        self.watch(self, "app_focus", self.restore_title, init=False)
        self.open_run(self._first_run)
        self.call_after_refresh(_collect_garbage_again)

    @property
    def opening(self) -> bool:
        return bool(self._first_run)

    async def on_unmount(self) -> None:
        self.restore_title()
        self._stop_feed()
        # The database may not be closed under a question.
        await asyncio.to_thread(self._wait_for_feeds)

    def end_with(self, error: Exception) -> None:
        """End because of an error in a thread, as for one in a handler; any thread may call."""
        self.call_later(self._handle_exception, error)

    def _fatal_error(self) -> None:
        """Instead of a traceback on the screen: a file with it, and one sentence when the terminal is restored."""
        error = self._exception
        if error is not None:
            # A worker's failure comes wrapped, and the wrapping has no traceback.
            self.failure = as_nexus_error(error.error if isinstance(error, WorkerFailed) else error)
        self._close_messages_no_wait()

    # --- the watched run ---

    def open_run(self, run_id: str) -> None:
        """Watch that run, or none."""
        self._stop_feed()
        self.view = None
        if not run_id:
            self._tell(RunMoved(None, News(first=True)))
            return
        from app.terminal.feed import RunFeed

        feed = RunFeed(self.store, self.paths, run_id, self._pace, self._hand_over, self.warn)
        self._feed = feed
        feed.start()

    def _stop_feed(self) -> None:
        if self._feed is not None:
            self._feed.stop()
            self._old_feeds.append(self._feed)
            self._feed = None

    def _wait_for_feeds(self) -> None:
        for feed in self._old_feeds:
            feed.join()

    def choose_log(self, name: str) -> None:
        if self._feed is not None:
            self._feed.choose_log(name)

    def follow_engine(self, run_id: str, engine: Popen[bytes]) -> None:
        """Open a run whose engine was started here, and hear when that ends."""
        self._engines[run_id] = engine
        watch_engine(self, self.paths, run_id, engine)
        self.open_run(run_id)

    def _hand_over(self, feed: RunFeed, view: RunView, news: News) -> None:
        """Called in the feed's thread."""
        self.post_message(_Batch(feed, view, news))

    def on__batch(self, message: _Batch) -> None:
        message.feed.taken()
        if message.feed is self._feed and message.view is not None:
            before, self.view = self.view, message.view
            self._tell(RunMoved(message.view, message.news))
            self.call_attention(before, message.view)
            self.put_question()
        if self.screen_stack:  # empty while everything is being closed
            # When everything the batch changes is painted, so that a slow terminal slows the feed.
            self.screen.call_after_refresh(message.feed.shown)

    def on_engine_ended(self, message: EngineEnded) -> None:
        if self._feed is not None and self._feed.run_id == message.run_id:
            self._feed.engine_ended(message.words)

    def _tell(self, message: RunMoved) -> None:
        """Every screen hears of the run, also those below others."""
        for stack in list(self._screen_stacks.values()):
            for screen in stack:
                screen.post_message(RunMoved(message.view, message.news))


def _collect_garbage_again() -> None:
    gc.freeze()
    gc.enable()


def _request_of_the_demonstration() -> str:
    from evals.demo.layout import request

    return " ".join(request().split())
