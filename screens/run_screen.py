"""Home: ask for something, and watch it become verified code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.timer import Timer
from textual.widget import Widget

from config.errors import NexusError
from screens.actions import bindings
from screens.base import NexusScreen
from screens.intents import ContinueRun, CopyText, OpenRun, RateRun, StartDemo, StartRun, SteerRun, UndoRun
from screens.news import RunMoved, RunsChanged
from screens.ports import News, RunView
from screens.standing import progress
from screens.widgets.empty_state import EmptyState
from screens.widgets.key_bar import KeyBar
from screens.widgets.panel_tabs import PanelTabs
from screens.widgets.prompt import Prompt
from screens.widgets.result_bar import ResultBar
from screens.widgets.run_header import RunHeader

if TYPE_CHECKING:
    from screens.widgets.run_panels import RunPanels

_WIDE = 100
"""Columns from which all panels are shown together."""
_SHORT = 20
"""Rows below which the request has no frame."""
_STEERABLE = ("running", "paused", "waiting")
_ON_A_RUN = ("zoom", "copy", "export", "focus_panel", "close", "next_panel")


class RunScreen(NexusScreen):
    """Panels of the watched run above the prompt."""

    CSS_PATH = "run_screen.tcss"
    BINDINGS = bindings("run")
    AUTO_FOCUS: ClassVar[str | None] = None
    scope = "run"
    hint = "Ask for a change in the prompt. The panels show how it is planned, written, tested and what it costs."

    def __init__(self) -> None:
        super().__init__()
        self._view: RunView | None = None
        self._frame = Vertical(id="run")
        self._body = Container(id="body")
        self._header = RunHeader(id="header")
        self._tabs = PanelTabs(id="tabs")
        self._result = ResultBar(id="result")
        self._prompt = Prompt(id="prompt")
        self._start_page: EmptyState | None = None
        self._panels: RunPanels | None = None
        self._zoomed = False
        self._seen = False
        self._clock: Timer | None = None

    def compose(self) -> ComposeResult:
        with self._frame:
            yield self._header
            yield self._tabs
            with self._body:
                if not self.host.opening:
                    self._start_page = EmptyState(id="start")
                    yield self._start_page
            yield self._result
            yield self._prompt
            yield KeyBar()
        yield from self.compose_too_small()

    def on_mount(self) -> None:
        self._clock = self.set_interval(1.0, self._tick, pause=True)
        self.watch(self, "focused", self._focus_moved, init=False)
        self._prompt.fill(self.services.project.suggestion)
        self._prompt.focus_field()

    # --- the run ---

    async def on_run_moved(self, message: RunMoved) -> None:
        before, self._view = self._view, message.view
        if message.view is None:
            await self._show_start()
        else:
            await self._show_run(message.view, message.news)
        self._header.take(message.view, message.news)
        self._result.take(message.view)
        self._set_clock()
        if _standing_changed(before, message.view):
            self.refresh_bindings()

    async def _show_start(self) -> None:
        if self._start_page is None:
            self._start_page = EmptyState(id="start")
            await self._body.mount(self._start_page)
        else:
            self._start_page.look_around()
        self._arrange()
        self._prompt.focus_field()

    async def _show_run(self, view: RunView, news: News) -> None:
        if self._panels is None:
            # Loaded with the first run: a start without one need not wait for them.
            from screens.widgets.run_panels import RunPanels

            self._panels = RunPanels(id="panels")
            await self._body.mount(self._panels)
        self._panels.take(view, news)
        self._tabs.tell(progress(view))
        if news.first:
            self._arrange()
            if not self._prompt.text:
                self._panels.go()

    def on_runs_changed(self, _: RunsChanged) -> None:
        self._look_around()

    def _look_around(self) -> None:
        if self._view is None and self._start_page is not None:
            self._start_page.look_around()

    # --- what can be seen ---

    def _arrange(self) -> None:
        """Start page or panels; all of the panels, or one where there is no room or no wish for more."""
        running = self._view is not None
        narrow = self.size.width < _WIDE
        alone = narrow or self._zoomed
        self._frame.set_class(running and alone, "-one")
        self._frame.set_class(running and self._zoomed, "-zoomed")
        self._frame.set_class(self.size.height < _SHORT, "-short")
        self._tabs.display = running and narrow and not self._zoomed
        if self._start_page is not None:
            self._start_page.display = not running
        if self._panels is not None:
            self._panels.display = running
            self._panels.lay_out(alone, running and self._seen)
            self._tabs.show(self._panels.tabs, self._panels.current)

    def on_resize(self, _: events.Resize) -> None:
        self._arrange()

    def on_screen_resume(self) -> None:
        self._seen = True
        self._arrange()
        self._set_clock()
        self._header.tick()
        self._look_around()

    def on_screen_suspend(self) -> None:
        stack = self.app.screen_stack
        # A modal covers only a part of it.
        self._seen = self in stack and all(screen.is_modal for screen in stack[stack.index(self) + 1 :])
        self._arrange()
        self._set_clock()

    def _focus_moved(self, focused: Widget | None) -> None:
        if self._panels is not None:
            self._panels.mark(focused)
            self._tabs.show(self._panels.tabs, self._panels.current)

    # --- time ---

    def _set_clock(self) -> None:
        if self._clock is None:
            return
        if self._seen and self._view is not None and self._view.row.status == "running":
            self._clock.resume()
        else:
            self._clock.pause()

    def _tick(self) -> None:
        self._header.tick()
        if self._panels is not None:
            self._panels.tick()

    # --- asking ---

    def on_prompt_sent(self, message: Prompt.Sent) -> None:
        view = self._view
        if view is None or not view.live:
            self._start(message.request)
            return
        from screens.modals.confirm import ConfirmModal

        question = "A run is under way. Start a second one beside it?"
        detail = (
            "It works on the project as it is now, without the change of the first. Both count against the budgets."
        )
        modal = ConfirmModal(question, "Start a second run", "Not now", detail)
        self.app.push_screen(modal, lambda yes: self._start(message.request) if yes else None)

    def _start(self, request: str) -> None:
        self._prompt.field.sent(request)
        self.post_message(StartRun(request))

    def on_prompt_left(self) -> None:
        if self._view is not None and self._panels is not None:
            self._panels.go()
        elif self._start_page is not None:
            self._start_page.focus()

    def on_empty_state_example_chosen(self, message: EmptyState.ExampleChosen) -> None:
        self._prompt.fill(message.request)
        self._prompt.focus_field()

    # --- actions ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now is offered."""
        view = self._view
        status = view.row.status if view else ""
        if action in _ON_A_RUN:
            return view is not None
        allowed = {
            "pause": status in ("running", "paused"),
            "cancel": status in _STEERABLE,
            "resume": status == "interrupted" or (view is not None and status == "queued" and bool(view.trouble)),
            "review": view is not None and "implementer" in view.state.phases,
            "undo": view is not None and not view.live and view.delivered in ("APPLIED", "BRANCHED"),
            "rate": view is not None and view.state.finished is not None and not view.live,
            "report": view is not None and view.state.finished is not None and not view.live,
            "demo": view is None,
            "shrink": self._zoomed,
        }
        return allowed.get(action, super().check_action(action, parameters))

    def action_focus_prompt(self) -> None:
        if self._zoomed:
            self.action_zoom()
        self._prompt.focus_field()

    def action_focus_panel(self, name: str) -> None:
        if self._panels is not None:
            self._panels.current = name
            self._arrange()
            self._panels.go()

    def action_next_panel(self, step: int) -> None:
        if self._panels is None:
            return
        stops = [*self._panels.names, "prompt"]
        here = "prompt" if self._prompt.field.has_focus else self._panels.current
        following = stops[(stops.index(here) + step) % len(stops)]
        if following == "prompt":
            self.action_focus_prompt()
        else:
            self.action_focus_panel(following)

    def action_zoom(self) -> None:
        self._zoomed = not self._zoomed
        self._arrange()
        self.refresh_bindings()
        if self._zoomed and self._panels is not None:
            self._panels.go()

    def action_shrink(self) -> None:
        self.action_zoom()

    def action_pause(self) -> None:
        if self._view is not None:
            self.post_message(SteerRun(self._view.row.id, "resume" if self._view.row.status == "paused" else "pause"))

    def action_cancel(self) -> None:
        view = self._view
        if view is not None:
            self._confirm(
                "Cancel this run?",
                "Cancel it",
                "Let it go on",
                "What it has is kept, and it can be resumed.",
                SteerRun(view.row.id, "cancel"),
            )

    @work
    async def action_undo(self) -> None:
        if self._view is None:
            return
        run_id = self._view.row.id
        try:
            foreseen = (await self.services.runs.detail(run_id)).undo
        except NexusError as error:
            foreseen = str(error)
        self._confirm("Take back what this run delivered?", "Undo", "Keep it", foreseen, UndoRun(run_id))

    def _confirm(self, question: str, yes: str, no: str, detail: str, intent: Any) -> None:
        from screens.modals.confirm import ConfirmModal

        def answered(sure: bool | None) -> None:
            if sure:
                self.post_message(intent)

        self.app.push_screen(ConfirmModal(question, yes, no, detail), answered)

    def action_resume(self) -> None:
        if self._view is not None:
            self.post_message(ContinueRun(self._view.row.id))

    def action_review(self) -> None:
        from screens.review_screen import ReviewScreen

        if self._view is not None:
            self.app.push_screen(ReviewScreen(self._view.row.id))

    @work
    async def action_rate(self) -> None:
        from screens.modals.rate import RateModal

        if self._view is None:
            return
        run_id = self._view.row.id
        try:
            stars, note = await self.services.runs.rating(run_id) or (0, "")
        except NexusError:
            stars, note = 0, ""
        given = await self.app.push_screen_wait(RateModal(stars, note))
        if given is not None:
            self.post_message(RateRun(run_id, *given))

    def action_report(self) -> None:
        from screens.report_screen import ReportScreen

        if self._view is not None:
            self.app.push_screen(ReportScreen(self._view.row.id))

    def action_export(self) -> None:
        from screens.modals.export import ExportModal

        if self._view is not None:
            self.app.push_screen(ExportModal(self._view.row.id, self.services.project.folder))

    def action_copy(self) -> None:
        if self._panels is not None:
            self.post_message(CopyText(*self._panels.copied()))

    def action_close(self) -> None:
        self.post_message(OpenRun(""))

    def action_demo(self) -> None:
        self.post_message(StartDemo())


def _standing_changed(before: RunView | None, now: RunView | None) -> bool:
    if before is None or now is None:
        return before is not now
    return (
        before.row.status != now.row.status
        or before.delivered != now.delivered
        or before.trouble != now.trouble
        or before.state.phases.keys() != now.state.phases.keys()
        or (before.state.finished is None) != (now.state.finished is None)
    )
