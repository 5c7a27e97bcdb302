"""Joins the layers of settings, each over the one before, and remembers where every value came from.

schema defaults < packaged limits.yaml < the user's file < the project's `.nexus/config.yaml` < NEXUS_SECTION__KEY in
the environment < the command line. The project's file may tighten, not loosen (`config.project_trust`).
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from config.errors import ConfigError
from config.keys import COMMAND_LINE, ENV_PREFIX, SettingValue, all_keys, build_settings, parse_value
from config.paths import user_paths
from config.project_trust import refusal
from config.settings import Settings
from config.settings_file import Entry, read_settings_file

PACKAGED_LIMITS = Path(__file__).parent / "limits.yaml"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, and for every dotted key the place its value came from (`default`, `file:line`, a variable, …)."""

    settings: Settings
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = field(default=())
    """What was ignored, one sentence each."""


def load_settings(project: Path | None, env: Mapping[str, str], overrides: Mapping[str, str]) -> LoadedSettings:
    """Settings for work in `project` (None: no project file), with `overrides` (dotted key to text) on top.

    Raises ConfigError naming file, line, key and what is allowed; UsageError for a mistake in `overrides`.
    """
    values = packaged_defaults()
    origins = dict.fromkeys(values, DEFAULT) | {entry.key: entry.origin for entry in _packaged()}
    warnings: list[str] = []

    def lay(entries: Iterable[Entry], guard: Path | None = None) -> None:
        for entry in entries:
            value = parse_value(entry.key, entry.text, entry.origin)
            if guard is not None and (why := refusal(entry.key, value, values[entry.key], guard)):
                warnings.append(
                    f"{entry.origin}: {entry.key} was ignored: {why}. "
                    f"To allow it: nexus config set {entry.key} {entry.text!r}"
                )
                continue
            if guard is not None and entry.key == "sandbox.python":
                value = str(guard / str(value))
            values[entry.key] = value
            origins[entry.key] = entry.origin

    lay(read_settings_file(user_paths(env).user_settings))
    if project is not None and (found := find_project_file(project)):
        root = found.parent.parent
        lay(read_settings_file(found), guard=root)
    lay(_environment(env))
    lay(Entry(key, text, COMMAND_LINE) for key, text in overrides.items())
    return LoadedSettings(build_settings(values), origins, tuple(warnings))


def packaged_defaults() -> dict[str, SettingValue]:
    """Every setting as it is when nobody sets anything."""
    values = {name: key.default for name, key in all_keys().items()}
    return values | {entry.key: parse_value(entry.key, entry.text, entry.origin) for entry in _packaged()}


def project_file(root: Path) -> Path:
    """Where the settings of a project live."""
    return root / ".nexus" / "config.yaml"


def find_project_file(project: Path) -> Path | None:
    """The nearest settings file from `project` up to the root of its repository.

    Raises ConfigError for one that leads out of its own project through a link.
    """
    for folder in _up_to_repository(project.absolute()):
        candidate = project_file(folder)
        try:
            mode = candidate.lstat().st_mode
        except OSError:
            continue
        if stat.S_ISLNK(mode) or not candidate.resolve().is_relative_to(folder.resolve()):
            raise ConfigError(f"{candidate} is a link, which a project's settings may not be.", "Remove it.")
        return candidate
    return None


def repository_root(project: Path) -> Path:
    """The top folder of the git repository around `project`, or `project` itself."""
    return _up_to_repository(project.absolute())[-1]


def _up_to_repository(project: Path) -> list[Path]:
    folders = [project, *project.parents]
    for place, folder in enumerate(folders):
        if (folder / ".git").exists():
            return folders[: place + 1]
    return folders[:1]


@cache
def _packaged() -> tuple[Entry, ...]:
    return tuple(Entry(entry.key, entry.text, "limits.yaml") for entry in read_settings_file(PACKAGED_LIMITS))


def _environment(env: Mapping[str, str]) -> list[Entry]:
    """`NEXUS_SECTION__KEY` variables; an empty one is not set."""
    found = []
    for name in sorted(env):
        if name.startswith(ENV_PREFIX) and "__" in name and env[name]:
            dotted = name.removeprefix(ENV_PREFIX).lower().replace("__", ".", 1)
            found.append(Entry(dotted, env[name], name))
    return found
