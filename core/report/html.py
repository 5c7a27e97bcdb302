"""The report as one HTML page: no script, nothing loaded from elsewhere, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from core.report import words
from core.report.markdown import verdict_word
from core.report.model import Report
from core.text.redaction import strip_escapes

if TYPE_CHECKING:
    from jinja2 import Template

_MOST_DIFF_LINES = 5000
_CLASSES = {"+": "add", "-": "del"}
_TONES = {"verified": "good", "conflict": "warn", "cancelled": "warn", "": "warn"}


def to_html(report: Report) -> str:
    """The whole report; light and dark, for screens of any width and for paper."""
    lines = report.diff.splitlines()
    page = _template().render(
        report=report,
        tone=_TONES.get(report.verdict, "bad"),
        diff=list(_classed(lines[:_MOST_DIFF_LINES])),
        diff_rest=max(0, len(lines) - _MOST_DIFF_LINES),
        widest_ms=max((line.duration_ms or 0 for line in report.phases), default=0),
    )
    return strip_escapes(page)


def _classed(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each line of a diff with its CSS class; before the first `@@` of a file all is header."""
    in_hunk = False
    for line in lines:
        if line.startswith(("diff --git ", "@@")):
            in_hunk = line.startswith("@@")
        yield ("hunk" if line.startswith("@@") else _CLASSES.get(line[:1], "") if in_hunk else "file"), line


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("core", "report"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        usd=words.usd,
        duration=words.duration,
        count=words.count,
        when=words.when,
        yes_no=words.yes_no,
        verdict_word=verdict_word,
    )
    environment.globals.update(no_data=words.NO_DATA, mutation=words.mutation)
    return environment.get_template("report.html.j2")
