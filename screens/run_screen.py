"""Home: ask for something, and watch it become verified code."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer, Static

from screens.actions import bindings
from screens.base import NexusScreen
from screens.news import RunMoved


class RunScreen(NexusScreen):
    """Panels of the watched run above the prompt."""

    CSS_PATH = "run_screen.tcss"
    BINDINGS = bindings("run")
    scope = "run"
    hint = "Ask for a change in the prompt. The panels show how it is planned, written, tested and what it costs."

    def compose(self) -> ComposeResult:
        yield Static("", id="run-state", markup=False)
        yield Footer(show_command_palette=False)
        yield from self.compose_too_small()

    def on_run_moved(self, message: RunMoved) -> None:
        view = message.view
        text = f"{view.row.id} {view.row.status}" if view else "no run"
        self.query_one("#run-state", Static).update(text)
