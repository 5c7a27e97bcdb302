"""The recorded run at the moment it asks for approval, with the change it made in a real workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.paths import Paths
from core.edits import EditPolicy, apply_edits, parse_edits
from core.events import ApprovalRequested, Event
from core.run.runs import claim
from core.storage.store import Store
from core.workspace import Workspace
from evals.demo.layout import lay_out
from tests.support.delivery import Run
from tests.support.journal import lay_down, read_journal

ANSWERS = ("implementer.0-0", "tester.0-0", "tester.0.integration-0", "implementer.1-0", "integrator-0")
"""The recorded answers that changed files, in their order."""
FILES = (
    "README.md",
    "tests/test_durations.py",
    "tests/test_total.py",
    "worklog/cli.py",
    "worklog/durations.py",
)
"""What the recorded run changes."""


def asks(event: Event) -> bool:
    return isinstance(event.body, ApprovalRequested)


@contextmanager
def proposed(
    store: Store,
    paths: Paths,
    folder: Path,
    run_id: str = "261123-0032-70570b",
    until: Callable[[Event], bool] | None = asks,
    status: str = "waiting",
) -> Iterator[Run]:
    """The run on the sample project below `folder`; while in use its lock is held, as by its engine."""
    project = lay_out(folder)
    row = lay_down(store, paths, run_id, until, status, project)
    workspace = Workspace.create(project, run_id, paths.cache)
    files = read_journal()["files"]
    for name in ANSWERS:
        apply_edits(workspace.root, parse_edits(files[f"model/{name}.md"]).edits, EditPolicy())
    lock = claim(paths, run_id)
    try:
        yield Run(store, row.id, workspace, paths.run_dir(run_id) / "delivery")
    finally:
        lock.release()
