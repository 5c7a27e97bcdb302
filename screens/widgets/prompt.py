"""Where people say what they want: several lines, earlier requests, file names after an `@`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar, cast

from textual import events, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from config.errors import NexusError
from core.text.redaction import strip_escapes
from screens.actions import bindings
from screens.base import Host
from screens.widgets.file_completion import FileCompletion, rank, typed_name

_LONGEST = 100_000
"""Characters; a request is no place for a file."""


class Prompt(Vertical):
    """The field and the list of files above it. Posts `Sent`; `text` is what stands in the field."""

    DEFAULT_CSS = """
    Prompt { height: auto; }
    """

    class Sent(Message):
        def __init__(self, request: str) -> None:
            super().__init__()
            self.request = request

    class Left(Message):
        """Escape was pressed: the keys go to the panels."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.completion = FileCompletion()
        self.field = RequestField(self.completion)

    def compose(self) -> ComposeResult:
        yield self.completion
        yield self.field

    @property
    def text(self) -> str:
        return self.field.text

    def fill(self, text: str) -> None:
        """Put text in the field, ready to be sent or changed."""
        self.field.put(text)

    def focus_field(self) -> None:
        self.field.focus()


class RequestField(TextArea):
    """Enter sends; what is pasted never does."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("prompt")
    DEFAULT_CSS = """
    RequestField {
        height: auto;
        max-height: 10;
        padding: 0 1;
        border: round $border-blurred;
        background: $background;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        &:focus { border: round $primary; border-title-color: $text-primary; }
        & > .text-area--cursor-line { background: transparent; }
        & > .text-area--placeholder { color: $text-muted; }
    }
    """

    def __init__(self, completion: FileCompletion) -> None:
        super().__init__(
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder="Say what should change, and press Enter",
        )
        self.cursor_blink = False  # an idle screen writes nothing
        self.border_title = Content("Request")
        self._completion = completion
        self.earlier: list[str] = []
        """Earlier requests, newest first."""
        self._place = 0
        """In the history, newest first; 0 is the draft."""
        self._draft = ""
        self._files: Sequence[str] = ()

    @property
    def _host(self) -> Host:
        return cast(Host, self.app)

    def on_mount(self) -> None:
        self._read_history()

    def on_focus(self) -> None:
        self.border_subtitle = Content("@ names a file  ↑ earlier requests")

    def on_blur(self) -> None:
        self.border_subtitle = ""

    def put(self, text: str) -> None:
        self.text = text
        self.move_cursor(self.document.end)

    # --- sending ---

    def action_send(self) -> None:
        if self._completion.is_open:
            self._take()
            return
        request = self.text.strip()
        if not request:
            self.notify("Type what should change first.", timeout=4, markup=False)
            return
        if len(request) > _LONGEST:
            much = f"The request has {len(request):,} characters; {_LONGEST:,} are the most. Name files with @ instead."
            self.notify(much, severity="warning", markup=False)
            return
        self.post_message(Prompt.Sent(request))

    def sent(self, request: str) -> None:
        """The request is on its way: make room for the next, and remember it."""
        self.earlier = [request, *(each for each in self.earlier if each != request)]
        self._place, self._draft = 0, ""
        self.put("")

    def action_newline(self) -> None:
        self.insert("\n")

    def action_clear(self) -> None:
        """^C: empties the field, and is the application's when that is empty."""
        if not self.text:
            raise SkipAction
        if self.selected_text:
            self.action_copy()
            return
        self._draft = ""
        self._place = 0
        self.put("")

    def action_leave(self) -> None:
        if self._completion.is_open:
            self._completion.offer(())
            return
        self.post_message(Prompt.Left())

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.prevent_default()  # no newline: it is left to the bindings

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = strip_escapes(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        room = _LONGEST - len(self.text)
        if len(text) > room:
            self.notify(f"The paste was cut: a request has at most {_LONGEST:,} characters.", markup=False)
        self.insert(text[: max(room, 0)])

    # --- earlier requests ---

    @work(exclusive=True, group="history")
    async def _read_history(self) -> None:
        try:
            self.earlier = list(await self._host.services.project.requests())
        except NexusError:
            self.earlier = []  # the screen says elsewhere that the database cannot be read

    def action_cursor_up(self, select: bool = False) -> None:
        if self._completion.is_open:
            self._completion.move(-1)
        elif select or self.wrapped_document.location_to_offset(self.cursor_location).y > 0:
            super().action_cursor_up(select)
        else:
            self._recall(1)

    def action_cursor_down(self, select: bool = False) -> None:
        last = self.wrapped_document.height - 1
        if self._completion.is_open:
            self._completion.move(1)
        elif select or self.wrapped_document.location_to_offset(self.cursor_location).y < last:
            super().action_cursor_down(select)
        else:
            self._recall(-1)

    def _recall(self, step: int) -> None:
        place = self._place + step
        if not 0 <= place <= len(self.earlier):
            return
        if self._place == 0:
            self._draft = self.text
        self._place = place
        self.put(self.earlier[place - 1] if place else self._draft)

    # --- files ---

    def on_text_area_changed(self) -> None:
        if self._completion.is_open or self._typed() is not None:
            self._offer_files()

    @work(exclusive=True, group="files")
    async def _offer_files(self) -> None:
        typed = self._typed()
        if typed is None:
            self._completion.offer(())
            self._files = ()
            return
        if not self._files:
            try:
                self._files = await self._host.services.project.files()
            except (NexusError, OSError):
                return
        names = await asyncio.to_thread(rank, self._files, typed)
        if self._typed() == typed:
            self._completion.offer(() if names == [typed] else names)

    def _typed(self) -> str | None:
        row, column = self.cursor_location
        return typed_name(self.document.get_line(row)[:column])

    def action_take(self) -> None:
        """Tab: takes the file, or goes on to the panels."""
        if not self._completion.is_open:
            raise SkipAction
        self._take()

    def _take(self) -> None:
        typed, (row, column) = self._typed(), self.cursor_location
        if typed is not None:
            self.replace(f"{self._completion.chosen} ", (row, column - len(typed) - 1), (row, column))
        self._completion.offer(())
