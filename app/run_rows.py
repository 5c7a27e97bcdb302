"""The row of a headless run: a new one, or that of an earlier run with what the command line changes about it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.arguments import HeadlessArgs
from app.project import project_folder
from app.run_settings import settings_for, with_overrides
from config.errors import UsageError
from config.keys import all_keys, value_of
from config.settings import ModelSettings, Settings
from core.ids import new_run_id
from core.run.runs import RunRow, change_run, create_run, find_run
from core.storage.store import Store


def started(
    store: Store,
    args: HeadlessArgs,
    warn: Callable[[str], None],
    recorded: Path | None = None,
    tokens_per_s: float = 0.0,
) -> RunRow:
    """A new run, queued; `warn` is told what is odd about the settings. Raises UsageError or ConfigError.

    `recorded`: a cassette whose answers are played, `tokens_per_s` fast (0: at once), instead of asking a provider.
    """
    task, delivery = args.task, _delivery(args)
    if args.demo:
        from evals.demo.layout import cassette, lay_out, request

        project, task = lay_out(Path(tempfile.mkdtemp(prefix="nexus-demo-"))), request()
        recorded, delivery = cassette(), delivery or "apply"
    else:
        project = project_folder(args.cwd)
    options: dict[str, Any] = {"delivery": delivery or "branch"}
    if recorded is not None:
        options |= {"cassette": str(recorded), "profile": "recorded answers", "tokens_per_s": tokens_per_s}
    if args.record:
        options["record"] = str(Path(args.record).absolute())
    loaded = settings_for(args, project, os.environ)
    for text in loaded.warnings:
        warn(text)
    options.setdefault("profile", _profile_name(loaded.settings.models))
    return create_run(store, new_run_id(datetime.now(UTC)), project, task, loaded.settings, options)


def resumed(store: Store, run_id: str, args: HeadlessArgs) -> tuple[RunRow, str]:
    """The row of a run whose lock is held, and in words what the flags change about it for the rest of its work.

    Raises UsageError for a run that has nothing left to do.
    """
    row = find_run(store, run_id)
    if row.status == "finished" and row.exit_code == 0:
        raise UsageError(
            f"Run {row.id} is finished and verified; there is nothing to resume.",
            f"`nexus show {row.id}` shows it; a new request starts a new run.",
        )
    before = Settings.model_validate(row.settings)
    after = with_overrides(before, args)
    options = dict(row.options)
    if delivery := _delivery(args):
        options["delivery"] = delivery
    if after.models != before.models:
        options["profile"] = _profile_name(after.models)
    if after == before and options == row.options:
        return row, ""
    change_run(store, row.id, after, options)
    changed = [key for key in all_keys() if value_of(after, key) != value_of(before, key)]
    return find_run(store, row.id), ", ".join(f"{key} is now {value_of(after, key)}" for key in changed)


def _delivery(args: HeadlessArgs) -> str:
    """How the flags say verified work is to be delivered, or empty."""
    return "apply" if args.yes else "ask" if args.ask else "branch" if args.branch else ""


def _profile_name(models: ModelSettings) -> str:
    return f"{models.profile} ({models.model})" if models.model else models.profile
