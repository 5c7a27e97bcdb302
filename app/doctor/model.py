"""What a check is, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from config.errors import NexusError
from config.loader import LoadedSettings, load_settings
from config.paths import Paths, user_paths
from config.settings import Settings

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `remedy` says how to mend it, or what is done about it."""

    status: Status
    summary: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A finding with the name of its check and the time it took."""

    id: str
    status: Status
    summary: str
    remedy: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What checks look at."""

    project: Path
    env: Mapping[str, str]
    paths: Paths
    settings: Settings
    """Those in force; the defaults when they cannot be loaded."""
    loaded: LoadedSettings | NexusError


@dataclass(frozen=True, slots=True)
class Check:
    """A question with a deadline in seconds. It may raise; that is reported as a failure of the check."""

    id: str
    ask: Callable[[Machine], Finding]
    deadline_s: float = 10


def ok(summary: str) -> Finding:
    return Finding("ok", summary)


def warn(summary: str, remedy: str) -> Finding:
    return Finding("warn", summary, remedy)


def fail(summary: str, remedy: str) -> Finding:
    return Finding("fail", summary, remedy)


def failed_with(error: NexusError) -> Finding:
    return fail(error.message, error.remedy)


def this_machine(project: Path, env: Mapping[str, str]) -> Machine:
    loaded: LoadedSettings | NexusError
    try:
        loaded = load_settings(project, env, {})
        settings = loaded.settings
    except NexusError as error:
        loaded, settings = error, Settings()
    return Machine(project, env, user_paths(env), settings, loaded)
