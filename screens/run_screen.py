"""Home: ask for something, and watch it become verified code."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget

from config.errors import NexusError
from core.ids import PHASES
from screens.actions import bindings
from screens.base import NexusScreen
from screens.intents import ContinueRun, CopyText, OpenRun, RateRun, StartDemo, StartRun, SteerRun, UndoRun
from screens.news import RunMoved, RunsChanged
from screens.ports import News, RunView
from screens.widgets.empty_state import EmptyState
from screens.widgets.key_bar import KeyBar
from screens.widgets.panel import Panel
from screens.widgets.panel_tabs import PanelTabs
from screens.widgets.prompt import Prompt
from screens.widgets.result_bar import ResultBar
from screens.widgets.run_header import RunHeader

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
        self._current = "agent"
        """The panel that has, or last had, the focus."""
        self._zoomed = False
        self._seen = False
        self._clock: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="run"):
            yield RunHeader(id="header")
            yield PanelTabs(id="tabs")
            yield Container(id="body")
            yield ResultBar(id="result")
            yield Prompt(id="prompt")
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
        self.query_one(RunHeader).take(message.view, message.news)
        self.query_one(ResultBar).take(message.view)
        self._set_clock()
        if _standing_changed(before, message.view):
            self.refresh_bindings()

    async def _show_start(self) -> None:
        if not self.query(EmptyState):
            await self.query_one("#body").mount(EmptyState(id="start"))
        self.query_one(EmptyState).look_around()
        self._arrange()
        self._prompt.focus_field()

    async def _show_run(self, view: RunView, news: News) -> None:
        if not self.query("#panels"):
            await self.query_one("#body").mount(_panels())
        for panel in self._panels:
            panel.take(view, news)
        self.query_one(PanelTabs).tell(_progress(view))
        if news.first:
            self._arrange()
            if not self._prompt.text:
                self._panel(self._current).go()

    def on_runs_changed(self, _: RunsChanged) -> None:
        if self._view is None and (start := self.query(EmptyState)):
            start.first(EmptyState).look_around()

    # --- what can be seen ---

    @property
    def _prompt(self) -> Prompt:
        return self.query_one(Prompt)

    @property
    def _panels(self) -> list[Panel]:
        return list(self.query(Panel))

    def _panel(self, name: str) -> Panel:
        return self.query_one(f"#{name}", Panel)

    def _arrange(self) -> None:
        """All panels side by side, or one; nothing is drawn in those that are not seen."""
        running = self._view is not None
        narrow = self.size.width < _WIDE
        one = narrow or self._zoomed
        self.query_one("#run").set_class(running and one, "-one")
        self.query_one("#run").set_class(running and self._zoomed, "-zoomed")
        self.query_one("#run").set_class(self.size.height < _SHORT, "-short")
        self.query_one(PanelTabs).display = running and narrow and not self._zoomed
        for start in self.query(EmptyState):
            start.display = not running
        for panels in self.query("#panels"):
            panels.display = running
        for panel in self._panels:
            shown = not one or panel.id == self._current
            panel.display = shown
            panel.wake(running and shown and self._seen)
        for side in self.query("#left, #right"):
            side.display = any(panel.display for panel in side.query(Panel))
        self._mark_tabs()

    def _mark_tabs(self) -> None:
        tabs = [(panel.number, str(panel.id), panel.tab) for panel in self._panels]
        self.query_one(PanelTabs).show(tabs, self._current)

    def on_resize(self, _: events.Resize) -> None:
        self._arrange()

    def on_screen_resume(self) -> None:
        self._seen = True
        self._arrange()
        self._set_clock()
        self.query_one(RunHeader).tick()
        if self._view is None and (start := self.query(EmptyState)):
            start.first(EmptyState).look_around()

    def on_screen_suspend(self) -> None:
        stack = self.app.screen_stack
        # A modal covers only a part of it.
        self._seen = self in stack and all(screen.is_modal for screen in stack[stack.index(self) + 1 :])
        self._arrange()
        self._set_clock()

    def _focus_moved(self, focused: Widget | None) -> None:
        path = focused.ancestors_with_self if focused is not None else ()
        here = next((node for node in path if isinstance(node, Panel)), None)
        for panel in self._panels:
            panel.mark(panel is here)
        if here is not None and here.id and here.id != self._current:
            self._current = here.id
            self._mark_tabs()

    # --- time ---

    def _set_clock(self) -> None:
        if self._clock is None:
            return
        if self._seen and self._view is not None and self._view.row.status == "running":
            self._clock.resume()
        else:
            self._clock.pause()

    def _tick(self) -> None:
        self.query_one(RunHeader).tick()
        for panel in self._panels:
            if panel.awake:
                panel.tick()

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
        if self._view is not None:
            self._panel(self._current).go()
        else:
            self.query_one(EmptyState).focus()

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
        self._current = name
        self._arrange()
        self._panel(name).go()

    def action_next_panel(self, step: int) -> None:
        stops = [*(str(panel.id) for panel in self._panels), "prompt"]
        here = "prompt" if self._prompt.field.has_focus else self._current
        following = stops[(stops.index(here) + step) % len(stops)]
        if following == "prompt":
            self.action_focus_prompt()
        else:
            self.action_focus_panel(following)

    def action_zoom(self) -> None:
        self._zoomed = not self._zoomed
        self._arrange()
        self.refresh_bindings()
        if self._zoomed:
            self._panel(self._current).go()

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
        self.post_message(CopyText(*self._panel(self._current).copied()))

    def action_close(self) -> None:
        self.post_message(OpenRun(""))

    def action_demo(self) -> None:
        self.post_message(StartDemo())


def _panels() -> Horizontal:
    """Loaded with the first run: a start without one need not wait for it."""
    from screens.widgets.agent_panel import AgentPanel
    from screens.widgets.cost_panel import CostPanel
    from screens.widgets.guardrails_panel import GuardrailsPanel
    from screens.widgets.phases_panel import PhasesPanel
    from screens.widgets.sandbox_panel import SandboxPanel

    left = Vertical(PhasesPanel(id="phases"), GuardrailsPanel(id="guardrails"), CostPanel(id="cost"), id="left")
    right = Vertical(AgentPanel(id="agent"), SandboxPanel(id="sandbox"), id="right")
    return Horizontal(left, right, id="panels")


def _progress(view: RunView) -> str:
    """Such as `5/8 verify`."""
    phases = view.state.phases
    over = sum(phase.status in ("done", "skipped") for phase in phases.values())
    now = next((name for name in reversed(PHASES) if name in phases and phases[name].status == "running"), "")
    return f"{over}/{len(PHASES)} {now}".rstrip()


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
