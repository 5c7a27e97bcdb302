"""Writes what a run left to a file of the user's choice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from config.errors import UsageError
from config.paths import Paths
from core.run.runs import find_run
from core.storage.event_log import read_events
from core.storage.store import Store
from screens.modals.export import Kind

_ENDINGS: dict[Kind, str] = {
    "report.html": ".html",
    "report.md": ".md",
    "events.jsonl": ".events.jsonl",
    "diff": ".diff",
}


def export(store: Store, paths: Paths, run_id: str, kind: Kind, target: str) -> Path:
    """Write it and say where. `target` is a folder, or the file; one that is there already gets a neighbour. Blocks.

    Raises NexusError when there is nothing to write or no place for it.
    """
    place = Path(target).expanduser()
    data = _contents(store, paths, run_id, kind)
    try:
        if place.is_dir():
            place = place / f"nexus-{run_id}{_ENDINGS[kind]}"
        return _write_new(place, data)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{place} cannot be written ({reason}).", "Choose another folder.") from error


def _contents(store: Store, paths: Paths, run_id: str, kind: Kind) -> bytes:
    if kind == "diff":
        from core.run.proposal import read_patch

        return read_patch(store, paths, run_id)
    if kind == "events.jsonl":
        return "".join(json.dumps(event.to_dict()) + "\n" for event in read_events(store, run_id)).encode()
    return _report(store, paths, run_id, kind)


def _report(store: Store, paths: Paths, run_id: str, kind: Kind) -> bytes:
    """The one that was written when the run ended; before that, what there is to report now."""
    try:
        return (paths.run_dir(run_id) / kind).read_bytes()
    except OSError:
        from core.report import build_report, to_html, to_markdown

        report = build_report(find_run(store, run_id), read_events(store, run_id))
        return (to_html if kind == "report.html" else to_markdown)(report).encode()


def _write_new(place: Path, data: bytes) -> Path:
    for one in _names(place):
        try:
            with one.open("xb") as file:
                try:
                    file.write(data)
                    file.flush()
                except OSError:
                    one.unlink(missing_ok=True)
                    raise
            return one
        except FileExistsError:
            continue
    raise AssertionError("names do not end")


def _names(place: Path) -> Iterator[Path]:
    """`run.diff`, `run-2.diff`, `run-3.diff` and so on."""
    yield place
    for number in count(2):
        yield place.with_name(f"{place.stem}-{number}{place.suffix}")
