"""What the models write, as they write it, and what happens between their answers."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import RenderResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget

from screens.actions import bindings
from screens.intents import ViewText
from screens.ports import News, RunView
from screens.widgets.answer_block import AnswerBlock
from screens.widgets.notes_block import NotesBlock
from screens.widgets.panel import Panel
from screens.widgets.timeline import Answer, Entry, Timeline

_OPEN_ANSWERS = 3
"""As many of the newest answers are shown in full; older ones are a line."""
_MOST_BLOCKS = 60


class AgentPanel(Panel, VerticalScroll, can_focus=True):
    number = 4
    title = "Agent"
    hint = "The models' answers as they are written, and what became of them. Enter opens the newest one in full."
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        *bindings("panel"),
        *bindings("agent"),
    ]

    DEFAULT_CSS = """
    AgentPanel { layout: vertical; overflow: hidden auto; }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._timeline = Timeline()
        self._changed: dict[int, Entry] = {}
        self._blocks: dict[int, AnswerBlock | NotesBlock] = {}
        self._begun_anew = True
        self._missed = 0
        self._drawing = asyncio.Lock()
        self.following = True
        """The end is kept in sight; somebody who scrolled up reads on in peace."""

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self, "virtual_size", self._keep_end_in_sight, init=False)

    def learn(self, view: RunView | None, news: News) -> bool:
        if news.first:
            self._timeline = Timeline()
            self._changed = {}
            self._begun_anew = True
        known = self._timeline.size
        touched = self._timeline.add(news.events, news.texts)
        self._changed |= {id(entry): entry for entry in touched}
        if not self.following:
            self._missed += self._timeline.size - known
        return news.first or bool(touched)

    def differs(self, before: RunView | None, now: RunView | None) -> bool:
        return False

    def render(self) -> RenderResult:
        return Content.styled("Nothing has happened yet.", "$text-muted")

    def draw(self) -> None:
        self.run_worker(self._bring_up_to_date(), group="timeline", exclusive=False)

    async def _bring_up_to_date(self) -> None:
        async with self._drawing:
            with self.app.batch_update():
                await self._apply()
        self._tell()

    async def _apply(self) -> None:
        if self._begun_anew:
            self._begun_anew, self._blocks, self.following = False, {}, True
            await self.remove_children()
        changed, self._changed = self._changed, {}
        fresh: list[Widget] = []
        for entry in self._timeline.entries[-_MOST_BLOCKS:]:
            if id(entry) not in changed:
                continue
            block = self._blocks.get(id(entry))
            if block is None:
                fresh.append(self._block(entry))
            elif isinstance(block, AnswerBlock):
                await block.refresh_answer()
            else:
                block.grew()
        if fresh:
            await self.mount_all(fresh)
            await self._fold_old()

    def _block(self, entry: Entry) -> Widget:
        block: AnswerBlock | NotesBlock
        if isinstance(entry, Answer):
            block = AnswerBlock(entry, self.glyphs, entry not in self._recent())
        else:
            block = NotesBlock(entry, self.glyphs)
        self._blocks[id(entry)] = block
        return block

    def _recent(self) -> list[Answer]:
        answers = [entry for entry in self._timeline.entries if isinstance(entry, Answer)]
        return answers[-_OPEN_ANSWERS:]

    async def _fold_old(self) -> None:
        recent = self._recent()
        for block in self.query(AnswerBlock):
            if block.answer not in recent:
                await block.fold()
        surplus = list(self.children)[:-_MOST_BLOCKS]
        if surplus:
            await self.remove_children(surplus)
            self._blocks = {key: block for key, block in self._blocks.items() if block not in surplus}

    # --- following ---

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        followed, self.following = self.following, new_value >= self.max_scroll_y
        if followed != self.following:
            self._tell()

    def _keep_end_in_sight(self) -> None:
        """Called when what is inside has grown or shrunk, before its scrollbar knows."""
        if self.following:
            self.call_next(self._scroll_to_end)

    def _scroll_to_end(self) -> None:
        if self.following:
            self.scroll_end(animate=False, immediate=True)

    def on_resize(self) -> None:
        self._draw_if_seen()
        self._keep_end_in_sight()

    def _tell(self) -> None:
        """In the border: whether there is more below."""
        if self.following:
            self._missed = 0
        self.border_subtitle = Content(f"+{self._missed} new {self.glyphs.dot} G end") if self._missed else ""

    def action_read(self) -> None:
        """Open the newest answer in full."""
        answer = self._timeline.last_answer
        if answer is not None and answer.text:
            self.post_message(ViewText(answer.text, f"{answer.phase}.md"))

    def copied(self) -> tuple[str, str]:
        answer = self._timeline.last_answer
        return (answer.text if answer else ""), "answer"
