"""The output of a sandbox, of any size, as it is written: follow it, find in it, filter it, copy from it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import ClassVar, Self

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Label

from core.run.log_file import LogFile
from core.run.log_search import Matches, Needle
from core.text.counting import counted
from core.text.display import one_line
from screens.actions import bindings
from screens.intents import CopyText
from screens.widgets.log_rows import LogRows
from screens.widgets.log_search import Search

_TYPING_S = 0.15
"""How long typing must rest before it is searched for."""
_STATUS_S = 0.25
"""How often a growing log changes the words in the border."""
_EMPTY = "No sandbox output yet. It appears here while tests and commands run."


class LogView(Vertical):
    """A panel with the rows of a `LogFile`; the screen calls `show` and, when its feed says so, `grew`.

    Works in the thread of the application only; `LogFile.refresh` is called by somebody else.
    """

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("log")
    DEFAULT_CSS = """
    LogView {
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        &:focus-within { border: round $border; border-title-color: $text; border-subtitle-color: $text; }
        & > LogRows { height: 1fr; }
        & > Horizontal { height: 1; background: $panel; }
        & Label { width: auto; padding: 0 1; text-style: bold; }
        & Input { width: 1fr; }
    }
    """

    def __init__(self, title: str = "Sandbox output", *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._title = title
        self._dot = " - " if ascii_only else " · "
        self._rows = LogRows(ascii_only=ascii_only)
        self._input = Input(placeholder="text, or !text for rows without it", compact=True, select_on_focus=True)
        self._input.cursor_blink = False  # an idle screen writes nothing
        self._sign = Label("/", markup=False)
        self._prompt = Horizontal(self._sign, self._input)
        self._prompt.display = False
        self._rows.empty = _EMPTY
        self._log: LogFile | None = None
        self._search: Search | None = None
        self._narrowed = False
        self._before = (0, True)
        self._words = ""
        self._typing: Timer | None = None
        self._status_timer: Timer | None = None
        self._named = ""
        self.border_title = Content(title)

    def compose(self) -> ComposeResult:
        yield self._rows
        yield self._prompt

    # --- what the screen says ---

    def show(self, log: LogFile | None, title: str = "") -> None:
        """Show that log, from its newest rows; the same one again changes nothing. `title` says which it is."""
        self._entitle(title)
        if log is self._log:
            return
        self._log = log
        self._stop_search()
        if self._prompt.display:
            self._close_input()
        self._rows.empty = self._why_empty()
        self._rows.show(log)
        self._tell()

    def grew(self) -> None:
        """The log is not as it was: take it in. Cheap; at most some 20 times a second."""
        if self._search is not None:
            self._search.more()
        self._further()

    def on_resize(self) -> None:
        """How much the border says depends on its width; a hidden one has none."""
        self._tell()

    def on_unmount(self) -> None:
        if self._search is not None:
            self._search.stop()

    def focus(self, scroll_visible: bool = True) -> Self:
        self._rows.focus(scroll_visible)
        return self

    @property
    def rows(self) -> LogRows:
        return self._rows

    @property
    def follow(self) -> bool:
        """Whether the newest row is kept in sight."""
        return self._rows.follow

    # --- moving and copying ---

    def action_move(self, rows: int) -> None:
        self._rows.move(rows)

    def action_page(self, pages: float) -> None:
        self._rows.turn(pages)

    def action_shift(self, columns: int) -> None:
        self._rows.shift(columns)

    def action_top(self) -> None:
        self._rows.top()

    def action_bottom(self) -> None:
        self._rows.follow = True

    def action_follow(self) -> None:
        self._rows.follow = not self._rows.follow

    def action_mark(self) -> None:
        self._rows.mark()

    def action_copy(self) -> None:
        text, left_out = self._rows.chosen_text()
        if text:
            copied = counted(text.count("\n") + 1, "line")
            self.post_message(CopyText(text, f"the first {copied} of the selection" if left_out else copied))

    # --- find and filter ---

    def action_ask(self) -> None:
        """Open the line that takes the text."""
        self._before = (self._rows.place, self._rows.follow)
        self._sign.update("&" if self._narrowed else "/")
        self._prompt.display = True
        # At once, as `Widget.focus` would not: what is typed next belongs here already.
        self.screen.set_focus(self._input, scroll_visible=False)

    def action_narrow(self) -> None:
        if self._search is None:
            self._narrowed = True
            self.action_ask()
        else:
            self._narrowed = not self._narrowed
            self._rows.look_for(self._search.matches, self._narrowed)
            self._tell()

    def action_clear(self) -> None:
        if self._prompt.display:
            self._stop_search()
            self._close_input()
            self._rows.go_to(self._before[0])
            self._rows.follow = self._before[1]
        elif self._rows.marked is not None:
            self._rows.marked = None
        elif self._search is not None:
            self._stop_search()
        else:
            raise SkipAction
        self._tell()

    def action_next_match(self, step: int) -> None:
        if self._search is None:
            raise SkipAction
        at, known = self._rows.place, self._search.matches
        index = bisect_right(known.rows, at) if step > 0 else bisect_left(known.rows, at) - 1
        if 0 <= index < len(known.rows) and (step > 0 or at <= known.searched):
            self._rows.go_to(known.rows[index])
        elif not known.up_to_date or known.full:
            self._search.seek(at + step, step > 0)
        elif known.rows:
            self._rows.go_to(known.rows[0 if step > 0 else -1])

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING_S, self._look_for_typed)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._look_for_typed()
        self._close_input()

    def _look_for_typed(self) -> None:
        needle = Needle.parse(self._input.value)
        if needle == (self._search.matches.needle if self._search else None):
            return
        narrowed = self._narrowed
        self._stop_search()
        if needle is not None and self._log is not None:
            self._narrowed = narrowed
            self._search = Search(Matches(self._log, needle), self._rows.go_to, self._further)
            self._rows.look_for(self._search.matches, narrowed)
            self._search.begin(None if narrowed else self._before[0])
        self._tell()

    def _close_input(self) -> None:
        if self._search is None:
            self._input.value = ""
            self._narrowed = False
        # First the focus: a widget that is hidden while it has the focus takes it away from all.
        if self._input.has_focus:
            self.screen.set_focus(self._rows, scroll_visible=False)
        self._prompt.display = False

    def _stop_search(self) -> None:
        if self._search is not None:
            self._search.stop()
        self._search, self._narrowed = None, False
        self._rows.look_for(None, False)

    def _further(self) -> None:
        """The log or the search has come further."""
        self._rows.empty = self._why_empty()
        self._rows.grew()
        if self._status_timer is None:
            self._status_timer = self.set_timer(_STATUS_S, self._tell)

    # --- the words in the border ---

    def _entitle(self, title: str) -> None:
        if title != self._named:
            self._named = title
            self.border_title = Content(self._dot.join(part for part in (self._title, one_line(title)) if part))

    def on_log_rows_moved(self, message: LogRows.Moved) -> None:
        message.stop()
        self._tell()

    def _why_empty(self) -> str:
        if self._log is None:
            return _EMPTY
        if self._search is not None and self._narrowed and self._log.line_count:
            return "No row has it." if self._search.matches.up_to_date else "Searching."
        return self._log.problem or _EMPTY

    def _tell(self) -> None:
        if self._status_timer is not None:
            self._status_timer.stop()
            self._status_timer = None
        self._rows.empty = self._why_empty()
        parts = self._status()
        while len(parts) > 1 and len(self._dot.join(parts)) > self.size.width - 4:
            del parts[0]
        words = self._dot.join(parts)
        if words != self._words:
            self._words = words
            self.border_subtitle = Content(words)

    def _status(self) -> list[str]:
        """What is worth knowing, the most important last."""
        log, rows = self._log, self._rows
        if log is None:
            return []
        parts = [f"{_short(log.line_count)} line{'' if log.line_count == 1 else 's'}"]
        if not log.complete:
            parts.append(f"read {log.scanned * 100 // log.size}%")
        if rows.scroll_offset.x:
            parts.append(f"column {rows.scroll_offset.x + 1}")
        if self._search is not None:
            parts.append(self._search_status(self._search.matches))
        if log.problem and log.line_count:
            parts.append("deleted" if log.missing else "unreadable")
        parts.append("FOLLOW" if rows.follow else f"+{_short(rows.unseen)} new" if rows.unseen else "")
        return [part for part in parts if part]

    def _search_status(self, matches: Matches) -> str:
        rows = matches.rows
        many = f"{_short(len(rows))}{'' if matches.up_to_date and not matches.full else '+'}"
        at = bisect_left(rows, self._rows.place)
        if not rows:
            many = "none" if matches.up_to_date else f"{matches.searched * 100 // max(matches.log.line_count, 1)}%"
        elif at < len(rows) and rows[at] == self._rows.place:
            many = f"{at + 1} of {many}"
        return f"{'&' if self._narrowed else '/'}{one_line(self._input.value, 20)} {many}"


def _short(number: int) -> str:
    """`999`, `12.4k`, `3.1M`, never rounded up."""
    for size, unit in ((1_000_000, "M"), (1000, "k")):
        if number >= size:
            return f"{number * 10 // size / 10:.1f}{unit}"
    return str(number)
