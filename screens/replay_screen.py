"""A recorded run again, event by event, forwards and back. Nothing is called, run or changed."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from config.errors import NexusError
from core.cost_manager import Scope
from core.events import ModelAnswered
from core.run.playback import Playback
from core.text.display import one_line
from screens.actions import bindings
from screens.base import NexusScreen
from screens.cells import apart
from screens.intents import CopyText
from screens.ports import News, RunView
from screens.standing import clock
from screens.widgets.cost_panel import CostPanel
from screens.widgets.cursor_list import CursorList
from screens.widgets.events_panel import EventRows, EventsPanel, event_text
from screens.widgets.guardrails_panel import GuardrailsPanel
from screens.widgets.key_bar import KeyBar
from screens.widgets.panel import Panel
from screens.widgets.panel_tabs import PanelTabs
from screens.widgets.phases_panel import PhasesPanel
from screens.widgets.replay_tests import ReplayTests
from screens.widgets.replay_timeline import ReplayTimeline

_WIDE = 100
"""Columns from which all panels are shown together."""
_SPEEDS = (1, 4, 16)
_TICK_S = 0.1
_NOT_BEFORE_IT_IS_READ = ("step", "phase", "edge", "play", "speed", "ask", "copy", "focus_panel")


class ReplayScreen(NexusScreen):
    """Pushed over the screen one comes from. `number` is the event that has come last, from 1."""

    CSS_PATH = "replay_screen.tcss"
    BINDINGS = bindings("replay")
    AUTO_FOCUS = "EventRows"
    scope = "replay"
    hint = "The run as it was, step by step. What the panels show was so when the event at the cursor was written down."

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id
        self.number = 1
        self._playback: Playback | None = None
        self._answered: list[int] = []
        """Numbers of the events that are answers of models."""
        self._told_answers = -1
        self._current = "events"
        """The panel that is shown where there is room for one."""
        self._speed = _SPEEDS[0]
        self._playing: Timer | None = None
        self._begun = (0.0, 0.0)
        """When playing began, and where in the playback."""

    def compose(self) -> ComposeResult:
        with Vertical(id="replay"):
            yield Static("", id="replay-head", markup=False)
            yield Static("", id="replay-place", markup=False)
            yield ReplayTimeline(self.glyphs)
            with Horizontal(id="replay-ask"):
                yield Label("Go to event", markup=False)
                number = Input(compact=True, type="integer")
                number.cursor_blink = False  # an idle screen writes nothing
                yield number
            yield PanelTabs()
            with Horizontal(id="replay-panels"):
                with Vertical(id="replay-main"):
                    yield EventsPanel(id="events")
                with Vertical(id="replay-side"):
                    yield PhasesPanel(id="phases")
                    yield GuardrailsPanel(id="guardrails")
                    yield CostPanel(id="cost")
                    yield ReplayTests(id="tests")
        yield KeyBar()
        yield from self.compose_too_small()

    def on_mount(self) -> None:
        self.watch(self, "focused", self._focus_moved, init=False)
        self._arrange()
        self._say_head("", "")
        self.call_after_refresh(lambda: self._focus_moved(self.focused))
        self._read()

    def on_screen_suspend(self) -> None:
        self._stop()

    @work(exclusive=True)
    async def _read(self) -> None:
        runs = self.services.runs
        try:
            row, recorded = await runs.row(self.run_id), await runs.events(self.run_id)
        except NexusError as error:
            self._say_head(str(error), "$text-error")
            return
        if not recorded:
            self._say_head("This run has written nothing down yet.", "$text-warning")
            return
        playback = await asyncio.to_thread(Playback, row, recorded)
        self._playback = playback
        self._answered = [at for at, each in enumerate(recorded, 1) if isinstance(each.body, ModelAnswered)]
        self._events.rows.show(recorded)
        self._say_head(row.request, "$text-muted")
        self._show()
        self.refresh_bindings()

    @property
    def _events(self) -> EventsPanel:
        return self.query_one(EventsPanel)

    # --- what is shown ---

    def _say_head(self, text: str, style: str) -> None:
        head = Content.assemble((" Replay ", "bold $primary"), f"{self.run_id}  ", (one_line(text), style))
        self.query_one("#replay-head", Static).update(head, layout=False)

    def _show(self) -> None:
        """Everything as it was at `number`."""
        playback = self._playback
        assert playback is not None
        view = _view(playback, self.number)
        for panel in self.query(Panel):
            panel.take(view, self._news(panel, playback))
        self._events.rows.go_to(self.number - 1)
        self._events.tell(playback.events[self.number - 1])
        self.query_one(ReplayTimeline).show(playback, self.number)
        self._say_place()

    def _news(self, panel: Panel, playback: Playback) -> News:
        """The cost panel adds up what it is told: it hears all answers anew when there are others."""
        answers = self._answered[: bisect_right(self._answered, self.number)]
        if not isinstance(panel, CostPanel) or len(answers) == self._told_answers:
            return News()
        self._told_answers = len(answers)
        return News(events=tuple(playback.events[number - 1] for number in answers), first=True)

    def _say_place(self) -> None:
        playback = self._playback
        assert playback is not None
        stretch = playback.stretches[playback.stretch(self.number)]
        attempt = f", attempt {stretch.attempt + 1}" if stretch.attempt else ""
        phase = f"{stretch.phase}{attempt}" if stretch.phase else ""
        since = clock(playback.since_start_s(self.number))
        place = Content.assemble(
            (f" event {self.number:,} of {len(playback):,}", "bold"),
            f", {since} after the start  ",
            (phase, "$text-muted"),
        )
        playing = Content(
            f"{self.glyphs.run} playing {self._speed}x " if self._playing else f"stopped, {self._speed}x "
        )
        line = self.query_one("#replay-place", Static)
        line.update(apart(place, playing, line.size.width), layout=False)

    def _arrange(self) -> None:
        """All panels side by side, or one; nothing is drawn in those that are not seen."""
        one = self.size.width < _WIDE
        self.set_class(one, "-one")
        self.query_one(PanelTabs).display = one
        for panel in self.query(Panel):
            panel.display = not one or panel.id == self._current
            panel.wake(panel.display)
        for side in self.query("#replay-main, #replay-side"):
            side.display = any(panel.display for panel in side.query(Panel))
        tabs = sorted((panel.number, str(panel.id), panel.tab) for panel in self.query(Panel))
        self.query_one(PanelTabs).show(tabs, self._current)

    def on_resize(self, _: events.Resize) -> None:
        self._arrange()
        if self._playback is not None:
            self.call_after_refresh(self._say_place)

    def _focus_moved(self, focused: Widget | None) -> None:
        path = focused.ancestors_with_self if focused is not None else ()
        here = next((node for node in path if isinstance(node, Panel)), None)
        for panel in self.query(Panel):
            panel.mark(panel is here)

    # --- going ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._playback is not None or action not in _NOT_BEFORE_IT_IS_READ

    def go_to(self, number: int) -> None:
        """Show the run as it was at that event, or the nearest there is."""
        if self._playback is None:
            return
        number = max(1, min(number, len(self._playback)))
        if number != self.number:
            self.number = number
            self._show()

    def action_step(self, events: int) -> None:
        self._stop()
        self.go_to(self.number + events)

    def action_edge(self, last: bool) -> None:
        self._stop()
        self.go_to(len(self._playback) if last and self._playback is not None else 1)

    def action_phase(self, phases: int) -> None:
        """To where the next phase begins; back to where this one does, or the one before if that is here."""
        assert self._playback is not None
        self._stop()
        stretches, at = self._playback.stretches, self._playback.stretch(self.number)
        if phases < 0 and self.number > stretches[at].first:
            at += 1
        wanted = at + phases
        self.go_to(stretches[max(wanted, 0)].first if wanted < len(stretches) else len(self._playback))

    def on_cursor_list_moved(self, message: CursorList.Moved) -> None:
        if isinstance(message.rows, EventRows) and message.rows.cursor + 1 != self.number:
            self._stop()
            self.go_to(message.rows.cursor + 1)

    def on_replay_timeline_sought(self, message: ReplayTimeline.Sought) -> None:
        self._stop()
        self.go_to(message.number)

    def action_ask(self) -> None:
        self._stop()
        self.add_class("-asking")
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.isdecimal():
            self.go_to(int(event.value))
        self._end_asking()

    def _end_asking(self) -> None:
        self.query_one(Input).value = ""
        self.remove_class("-asking")
        self._panel(self._current).go()

    # --- playing ---

    def action_play(self) -> None:
        playback = self._playback
        assert playback is not None
        if self._playing is not None:
            self._stop()
            return
        if self.number == len(playback):
            self.go_to(1)
        self._begun = (time.monotonic(), playback.played_s(self.number))
        self._playing = self.set_interval(_TICK_S, self._play_on)
        self._say_place()

    def _play_on(self) -> None:
        playback = self._playback
        assert playback is not None
        since, place = self._begun
        self.go_to(max(self.number, playback.due(place + (time.monotonic() - since) * self._speed)))
        if self.number == len(playback):
            self._stop()

    def _stop(self) -> None:
        if self._playing is not None:
            self._playing.stop()
            self._playing = None
            self._say_place()

    def action_speed(self) -> None:
        assert self._playback is not None
        self._speed = _SPEEDS[(_SPEEDS.index(self._speed) + 1) % len(_SPEEDS)]
        self._begun = (time.monotonic(), self._playback.played_s(self.number))
        self._say_place()

    # --- the rest ---

    def _panel(self, name: str) -> Panel:
        return self.query_one(f"#{name}", Panel)

    def action_focus_panel(self, name: str) -> None:
        self._current = name
        self._arrange()
        self._panel(name).go()

    def action_copy(self) -> None:
        assert self._playback is not None
        self.post_message(CopyText(event_text(self._playback.events[self.number - 1], self.glyphs).plain, "event"))

    def action_back(self) -> None:
        if self.has_class("-asking"):
            self._end_asking()
        else:
            self.dismiss()


def _view(playback: Playback, number: int) -> RunView:
    """The run as its panels show it. Of its budgets the log knows the one of the run itself."""
    state, row = playback.state(number), playback.shown(number)
    limit = state.started.budget_micros if state.started is not None else 0
    run = Scope("run", row.id, limit, state.spent_micros + state.reserved_micros, state.spent_micros)
    return RunView(row, state, (run,) if limit else (), playback.left(number), replayed=True)
