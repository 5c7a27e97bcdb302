"""The command palette: every action in reach as `group: verb`, the themes, and runs by id or request."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from config.errors import NexusError
from core.text.display import one_line
from screens.intents import OpenRun
from screens.keys import actions_in_reach, keys_in_words

if TYPE_CHECKING:
    from app.terminal.application import NexusApp

_RUNS = 5
_SHORTEST = 3
"""Letters before runs are looked for."""


class Entry(NamedTuple):
    text: str
    help: str
    do: IgnoreReturnCallbackType


class ThemeProvider(Provider):
    """`theme: …`, alone behind the key for themes."""

    @property
    def nexus(self) -> NexusApp:
        return cast("NexusApp", self.app)

    def entries(self) -> Iterator[Entry]:
        for name in sorted(self.app.available_themes):
            now = " (now)" if name == self.app.theme else ""
            yield Entry(f"theme: {name}{now}", "", partial(self.nexus.choose_theme, name))

    async def discover(self) -> Hits:
        for text, about, do in self.entries():
            yield DiscoveryHit(text, do, help=about or None)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, about, do in self.entries():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), do, text=text, help=about or None)


class NexusProvider(ThemeProvider):
    """What `screens.actions` says can be done where the focus is; then runs and themes."""

    def entries(self) -> Iterator[Entry]:
        # Screen and application first: moving about in a panel is what keys are for.
        outer = (self.screen, self.app)
        for node, actions in sorted(actions_in_reach(self.screen), key=lambda found: found[0] not in outer):
            for action in actions:
                keys = keys_in_words(action, self.nexus.user_keys)
                about = f"{action.help} Key: {keys}" if keys else action.help
                yield Entry(action.label, about, partial(self.app.run_action, action.call, node))
        yield from super().entries()

    async def search(self, query: str) -> Hits:
        async for hit in super().search(query):
            yield hit
        async for hit in self._runs(query):
            yield hit

    async def _runs(self, query: str) -> Hits:
        wanted = query.removeprefix("run:").strip().removeprefix("open").strip()
        if len(wanted) < _SHORTEST:
            return
        try:
            page = await self.nexus.services.runs.page(wanted, "all", "", 0, _RUNS)
        except NexusError:
            return  # the screens say what is wrong with the database
        for line in page.lines:
            text = f"run: open {line.id}"
            about = f"{line.verdict or line.status}: {one_line(line.request, 200)}"
            yield Hit(0.5, text, partial(self.app.post_message, OpenRun(line.id)), text=text, help=about)
