"""Which tabs the admin screen has. A tab is made when it is first shown."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import cast

from textual.containers import ScrollableContainer

from screens.base import Host
from screens.ports import RunView


class AdminPane(ScrollableContainer, can_focus=False):
    """What a tab shows. Where there is no room for all of it, it scrolls."""

    @property
    def host(self) -> Host:
        return cast(Host, self.app)

    def read(self) -> None:
        """Show what holds now: the tab is shown, or was asked to look again."""

    def take(self, view: RunView | None) -> None:
        """The watched run has moved."""

    def enter(self) -> None:
        """Give the focus to what keys are for first."""


@dataclass(frozen=True, slots=True)
class AdminTab:
    id: str
    title: str
    module: str
    pane: str

    def make(self) -> AdminPane:
        made: AdminPane = getattr(import_module(f"screens.admin.{self.module}"), self.pane)(id=self.id)
        return made


TABS: tuple[AdminTab, ...] = (AdminTab("models", "Models & budgets", "models_tab", "ModelsTab"),)
