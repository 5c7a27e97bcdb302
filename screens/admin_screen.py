"""What governs all runs: a strip of tabs, one below it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import ContentSwitcher, Static

from screens.actions import bindings
from screens.admin.tabs import TABS, AdminPane
from screens.base import NexusScreen
from screens.news import RunMoved
from screens.widgets.key_bar import KeyBar
from screens.widgets.panel_tabs import PanelTabs


class AdminScreen(NexusScreen):
    """The strip is made from `screens.admin.tabs.TABS`; a tab is made when it is first shown."""

    CSS_PATH = "admin_screen.tcss"
    BINDINGS = bindings("admin")
    scope = "admin"
    hint = (
        "Which models are asked and what they cost; budgets and spending over all runs. Money is in USD, days in UTC."
    )

    def compose(self) -> ComposeResult:
        with Horizontal(id="admin-head"):
            yield Static(" Admin ", id="admin-name", markup=False)
            yield PanelTabs(id="admin-tabs")
        yield ContentSwitcher(id="admin-body")
        yield KeyBar()
        yield from self.compose_too_small()

    async def on_mount(self) -> None:
        await self._open(TABS[0].id)

    async def _open(self, name: str) -> None:
        body = self.query_one(ContentSwitcher)
        if not body.query(f"#{name}"):
            await body.mount(next(tab for tab in TABS if tab.id == name).make())
        body.current = name
        self.query_one(PanelTabs).show([(at, tab.id, tab.title) for at, tab in enumerate(TABS, start=1)], name)
        pane = self._pane
        if pane is not None:
            pane.read()
            self.call_after_refresh(pane.enter)  # by then it is known how much room there is

    @property
    def _pane(self) -> AdminPane | None:
        """The tab that is shown."""
        shown = self.query_one(ContentSwitcher).visible_content
        return shown if isinstance(shown, AdminPane) else None

    def on_screen_resume(self) -> None:
        self.action_read()

    def on_run_moved(self, message: RunMoved) -> None:
        if (pane := self._pane) is not None:
            pane.take(message.view)

    async def action_focus_panel(self, name: str) -> None:
        await self._open(name)

    def action_read(self) -> None:
        if (pane := self._pane) is not None:
            pane.read()
