"""The change of a run, to be read and decided on: its files, the diff, and the evidence beside it."""

from __future__ import annotations

import asyncio
import re
from pathlib import PurePosixPath
from typing import Literal

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from config.errors import NexusError
from core import events as ev
from core.report.build import build_report
from core.report.model import Report
from core.run.proposal import Proposal
from core.run.runs import RunRow
from core.state import RunState, fold
from core.text.counting import counted
from core.text.display import one_line, printable
from screens.actions import bindings
from screens.base import NexusScreen
from screens.glyphs import ASCII
from screens.intents import CopyText, Decide, ViewText
from screens.modals.comment import CommentModal
from screens.news import RunMoved, RunsChanged
from screens.widgets.diff_evidence import Evidence, grounds, in_short
from screens.widgets.diff_files import DiffFiles
from screens.widgets.diff_standing import Standing, Tone, question_of, standing, words_for
from screens.widgets.diff_view import DiffView
from screens.widgets.key_bar import KeyBar

_TELLING = (
    ev.EditsApplied,
    ev.FindingsReported,
    ev.VerdictReached,
    ev.ApprovalRequested,
    ev.ApprovalDecided,
    ev.DeliveryChanged,
    ev.RunResumed,
    ev.RunPaused,
    ev.RunFinished,
)
"""Events after which the change, or where it stands, may be another."""
_UNSAFE_IN_NAMES = re.compile(r"[^\w.+-]", re.ASCII)


class ReviewScreen(NexusScreen):
    """Pushed over the screen one comes from; `esc` goes back there. A run that asks for nothing is read-only."""

    CSS_PATH = "review_screen.tcss"
    BINDINGS = bindings("review")
    scope = "review"
    hint = (
        "Read what the run changed before it comes to your files. Nothing of yours is touched until you approve. "
        "Leave files out by taking their marks away: the rest is verified again on its own."
    )

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id
        self._asked: ev.ApprovalRequested | None = None
        """The question that can be answered here; None makes the screen read-only."""
        self._answered_elsewhere = ""
        self._from_end = False
        self._seen: tuple[str, str] = ("", "")

    def compose(self) -> ComposeResult:
        plain = self.glyphs is ASCII
        yield Static("", id="review-head", markup=False)
        yield Static("", id="review-standing", markup=False)
        yield Static("", id="review-short", markup=False)
        with Horizontal(id="review-body"):
            with Vertical(id="review-side"):
                yield DiffFiles(ascii_only=plain, id="files")
                yield Evidence(id="evidence")
            with Vertical(id="review-main"):
                yield DiffView(label="[2] ", ascii_only=plain, id="diff")
                yield Static("", id="review-empty", markup=False)
        yield KeyBar()
        yield from self.compose_too_small()

    def on_mount(self) -> None:
        self._files.border_title = Content("[1] Files")
        self.query_one(Evidence).border_title = Content("[3] Evidence")
        self._diff.focus()
        self._read()

    @property
    def _files(self) -> DiffFiles:
        return self.query_one(DiffFiles)

    @property
    def _diff(self) -> DiffView:
        return self.query_one(DiffView)

    # --- what is shown ---

    @work(exclusive=True)
    async def _read(self) -> None:
        """Read run, log and change anew. The log first: what it asks is then about a change at least as new."""
        runs = self.services.runs
        try:
            row, events = await runs.row(self.run_id), await runs.events(self.run_id)
        except NexusError as error:
            self._say_empty(str(error))
            return
        state, report = await asyncio.to_thread(lambda: (fold(events), build_report(row, events)))
        try:
            proposal, problem = await runs.proposal(self.run_id), ""
        except NexusError as error:
            proposal, problem = None, str(error)
        self._show(row, state, report, proposal, problem)

    def _show(self, row: RunRow, state: RunState, report: Report, proposal: Proposal | None, problem: str) -> None:
        asked = question_of(row, state) if proposal is not None and proposal.files else None
        if asked is None or self._asked is None or asked.approval != self._asked.approval:
            self._answered_elsewhere = self._answered_elsewhere if asked is None else ""
        self._asked = asked
        self._files.markable = asked is not None
        head = Content.assemble((" Review ", "bold $primary"), f"{row.id}  ", (one_line(row.request), "$text-muted"))
        self.query_one("#review-head", Static).update(head, layout=False)
        self._say_standing(standing(row, state, proposal))
        found = grounds(report, proven=asked is not None or report.verdict in ("verified", "conflict"))
        short = Content.assemble("[3] ", in_short(found, self.glyphs))
        self.query_one("#review-short", Static).update(short, layout=False)
        self.query_one(Evidence).show(found, self.glyphs)
        self._files.show(proposal.files if proposal else ())
        if problem or proposal is None or not proposal.files:
            live = row.status in ("queued", "running", "paused", "waiting")
            self._say_empty(problem or f"This run has changed no file{' yet' if live else ''}.")
        else:
            self.remove_class("-empty")
        self._say_marks()
        self.refresh_bindings()

    def _say_standing(self, now: Standing) -> None:
        if self._answered_elsewhere and now.tone in ("waits", "works"):
            now = Standing("neutral", self._answered_elsewhere)
        glyphs = self.glyphs
        signs: dict[Tone, str] = {
            "waits": glyphs.wait, "works": glyphs.run, "good": glyphs.ok, "bad": glyphs.bad, "neutral": glyphs.skip,
        }  # fmt: skip
        line = self.query_one("#review-standing", Static)
        line.update(f"{signs[now.tone]} {printable(now.text)}")
        for tone in signs:
            line.set_class(tone == now.tone, f"-{tone}")

    def _say_empty(self, text: str) -> None:
        self.add_class("-empty")
        self._diff.show(None)
        self.query_one("#review-empty", Static).update(printable(text))

    def _say_marks(self) -> None:
        """Title and foot of the list: how many files, and what approving would do."""
        files = self._files
        marked, total = len(files.marked), len(files.files)
        files.border_title = Content(f"[1] Files {total}" if total else "[1] Files")
        if not files.markable:
            files.border_subtitle = None
        elif marked == total:
            files.border_subtitle = Content(f"a approves {'it' if total == 1 else f'all {total}'}")
        else:
            files.border_subtitle = Content(f"a approves {marked} of {total}" if marked else "none marked")

    def on_run_moved(self, message: RunMoved) -> None:
        view = message.view
        if view is None or view.row.id != self.run_id:
            return
        for event in message.news.events:
            if (
                isinstance(event.body, ev.ApprovalDecided)
                and self._asked
                and event.body.approval == self._asked.approval
            ):
                self._lock(words_for(event.body))
        seen = (view.row.status, view.delivered)
        if seen != self._seen or any(isinstance(event.body, _TELLING) for event in message.news.events):
            self._seen = seen
            self._read()

    def on_runs_changed(self, _: RunsChanged) -> None:
        self._read()

    def _lock(self, why: str) -> None:
        """The question is answered: nothing can be decided here any more."""
        self._asked = None
        self._answered_elsewhere = why
        self._files.markable = False
        self._say_standing(Standing("works", why))
        self._say_marks()
        self.refresh_bindings()

    # --- moving ---

    def on_diff_files_chosen(self, message: DiffFiles.Chosen) -> None:
        at_end, self._from_end = self._from_end, False
        if message.file != self._diff.file:
            self._diff.show(message.file, at_end)

    def on_diff_files_opened(self) -> None:
        self.action_focus_panel("diff")

    def on_diff_files_marked(self) -> None:
        self._say_marks()

    def on_diff_view_end_reached(self, message: DiffView.EndReached) -> None:
        self._from_end = message.step < 0
        if not self._files.move(message.step):
            self._from_end = False

    def action_step(self, step: Literal[1, -1]) -> None:
        self._diff.step(step)

    def action_focus_panel(self, name: Literal["files", "diff", "evidence"]) -> None:
        self.remove_class("-zoomed")
        # Where there is no room for both, evidence and diff take turns.
        self.set_class(name == "evidence", "-evidence")
        # At once, here and below: the next key may have been typed already.
        self.set_focus(self.query_one(f"#{name}"))

    def action_zoom(self) -> None:
        self.toggle_class("-zoomed")
        self.remove_class("-evidence")
        self.set_focus(self._diff)

    def action_split(self) -> None:
        self._diff.split = not self._diff.split

    def action_back(self) -> None:
        self.dismiss()

    # --- deciding ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("approve", "reject", "mark", "mark_all"):
            return self._asked is not None
        return True

    def action_mark(self) -> None:
        self._files.toggle()

    def action_mark_all(self) -> None:
        self._files.toggle_all()

    def action_approve(self) -> None:
        marked, total = self._files.marked, len(self._files.files)
        if not marked:
            self.notify("No file is marked. Space marks one; r sends the change back.", severity="warning")
            return
        if len(marked) == total:
            self._decide(True, f"Approved: {counted(total, 'file')}.")
        else:
            self._decide(
                True, f"Approved {len(marked)} of {total} files; they are verified on their own.", files=marked
            )

    def action_reject(self) -> None:
        asked = self._asked

        def send(comment: str | None) -> None:
            if comment is None:
                return
            if self._asked is not asked or asked is None:
                self.notify("The question was answered meanwhile; your comment was not sent.", severity="warning")
                return
            self._decide(False, "Sent back with your comment.", comment=comment)

        self.app.push_screen(CommentModal("Send the change back", "What should be different?"), send)

    def _decide(self, approved: bool, said: str, comment: str = "", files: tuple[str, ...] = ()) -> None:
        assert self._asked is not None
        self.app.post_message(Decide(self.run_id, self._asked.approval, approved, comment, files))
        self.notify(said, markup=False)
        self.dismiss()

    # --- taking along ---

    def action_edit(self) -> None:
        file = self._files.current
        side = (file.after or file.before) if file else None
        if file is None or side is None:
            self.notify("There is no file to open.", severity="warning")
        elif side.hidden:
            self.notify(f"This file is {side.hidden}: it cannot be opened as text.", severity="warning")
        else:
            name = _UNSAFE_IN_NAMES.sub("_", PurePosixPath(file.path).name)
            self.app.post_message(ViewText(side.text, name))

    def action_copy(self) -> None:
        self.app.post_message(CopyText(self._diff.hunk_text, "hunk"))
