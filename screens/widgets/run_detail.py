"""All about one run, beside the list: what was asked, how it ended, what it cost, what can be done next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from core.run.run_facts import facts
from core.text.counting import counted
from core.text.display import duration, printable, usd
from screens.cells import apart, fit_end, pad
from screens.glyphs import Glyphs
from screens.standing import COLOURS, standing

if TYPE_CHECKING:
    from core.run.run_list import RunDetail
    from core.state import PhaseState

_LABEL = 10
_KEY = 4
"""Cells of a label, and of a key."""
_LONGEST_TEXT = 20_000
_MOST_FILES = 50
_FACTS = ("project", "started", "took", "retries", "tests", "cost", "answers", "delivered", "rating")
_PHASE_SIGNS = {"done": "ok", "skipped": "skip", "failed": "bad", "running": "run", "interrupted": "warn"}


def detail_text(detail: RunDetail, keys: Mapping[str, str], width: int, glyphs: Glyphs) -> Content:
    """`keys`: what can be done with the run now, by action id, and the key that does it."""
    parts = [
        _head(detail, width, glyphs),
        _section("Asked", _wrapped(detail.row.request, width)),
        _section("Next", _next(detail, keys, width)),
        _section("Facts", _facts(detail, width)),
        _section("Phases", _phases(detail.state.phases, width, glyphs)),
        _section("Files", _files(detail.files, width, glyphs)),
    ]
    return Content("\n\n").join([Content("\n").join(lines) for lines in parts if lines])


def _head(detail: RunDetail, width: int, glyphs: Glyphs) -> list[Content]:
    row, delivered = detail.row, detail.delivery.state if detail.delivery else ""
    stands = standing(row.status, row.verdict, delivered)
    word = Content.styled(f"{stands.sign(glyphs)} {stands.word}", f"bold {COLOURS[stands.tone]}")
    lines = [apart(Content.styled(row.id, "bold"), word, width)]
    end = detail.state.finished
    if end is not None:
        lines += _wrapped(end.reason, width)
        lines += _wrapped(end.remedy, width, "$text-muted")
    return lines


def _next(detail: RunDetail, keys: Mapping[str, str], width: int) -> list[Content]:
    """Sentences with their keys; the other keys are in the footer."""
    offers = {
        "history.resume": "drives it on. Finished steps are taken from its journal and not paid again.",
        "history.undo": detail.undo,
    }
    if detail.state.approval is not None:
        offers = {"history.open": f"answers its question: {detail.state.approval.question}", **offers}
    lines: list[Content] = []
    for action, words in offers.items():
        if words and action in keys:
            lines += _hanging(keys[action], words, width, "bold $text-primary", max(_KEY, len(keys[action]) + 1))
    return lines


def _facts(detail: RunDetail, width: int) -> list[Content]:
    known = facts(detail.row, detail.state, detail.rating)
    lines = [line for name in _FACTS if known[name] for line in _hanging(name, known[name], width)]
    lines += _hanging("report", str(detail.report) if detail.report else "none", width)
    return lines


def _phases(phases: Mapping[str, PhaseState], width: int, glyphs: Glyphs) -> list[Content]:
    lines = []
    for name, phase in phases.items():
        sign = pad(getattr(glyphs, _PHASE_SIGNS.get(phase.status, "dot")), cell_len(glyphs.ok))
        again = f" time {phase.attempt + 1}" if phase.attempt else ""
        cost = f"{usd(phase.cost_micros)}  " if phase.cost_micros else ""
        took = "" if phase.status == "skipped" else f"{cost}{duration(phase.duration_ms)}"
        left = Content.assemble(f"{sign} {pad(name, 12)}", (f"{phase.status}{again}", "$text-muted"))
        lines.append(apart(left, Content.styled(took, "$text-muted"), width))
    return lines


def _files(files: Sequence[str], width: int, glyphs: Glyphs) -> list[Content]:
    lines = [Content(fit_end(path, width, glyphs)) for path in files[:_MOST_FILES]]
    if len(files) > _MOST_FILES:
        lines.append(Content.styled(f"and {counted(len(files) - _MOST_FILES, 'more file')}", "$text-muted"))
    return lines


def _section(title: str, lines: Sequence[Content]) -> list[Content]:
    return [Content.styled(title, "bold $text-muted"), *lines] if lines else []


def _wrapped(text: str, width: int, style: str = "") -> list[Content]:
    shown = printable(text[:_LONGEST_TEXT]).strip()
    if len(text) > _LONGEST_TEXT:
        shown += f" ({len(text) - _LONGEST_TEXT:,} more characters)"
    return Content.styled(shown, style).wrap(max(width, 1)) if shown else []


def _hanging(label: str, text: str, width: int, style: str = "$text-muted", indent: int = _LABEL) -> Iterator[Content]:
    """A label, and the text on as many lines as it needs beside it."""
    for at, line in enumerate(_wrapped(text, width - indent)):
        yield Content.assemble((pad("" if at else label, indent), style), line)
