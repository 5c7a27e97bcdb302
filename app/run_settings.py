"""The settings a headless run works under."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.arguments import HeadlessArgs
from config.loader import LoadedSettings, load_settings

_TASK_LIMIT = "limits.cost_limit_per_task"


def settings_for(args: HeadlessArgs, project: Path, env: Mapping[str, str]) -> LoadedSettings:
    """Settings of `project` with the flags on top. Raises ConfigError or UsageError.

    Somebody who grants a run more than a task's usual limit grants it to the task: `--budget 2` would otherwise
    stop at the default of the task.
    """
    loaded = load_settings(project, env, args.settings)
    usual = loaded.settings.limits.cost_limit_per_task
    granted = args.budget_usd or 0.0
    if granted > usual > 0 and _TASK_LIMIT not in args.settings:
        return load_settings(project, env, {**args.settings, _TASK_LIMIT: str(granted)})
    return loaded
