"""Puts a report beside the other artefacts of its run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from config.paths import make_private_dir
from core.events import Event
from core.report.build import build_report
from core.report.html import to_html
from core.report.markdown import to_markdown
from core.report.model import ReportExtras, RunFacts
from core.storage.blobs import write_private


def write_report(folder: Path, run: RunFacts, events: Iterable[Event], extras: ReportExtras | None = None) -> Path:
    """Write `report.md` and `report.html` into `folder`, whole or not at all; returns the HTML file."""
    report = build_report(run, events, extras)
    make_private_dir(folder)
    page = folder / "report.html"
    write_private(folder / "report.md", to_markdown(report).encode())
    write_private(page, to_html(report).encode())
    return page
