"""All runs of this user: find one, see what it did, and go on with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from config.errors import NexusError
from core.text.display import one_line
from screens.actions import actions_of, bindings
from screens.base import NexusScreen
from screens.intents import ContinueRun, CopyText, OpenRun, RateRun, UndoRun
from screens.keys import is_possible, key_name
from screens.modals.confirm import ConfirmModal
from screens.modals.export import ExportModal
from screens.modals.rate import RateModal
from screens.news import RunsChanged
from screens.widgets.cursor_list import CursorList
from screens.widgets.history_bar import ALL, HistoryBar, Listed
from screens.widgets.key_bar import KeyBar
from screens.widgets.run_detail import detail_text
from screens.widgets.run_rows import STRETCH, RunRows

if TYPE_CHECKING:
    from core.run.run_list import RunDetail, RunLine

_RESTING_S = 0.08
"""How long the cursor must rest on a run before all about it is read."""
_LOOK_S = 1.0
"""How often it is asked whether anything has moved, while the screen is shown."""
_START_S = 10.0
"""How long a run may be queued before nobody is thought to be starting it."""
_LIVE = ("queued", "running", "paused", "waiting")
_WITH_A_RUN = ("open", "resume", "replay", "undo", "rate", "report", "review", "export", "copy")
_NO_RUNS = """\
No runs yet.

Press F2 and type what you want changed in this project. Every run is kept here: to be opened, resumed, \
replayed step by step, undone and rated."""
_NO_MATCH = "No run is like that.\n\nesc shows all runs again."


class HistoryScreen(NexusScreen):
    """The list holds a stretch of the runs; pages, details and searches are read in threads."""

    CSS_PATH = "history_screen.tcss"
    BINDINGS = bindings("history")
    scope = "history"
    hint = "Every run of yours, the newest first. The keys below are what can be done with the one at the cursor."
    AUTO_FOCUS = "RunRows"

    def __init__(self) -> None:
        super().__init__()
        self._wish: tuple[Listed, int, bool] | None = None
        self._loading = False
        self._moved = -1
        self._detail: RunDetail | None = None
        self._read_for: RunLine | None = None
        """The line of the run that `detail` was read for."""
        self._possible: tuple[bool, ...] = ()
        self._resting: Timer | None = None

    def compose(self) -> ComposeResult:
        yield HistoryBar()
        with Horizontal(id="history-body"):
            with Vertical(id="history-list"):
                yield Static("", id="history-columns", markup=False)
                yield RunRows(str(self.services.project.folder))
            with VerticalScroll(id="history-detail"):
                yield Static("", markup=False)
        yield KeyBar()
        yield from self.compose_too_small()

    def on_mount(self) -> None:
        self._clock = self.set_interval(_LOOK_S, self._look, pause=True)

    def on_screen_resume(self) -> None:
        self._clock.resume()
        self._load_again()

    def on_screen_suspend(self) -> None:
        self._clock.pause()

    def on_runs_changed(self, _: RunsChanged) -> None:
        self._load_again()
        self._read_detail()

    @property
    def _bar(self) -> HistoryBar:
        return self.query_one(HistoryBar)

    @property
    def _rows(self) -> RunRows:
        return self.query_one(RunRows)

    @property
    def _run(self) -> RunLine | None:
        return self._rows.current

    # --- reading ---

    def _load_again(self) -> None:
        self._load(self._bar.listed, self._rows.wanted, True)

    def _load(self, listed: Listed, offset: int, stay: bool) -> None:
        """One page at a time; while it is read only the newest wish is remembered."""
        self._wish = (listed, offset, stay)
        if not self._loading:
            self._loading = True
            self._load_wishes()

    @work(group="page")
    async def _load_wishes(self) -> None:
        try:
            while self._wish is not None:
                (listed, offset, stay), self._wish = self._wish, None
                page = await self.services.runs.page(listed.search, listed.status, listed.project, offset, STRETCH)
                if listed == self._bar.listed:
                    self._rows.empty = _NO_RUNS if listed == ALL else _NO_MATCH
                    self._rows.show(page, stay)
                    self._bar.tell(page.total)
                    # The rows may get their width only now.
                    self.call_after_refresh(self._draw_columns)
                    self._settle()
        except NexusError as error:
            self._bar.tell_trouble(str(error))
        finally:
            self._loading = False

    @work(group="look", exclusive=True)
    async def _look(self) -> None:
        """Read again when the database has moved; else only ages may have changed."""
        page = self._rows.page
        try:
            moved = await self.services.runs.moved(any(line.status in _LIVE for line in page.lines) if page else False)
        except NexusError as error:
            self._bar.tell_trouble(str(error))
            return
        if moved == self._moved:
            self._rows.let_age()
            return
        self._moved = moved
        self._load_again()
        if self._run is not None and self._run.status in _LIVE:
            self._read_detail()

    @work(group="detail", exclusive=True)
    async def _read_detail(self) -> None:
        line = self._read_for = self._run
        detail = None
        try:
            if line is not None:
                detail = await self.services.runs.detail(line.id)
        except NexusError as error:
            self._bar.tell_trouble(str(error))
            return
        another = self._detail is None or detail is None or self._detail.row.id != detail.row.id
        self._detail = detail
        if another:
            self.query_one("#history-detail").scroll_home(animate=False)
        self._settle()
        self._draw_detail()

    # --- showing ---

    def on_cursor_list_moved(self, message: CursorList.Moved) -> None:
        message.stop()
        self._settle()

    def on_run_rows_wanted(self, message: RunRows.Wanted) -> None:
        message.stop()
        self._load(self._bar.listed, message.offset, True)

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw_columns)
        self.call_after_refresh(self._draw_detail)

    def _settle(self) -> None:
        """The cursor may be on another run: say what can be done with it, and read all about it once it rests."""
        possible = tuple(is_possible(self, action) for action in actions_of(self.scope))
        if possible != self._possible:
            self._possible = possible
            self.refresh_bindings()
        if self._run != self._read_for:
            if self._resting is not None:
                self._resting.stop()
            self._resting = self.set_timer(_RESTING_S, self._read_detail)

    @property
    def _about_cursor(self) -> RunDetail | None:
        """What is known of the run at the cursor, once it has been read."""
        detail, line = self._detail, self._run
        return detail if detail is not None and line is not None and detail.row.id == line.id else None

    def _draw_columns(self) -> None:
        page = self._rows.page
        names = self._rows.header() if page is not None and page.total else Content()
        self.query_one("#history-columns", Static).update(names, layout=False)

    def _draw_detail(self) -> None:
        body = self.query_one("#history-detail > Static", Static)
        text = Content()
        if self._detail is not None:
            text = detail_text(self._detail, self._keys(), body.size.width, self.glyphs)
        if text != body.content:
            body.update(text)

    def _keys(self) -> dict[str, str]:
        """By action id, the first key of what can be done now."""
        keys: dict[str, str] = {}
        for key, active in self.active_bindings.items():
            if active.enabled and active.binding.id:
                keys.setdefault(active.binding.id, key_name(key))
        return keys

    # --- choosing what is listed ---

    def on_history_bar_changed(self, message: HistoryBar.Changed) -> None:
        message.stop()
        self._load(message.listed, 0, False)

    def on_history_bar_left(self, message: HistoryBar.Left) -> None:
        message.stop()
        self._rows.focus()

    def action_ask(self) -> None:
        self._bar.ask()

    def action_filter(self) -> None:
        self._bar.next_status()

    def action_project(self) -> None:
        self._bar.only(str(self.services.project.folder))

    def action_clear(self) -> None:
        self._bar.clear()
        self._rows.focus()

    # --- doing something with a run ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "clear":
            return self._bar.clearable
        if action not in _WITH_A_RUN:
            return True
        line, detail = self._run, self._about_cursor
        if line is None:
            return False
        if action == "resume":
            forgotten = line.status == "queued" and time.time() - line.updated_at > _START_S
            unverified = line.status == "finished" and line.verdict != "verified"
            return forgotten or unverified or line.status == "interrupted"
        if action == "undo":
            return detail is not None and bool(detail.undo)
        if action == "report":
            return detail is not None and detail.report is not None
        if action in ("replay", "review", "export"):
            return line.status != "queued"
        return action != "rate" or line.status not in _LIVE

    def on_cursor_list_opened(self, message: CursorList.Opened) -> None:
        message.stop()
        self.action_open()

    def action_open(self) -> None:
        if self._run is not None:
            self.post_message(OpenRun(self._run.id))

    def action_resume(self) -> None:
        if self._run is not None:
            self.post_message(ContinueRun(self._run.id))

    def action_replay(self) -> None:
        from screens.replay_screen import ReplayScreen

        if self._run is not None:
            self.app.push_screen(ReplayScreen(self._run.id))

    def action_report(self) -> None:
        from screens.report_screen import ReportScreen

        if self._run is not None:
            self.app.push_screen(ReportScreen(self._run.id))

    def action_review(self) -> None:
        from screens.review_screen import ReviewScreen

        if self._run is not None:
            self.app.push_screen(ReviewScreen(self._run.id))

    def action_export(self) -> None:
        if self._run is not None:
            self.app.push_screen(ExportModal(self._run.id, self.services.project.folder))

    def action_copy(self) -> None:
        if self._run is not None:
            self.post_message(CopyText(self._run.id, "run id"))

    def action_undo(self) -> None:
        detail = self._about_cursor
        if detail is None or not detail.undo:
            return

        def answer(yes: bool | None) -> None:
            if yes:
                self.post_message(UndoRun(detail.row.id))

        question = f"Take back what run {detail.row.id} delivered?"
        self.app.push_screen(ConfirmModal(question, "Undo", "Keep", one_line(detail.undo)), answer)

    def action_rate(self) -> None:
        line, detail = self._run, self._about_cursor
        if line is None:
            return

        def answer(rating: tuple[int, str] | None) -> None:
            if rating is not None:
                self.post_message(RateRun(line.id, *rating))

        stars, note = (detail.rating if detail is not None else None) or (line.stars, "")
        self.app.push_screen(RateModal(stars, note), answer)
