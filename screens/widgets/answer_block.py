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

SHOWN_CHARS = 6_000
"""Of an answer as Markdown: laying out more would be felt at every key."""
SHOWN_LINES = 200
"""Of a list, every line is several widgets."""


def newest_part(text: str, most: int = SHOWN_CHARS, most_lines: int = SHOWN_LINES) -> int:
    """Where the part that is shown begins: 0, or at a line in the last half of `most` characters and `most_lines`."""
    start = 0
    if len(text) > most:
        half = len(text) - most // 2
        start = text.find("\n", half) + 1 or half
    if text.count("\n", start) > most_lines:
        start = len(text) - len("\n".join(text.rsplit("\n", most_lines // 2)[1:]))
    return start


def as_document(text: str, start: int) -> str:
    """The text from `start` on; where that is inside a code block, with the line that opens it."""
    opening = ""
    for line in text[:start].splitlines():
        if line.startswith("```"):
            opening = "" if opening else f"{line}\n"
    return opening + text[start:]


class AnswerBlock(Vertical):
    """`refresh_answer` brings it up to date; folded, it is its heading only."""

    BLANK = True  # else it would draw, and keep, an empty line behind every line of the answer

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
        self._begin = 0
        """Where in the answer the part that is shown begins, and where it ends."""
        self._shown = 0
        self._head = Static(self._heading(), markup=False)
        self._rest = Static("", markup=False)

    def compose(self) -> ComposeResult:
        yield self._head
        if not self.folded:
            from textual.widgets import Markdown

            # A link of a model's making must not open by itself.
            self._markdown = Markdown(self._start(), open_links=False)
            yield self._rest
            yield self._markdown

    def on_mount(self) -> None:
        self._say_rest()

    async def refresh_answer(self) -> None:
        """Show what has arrived since the last time."""
        self._head.update(self._heading(), layout=False)
        if self._markdown is None:
            return
        text = self.answer.text
        if len(text) < self._shown or newest_part(text[self._begin :]):
            await self._end_stream()
            await self._markdown.update(self._start())
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
        text = self.answer.text
        self._begin, self._shown = newest_part(text), len(text)
        return as_document(text, self._begin)

    def _say_rest(self) -> None:
        words = f"  {counted(self._begin, 'earlier character')}; enter opens all of it" if self._begin else ""
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
