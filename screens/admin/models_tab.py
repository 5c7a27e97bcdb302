"""Models & budgets: which profile is used and why, what its models cost, what was spent and what is left."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from config.errors import NexusError
from core.text.display import one_line
from screens.admin.box import Box
from screens.admin.money_lines import budget_lines, day_lines, dearest_lines
from screens.admin.profile_lines import profile_lines
from screens.admin.tabs import AdminPane
from screens.base import Host
from screens.cells import fit, pad
from screens.glyphs import Glyphs
from screens.ports import ProfileLine, ProfilesPage, RunView, Spending
from screens.standing import COLOURS
from screens.widgets.cursor_list import CursorList

_DAYS = 30


class ProfilesList(CursorList):
    """One row per profile: its name, whether it is the chosen one, and the names of its keys."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._page = ProfilesPage((), "", "")

    def show(self, page: ProfilesPage) -> None:
        names = [profile.name for profile in page.profiles]
        before = self.here.name if self.here else page.chosen
        self._page = page
        self.resize_to(len(names), names.index(before) if before in names else 0)
        self.post_message(self.Moved(self))

    @property
    def here(self) -> ProfileLine | None:
        return self._page.profiles[self.cursor] if self.cursor < len(self._page.profiles) else None

    @property
    def glyphs(self) -> Glyphs:
        return cast(Host, self.app).glyphs

    def row(self, index: int, width: int) -> Content:
        profile = self._page.profiles[index]
        chosen = profile.name == self._page.chosen
        glyphs = self.glyphs
        keys: list[tuple[str, str]] = [
            (f"{glyphs.ok} {one_line(name)} is set  ", COLOURS["good"])
            if is_set
            else (f"{glyphs.skip} {one_line(name)} not set  ", "$text-muted")
            for name, is_set in profile.keys
        ]
        name = (pad(fit(profile.name, 11, self.glyphs), 12), "bold" if chosen else "")
        mark = (pad("chosen" if chosen else "", 8), "bold $text-primary")
        return Content.assemble(name, mark, *(keys or [("needs no key", "$text-muted")])).truncate(width, ellipsis=True)


class ModelsTab(AdminPane):
    """Figures are read from the ledger when the tab is shown and whenever the watched run spends."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._page = ProfilesPage((), "", "")
        self._spending: Spending | None = None
        self._view: RunView | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="money"):
            yield Box("Budgets", id="budgets")
            yield Box("Spent by day", id="days")
            yield Box("Dearest models this month", id="dearest")
        with Vertical(id="profiles-side"):
            yield ProfilesList(id="profiles")
            yield Box("Models", id="profile")

    def on_mount(self) -> None:
        self.query_one(ProfilesList).border_title = Content("Profiles")

    def read(self) -> None:
        self._view = self.host.view
        self._read_profiles()
        self._read_spending()

    def take(self, view: RunView | None) -> None:
        before, self._view = self._view, view
        if (before.budgets if before else ()) != (view.budgets if view else ()):
            self._read_spending()

    def enter(self) -> None:
        self.query_one("#budgets" if self.screen.has_class("-narrow") else "#profiles").focus()

    # --- money ---

    @work(exclusive=True, group="spending")
    async def _read_spending(self) -> None:
        try:
            self._spending = await self.host.services.models.spending(_DAYS)
        except NexusError as error:
            self._say_trouble(("#budgets", "#days", "#dearest"), error)
            return
        self._show_spending(self._spending)

    def _show_spending(self, spending: Spending) -> None:
        # A run whose budgets were not read yet must not be shown as one without limits.
        glyphs, view = self.host.glyphs, self._view if self._view and self._view.budgets else None
        own = [scope for scope in view.budgets if scope.kind in ("task", "run")] if view else []
        shared = [scope for scope in spending.scopes if scope.kind in ("day", "month")]
        scopes = [*own, *shared] if view else spending.scopes
        budgets = self.query_one("#budgets", Box)
        budgets.border_title = Content(f"Budgets, run {view.row.id}" if view else "Budgets")
        budgets.show(lambda width: budget_lines(glyphs, scopes, view is not None, width))
        self.query_one("#days", Box).show(lambda width: day_lines(glyphs, spending, width))
        self.query_one("#dearest", Box).show(lambda width: dearest_lines(glyphs, spending, width))

    # --- profiles ---

    @work(exclusive=True, group="profiles")
    async def _read_profiles(self) -> None:
        try:
            self._page = await self.host.services.models.profiles()
        except NexusError as error:
            self._say_trouble(("#profile",), error)
            return
        self.query_one(ProfilesList).show(self._page)

    def on_cursor_list_moved(self) -> None:
        self._show_profile()

    def _show_profile(self) -> None:
        profile, page, glyphs = self.query_one(ProfilesList).here, self._page, self.host.glyphs
        box = self.query_one("#profile", Box)
        if profile is None:
            return
        box.border_title = Content(f"Models of {one_line(profile.name)}")
        why = page.why if profile.name == page.chosen else ""

        def lines(width: int) -> Sequence[Content]:
            none = [] if page.chosen else [*_trouble(f"{glyphs.bad} {page.why}", width), Content()]
            return [*none, *profile_lines(glyphs, profile, why, width)]

        box.show(lines)

    def _say_trouble(self, boxes: Sequence[str], error: NexusError) -> None:
        text = f"{self.host.glyphs.bad} {error}"
        for selector in boxes:
            self.query_one(selector, Box).show(lambda width: _trouble(text, width))


def _trouble(text: str, width: int) -> list[Content]:
    return [Content.styled(line, COLOURS["bad"]) for line in textwrap.wrap(one_line(text), width)]
