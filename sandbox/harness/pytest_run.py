"""Runs pytest under the project's protected configuration and no other, with the reporter and the guard in place."""

from __future__ import annotations

import configparser
import importlib
import importlib.metadata
import os
import shlex
import sys
import tomllib
from collections.abc import Iterable, Mapping

import pytest
from _pytest import config as pytest_config

from . import honest, layout, sources
from .frames import FrameWriter
from .guard import Guard
from .reporter import Reporter, watch_unittest_skips

_INI_SECTIONS = (
    ("pytest.toml", "pytest"),
    (".pytest.toml", "pytest"),
    ("pytest.ini", "pytest"),
    (".pytest.ini", "pytest"),
    ("pyproject.toml", "tool.pytest"),
    ("tox.ini", "pytest"),
    ("setup.cfg", "tool:pytest"),
)
_KEPT_OPTIONS = ("--import-mode", "--ignore", "--ignore-glob", "--deselect", "--doctest-modules", "--pyargs")


def run(config: Mapping[str, object], writer: FrameWriter) -> int:
    """Collect and run the selected tests; every result goes through `writer`."""
    for name in pytest_config.default_plugins:
        importlib.import_module(f"_pytest.{name}")
    protected = [str(path) for path in _list(config["protected"])]
    honest.install(protected)
    watch_unittest_skips()
    guard = Guard(protected)
    sources.open_import_path()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    ini = _protected_ini(protected)
    arguments = [
        *("-p", "no:cacheprovider", "--capture=no", "--tb=short", "--color=no", f"--rootdir={layout.WORK}"),
        "--continue-on-collection-errors",
        *("-c", ini or os.devnull, "-o", "addopts=", "-o", "required_plugins=", "-o", "cache_dir=/tmp/none"),
        *(part for name in _site_plugins() for part in ("-p", name)),
        *_kept_options(ini),
        *(str(name) for name in _list(config["select"])),
    ]
    canaries = {str(name): str(text) for name, text in _mapping(config["canaries"]).items()}
    reporter = Reporter(writer, guard, canaries, protected)
    status = int(pytest.main(arguments, plugins=[reporter]))
    sys.stdout.flush()
    # 0, 1 and 5 say how the tests went, which the rows say better; others say that pytest itself went wrong.
    return 0 if status in (0, 1, 5) else status


def _protected_ini(protected: Iterable[str]) -> str:
    """The one configuration file that counts: the first protected one, at the root, that speaks of pytest."""
    known = set(protected)
    for name, section in _INI_SECTIONS:
        path = f"{layout.WORK}/{name}"
        if path in known and _section(path, section) is not None:
            return path
    return ""


def _section(path: str, section: str) -> Mapping[str, object] | None:
    """The named section of an ini or TOML file, or None."""
    try:
        if path.endswith(".toml"):
            with open(path, "rb") as file:  # noqa: PTH123
                table: object = tomllib.load(file)
            for key in section.split("."):
                table = table.get(key) if isinstance(table, dict) else None
            if isinstance(table, dict) and isinstance(table.get("ini_options"), dict):
                return _mapping(table["ini_options"])
            return _mapping(table) if isinstance(table, dict) else None
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(path, encoding="utf-8")
        if path.endswith("pytest.ini") and not parser.has_section(section):
            return {}
        return dict(parser[section]) if parser.has_section(section) else None
    except (OSError, ValueError, configparser.Error):
        return None


def _kept_options(ini: str) -> list[str]:
    """Options of `addopts` that say which files are tests; the others ask for plugins the box may not have."""
    section = next((_section(ini, name) for file, name in _INI_SECTIONS if ini == f"{layout.WORK}/{file}"), None)
    raw = (section or {}).get("addopts", "")
    words = [str(word) for word in raw] if isinstance(raw, list) else shlex.split(str(raw))
    kept: list[str] = []
    for index, word in enumerate(words):
        name, equals, _ = word.partition("=")
        if name not in _KEPT_OPTIONS:
            continue
        kept.append(word)
        if not equals and name not in ("--doctest-modules", "--pyargs") and index + 1 < len(words):
            kept.append(words[index + 1])
    return kept


def _site_plugins() -> list[str]:
    """pytest plugins of the project's own packages; files of the code under test cannot announce any."""
    names: set[str] = set()
    if os.path.isdir(layout.SITE):  # noqa: PTH112
        for distribution in importlib.metadata.distributions(path=[layout.SITE]):
            names.update(entry.value for entry in distribution.entry_points if entry.group == "pytest11")
    return sorted(names)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
