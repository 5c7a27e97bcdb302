"""The five panels of a run: side by side, or one of them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from screens.ports import News, RunView
from screens.widgets.agent_panel import AgentPanel
from screens.widgets.cost_panel import CostPanel
from screens.widgets.guardrails_panel import GuardrailsPanel
from screens.widgets.panel import Panel
from screens.widgets.phases_panel import PhasesPanel
from screens.widgets.sandbox_panel import SandboxPanel

START = "agent"


class _Side(Vertical):
    BLANK = True  # as below


class RunPanels(Horizontal):
    """`current` names the panel that has, or last had, the keys."""

    BLANK = True  # else it would draw, and keep, every line that lies behind its panels

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.current = START
        left = (PhasesPanel(id="phases"), GuardrailsPanel(id="guardrails"), CostPanel(id="cost"))
        right = (AgentPanel(id="agent"), SandboxPanel(id="sandbox"))
        self._sides = {_Side(id="left"): left, _Side(id="right"): right}
        self._panels: dict[str, Panel] = {str(panel.id): panel for panel in (*left, *right)}

    def compose(self) -> ComposeResult:
        for side, panels in self._sides.items():
            with side:
                yield from panels

    def take(self, view: RunView, news: News) -> None:
        for panel in self._panels.values():
            panel.take(view, news)

    def lay_out(self, alone: bool, seen: bool) -> None:
        """All of them, or the current one alone; nothing is drawn in what is not seen."""
        for name, panel in self._panels.items():
            panel.display = not alone or name == self.current
            panel.wake(seen and panel.display)
        for side, panels in self._sides.items():
            side.display = any(panel.display for panel in panels)

    @property
    def names(self) -> list[str]:
        return list(self._panels)

    @property
    def tabs(self) -> list[tuple[int, str, str]]:
        """Number, id and title of each."""
        return [(panel.number, name, panel.tab) for name, panel in self._panels.items()]

    def go(self) -> None:
        """Give the keys to the current panel."""
        self._panels[self.current].go()

    def mark(self, focused: Widget | None) -> None:
        """The keys go to that widget, or to none."""
        path = focused.ancestors_with_self if focused is not None else ()
        here = next((node for node in path if isinstance(node, Panel)), None)
        for name, panel in self._panels.items():
            panel.mark(panel is here)
            if panel is here:
                self.current = name

    def tick(self) -> None:
        for panel in self._panels.values():
            if panel.awake:
                panel.tick()

    def copied(self) -> tuple[str, str]:
        """What the current panel gives to the clipboard, and its name."""
        return self._panels[self.current].copied()
