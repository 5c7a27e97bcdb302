"""What the run screen shows before there is a run: what to type, what to open, what this machine lacks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from config.errors import NexusError
from core.text.display import age, one_line
from screens.actions import bindings
from screens.base import Host
from screens.cells import fit
from screens.intents import OpenRun
from screens.ports import Checked
from screens.standing import COLOURS, standing

if TYPE_CHECKING:
    from core.run.run_list import RunFilter, RunLine

EXAMPLES = (
    "Add a --version flag, with a test.",
    "An empty input file crashes: print a clear sentence.",
    "Add tests for the functions that have none.",
)
_RUNS = 5
_LATER_S = 0.2
"""Looking around takes the processor, which the first picture needs."""
_NOT_OVER: tuple[RunFilter, ...] = ("live", "interrupted")


class EmptyState(OptionList):
    """Examples and runs can be chosen; everything else is to read."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("start")
    DEFAULT_CSS = """
    EmptyState {
        height: 1fr;
        border: none;
        padding: 1 2;
        background: $background;
        scrollbar-size: 0 1;
        &:focus { border: none; background-tint: transparent; }
        & > .option-list--option-disabled { color: $text; }
        & > .option-list--option-highlighted { background: transparent; color: $text; text-style: none; }
        &:focus > .option-list--option-highlighted { background: $primary 25%; text-style: bold; }
        &:ansi:focus > .option-list--option-highlighted { background: ansi_default; text-style: reverse; }
    }
    """

    class ExampleChosen(Message):
        def __init__(self, request: str) -> None:
            super().__init__()
            self.request = request

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id, markup=False)
        self._missing: Sequence[Checked] | None = None
        self._runs: Sequence[RunLine] = ()
        self._trouble = ""
        self._seen = False

    def on_mount(self) -> None:
        self._fill()
        self.call_after_refresh(self.set_timer, _LATER_S, self._first_look)

    def _first_look(self) -> None:
        self._seen = True
        self.look_around()

    def look_around(self) -> None:
        """Read again what runs there are and what the machine lacks."""
        if not self._seen:
            return
        self._read_runs()
        if self._missing is None:
            self._examine()

    @work(exclusive=True, group="start-runs")
    async def _read_runs(self) -> None:
        services = cast(Host, self.app).services
        folder = str(services.project.folder)
        found: list[RunLine] = []
        try:
            for status in _NOT_OVER:
                found += (await services.runs.page("", status, folder, 0, _RUNS)).lines
        except NexusError as error:
            self._trouble = str(error)
        self._runs = found[:_RUNS]
        self._fill()

    @work(exclusive=True, group="start-doctor")
    async def _examine(self) -> None:
        try:
            self._missing = await cast(Host, self.app).services.doctor.missing()
        except NexusError as error:
            self._trouble = str(error)
        self._fill()

    # --- what it says ---

    def _fill(self) -> None:
        at = self.highlighted
        self.set_options([*self._head(), *self._examples(), *self._open_runs(), *self._machine(), *self._keys()])
        self.highlighted = at if at is not None else len(self._head()) + 1

    def _head(self) -> list[Option]:
        folder = one_line(str(cast(Host, self.app).services.project.folder))
        how = (
            "Nexus plans it, writes it, runs its tests in a sandbox and repairs what fails. "
            "You see the change and its evidence before a file of yours is touched."
        )
        return [
            _text(
                Content.assemble(("Say what should change", "bold $text-primary"), (f"  in {folder}", "$text-muted"))
            ),
            _text(Content(how)),
            _text(Content()),
        ]

    def _examples(self) -> list[Option]:
        here = cast(Host, self.app).glyphs.arrow
        options = [_text(Content.styled("Try one of these: Enter puts it into the request", "$text-muted"))]
        options += [Option(f"{here} {text}", id=f"example-{at}") for at, text in enumerate(EXAMPLES)]
        return options

    def _open_runs(self) -> list[Option]:
        if not self._runs:
            return []
        glyphs = cast(Host, self.app).glyphs
        options = [_text(Content()), _text(Content.styled("Runs that are not over", "$text-muted"))]
        for line in self._runs:
            stands = standing(line.status, line.verdict)
            when = age(max(time.time() - line.updated_at, 0))
            options.append(
                Option(
                    Content.assemble(
                        (f"{stands.sign(glyphs)} {stands.word:16}", COLOURS[stands.tone]),
                        (f"{when:>7}  ", "$text-muted"),
                        fit(line.request, max(self.size.width - 32, 20), glyphs),
                    ),
                    id=f"run-{line.id}",
                )
            )
        return options

    def _machine(self) -> list[Option]:
        glyphs = cast(Host, self.app).glyphs
        options = [_text(Content()), _text(Content.styled("This machine", "$text-muted"))]
        if self._trouble:
            options.append(_text(Content.styled(f"{glyphs.bad} {one_line(self._trouble)}", COLOURS["bad"])))
        if self._missing is None:
            if not self._trouble:
                options.append(_text(Content.styled("being looked at", "$text-disabled")))
        elif not self._missing:
            options.append(_text(Content.assemble((f"{glyphs.ok} ", COLOURS["good"]), "has what it takes")))
        for one in self._missing or ():
            sign, colour = (glyphs.bad, COLOURS["bad"]) if one.status == "fail" else (glyphs.warn, COLOURS["warn"])
            options.append(
                _text(
                    Content.assemble(
                        (f"{sign} {one_line(one.id)}: ", colour),
                        one_line(one.summary),
                        (f"  {one_line(one.remedy)}", "$text-muted"),
                    )
                )
            )
        return options

    def _keys(self) -> list[Option]:
        dot = cast(Host, self.app).glyphs.dot
        keys = ["i request", "d demonstration", "f3 history", "f4 doctor", "f5 settings", "? all keys", "q leave"]
        return [_text(Content()), _text(Content.styled(f" {dot} ".join(keys), "$text-muted"))]

    # --- choosing ---

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        kind, _, rest = (event.option.id or "").partition("-")
        if kind == "example":
            self.post_message(self.ExampleChosen(EXAMPLES[int(rest)]))
        elif kind == "run":
            self.post_message(OpenRun(rest))


def _text(words: Content) -> Option:
    return Option(words, disabled=True)
