"""One model answer in the agent panel: a heading, and its text as Markdown while it is recent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from core.text.counting import counted
from core.text.display import one_line
from screens.glyphs import Glyphs
from screens.widgets.timeline import Answer

if TYPE_CHECKING:
    from textual.widgets import Markdown
    from textual.widgets.markdown import MarkdownStream

SHOWN_CHARS = 16_000
"""Of an answer as Markdown: laying out more would be felt at every key."""


class AnswerBlock(Vertical):
    """`refresh_answer` brings it up to date; folded, it is its heading only."""

    DEFAULT_CSS = """
    AnswerBlock { height: auto; }
    AnswerBlock > Static { height: auto; }
    AnswerBlock > Markdown { padding: 0 0 0 2; margin: 0; }
    """

    def __init__(self, answer: Answer, glyphs: Glyphs, folded: bool) -> None:
        super().__init__()
        self.answer = answer
        self.folded = folded
        self._glyphs = glyphs
        self._markdown: Markdown | None = None
        self._stream: MarkdownStream | None = None
        self._shown = 0
        self._head = Static(self._heading(), markup=False)
        self._rest = Static("", markup=False)

    def compose(self) -> ComposeResult:
        yield self._head
        if not self.folded:
            from textual.widgets import Markdown

            # A link of a model's making must not open by itself.
            self._markdown = Markdown(self._start(), open_links=False)
            yield self._markdown
            yield self._rest

    def on_mount(self) -> None:
        self._say_rest()

    async def refresh_answer(self) -> None:
        """Show what has arrived since the last time."""
        self._head.update(self._heading(), layout=False)
        if self._markdown is None:
            return
        text = self.answer.text[:SHOWN_CHARS]
        if len(text) < self._shown:
            await self._end_stream()
            self._shown = len(text)
            await self._markdown.update(text)
        elif len(text) > self._shown:
            if self._stream is None:
                from textual.widgets import Markdown

                self._stream = Markdown.get_stream(self._markdown)
            fragment, self._shown = text[self._shown :], len(text)
            await self._stream.write(fragment)
        if self.answer.done is not None:
            await self._end_stream()
        self._say_rest()

    async def fold(self) -> None:
        """Leave only the heading."""
        if self.folded:
            return
        self.folded = True
        await self._end_stream()
        markdown, self._markdown = self._markdown, None
        if markdown is not None:
            await self.remove_children([markdown, self._rest])
        self._head.update(self._heading())

    async def on_unmount(self) -> None:
        await self._end_stream()

    def _start(self) -> str:
        text = self.answer.text[:SHOWN_CHARS]
        self._shown = len(text)
        return text

    def _say_rest(self) -> None:
        hidden = self.answer.length - SHOWN_CHARS
        words = f"  {counted(hidden, 'more character')}; enter opens all of it" if hidden > 0 else ""
        self._rest.display = bool(words)
        if words != self._rest.content:
            self._rest.update(Content.styled(words, "$text-muted"))

    async def _end_stream(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.stop()

    def _heading(self) -> Content:
        answer, glyphs = self.answer, self._glyphs
        sign, colour = (glyphs.ok, "$text-success") if answer.done else (glyphs.run, "$text-primary")
        parts: list[tuple[str, str]] = [
            (f"{sign} ", colour),
            (one_line(answer.name), "bold"),
            (f"  {one_line(answer.model, 40)}", "$text-muted"),
        ]
        figures = answer.figures or (f"{answer.length:,} characters" if answer.length else "waiting for the answer")
        parts.append((f"  {figures}", "$text-muted"))
        if self.folded and answer.length:
            parts.append((f"  {counted(answer.length, 'character')}", "$text-disabled"))
        return Content.assemble(*parts)
