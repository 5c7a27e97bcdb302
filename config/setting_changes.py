"""Changes one setting in the user's or the project's file, under the rules that hold when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from config.errors import UsageError
from config.keys import COMMAND_LINE, SettingValue, as_text, parse_value, value_of
from config.loader import find_project_file, load_settings, project_file, repository_root
from config.paths import user_paths
from config.project_trust import may_be_set_by_project, refusal
from config.settings_file import set_in_file, unset_in_file

Where = Literal["user", "project"]
"""Whose file."""


def settings_file(where: Where, project: Path, env: Mapping[str, str]) -> Path:
    """The file that is read, or would be. Raises ConfigError or UsageError when the project's is a link."""
    if where == "user":
        return user_paths(env).user_settings
    if found := find_project_file(project):
        return found
    root = repository_root(project)
    target = project_file(root)
    if not target.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{target} is a link, which a project's settings may not be.", "Remove it.")
    return target


def checked(
    key: str, text: str, where: Where, project: Path, env: Mapping[str, str], origin: str = COMMAND_LINE
) -> SettingValue:
    """The value of `text`, if that file may set it; `origin` names where it was written, in messages.

    Raises UsageError saying what is allowed, ConfigError when settings cannot be read.
    """
    value = parse_value(key, text, origin)
    if where == "project":
        _check_project_may(key, value, settings_file(where, project, env).parent.parent, env)
    return value


def change_setting(
    key: str, text: str, where: Where, project: Path, env: Mapping[str, str], origin: str = COMMAND_LINE
) -> tuple[SettingValue, Path]:
    """The value that was written, and into which file. Raises as `checked`, ConfigError when it cannot be written."""
    value = checked(key, text, where, project, env, origin)
    target = settings_file(where, project, env)
    set_in_file(target, key, int(value) if isinstance(value, float) and value.is_integer() else value)
    return value, target


def reset_setting(key: str, where: Where, project: Path, env: Mapping[str, str]) -> Path | None:
    """Take a setting out of a file; the file, or None when it did not set it. Raises ConfigError or UsageError."""
    target = settings_file(where, project, env)
    return target if unset_in_file(target, key) else None


def public(value: SettingValue) -> SettingValue:
    """The value without the password that an address may carry."""
    if isinstance(value, str) and "://" in value:
        parts = urlsplit(value)
        if parts.password or parts.username:
            return urlunsplit(parts._replace(netloc=f"***@{parts.netloc.rpartition('@')[2]}"))
    return value


def _check_project_may(key: str, value: SettingValue, root: Path, env: Mapping[str, str]) -> None:
    """Refuse to write what would be ignored when read. Raises UsageError."""
    current = value_of(load_settings(None, env, {}).settings, key)
    why = refusal(key, value, current, root) if may_be_set_by_project(key) else "only you may set it"
    if why:
        shown = as_text(public(value)) or '""'
        raise UsageError(
            f"A project's file may not set {key} to {shown}: {why}.",
            f"Set it in your own file: nexus config set {key} {shown}",
        )
