"""The settings a headless run works under."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.arguments import HeadlessArgs
from config.keys import COMMAND_LINE, all_keys, build_settings, parse_value, value_of
from config.loader import LoadedSettings, load_settings
from config.settings import Settings

_TASK_LIMIT = "limits.cost_limit_per_task"


def settings_for(args: HeadlessArgs, project: Path, env: Mapping[str, str]) -> LoadedSettings:
    """Settings of `project` with the flags on top. Raises ConfigError or UsageError."""
    loaded = load_settings(project, env, args.settings)
    if granted := _granted(args, loaded.settings):
        return load_settings(project, env, {**args.settings, **granted})
    return loaded


def with_overrides(stored: Settings, args: HeadlessArgs) -> Settings:
    """The settings a run began with, with the flags of its resumption on top. Raises UsageError."""
    values = {key: value_of(stored, key) for key in all_keys()}
    for key, text in {**args.settings, **_granted(args, stored)}.items():
        values[key] = parse_value(key, text, COMMAND_LINE)
    return build_settings(values)


def _granted(args: HeadlessArgs, settings: Settings) -> dict[str, str]:
    """Somebody who grants a run more than a task's usual limit grants it to the task.

    `--budget 2` would otherwise stop at the default of the task.
    """
    usual = settings.limits.cost_limit_per_task
    granted = args.budget_usd or 0.0
    return {_TASK_LIMIT: str(granted)} if granted > usual > 0 and _TASK_LIMIT not in args.settings else {}
