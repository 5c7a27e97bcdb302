"""Files of an attempt that Python or pytest reads without being asked, and that could decide what tests report."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from core.checks.findings import Finding, Severity
from core.checks.source_lines import dotted, parse_python

_STARTUP_FILES = frozenset({"sitecustomize.py", "usercustomize.py"})
_SHADOWED = frozenset({"pytest", "_pytest", "unittest", "pluggy", "hypothesis", "builtins"})
_RUNNER_FILES = frozenset({"pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"})
_SELECTING = frozenset(
    {"addopts", "python_files", "python_classes", "python_functions", "norecursedirs", "collect_ignore"}
    | {"collect_ignore_glob", "filterwarnings", "required_plugins", "testpaths", "usefixtures"}
)
"""Options that decide which tests run and what fails them."""
_HARMLESS_FLAGS = re.compile(r"-(q|v+|ra?|rA|s)|--strict(-markers|-config)?|--tb=\w+|--color=\w+|--durations=\d+")


def find_planted(base: Mapping[str, bytes], candidate: Mapping[str, bytes]) -> Iterator[Finding]:
    """New or changed files that Python or pytest reads without being asked."""
    for path in sorted(path for path in candidate if candidate[path] != base.get(path)):
        name, parts = PurePosixPath(path).name, PurePosixPath(path).parts
        top = parts[0].removesuffix(".py")
        if name in _STARTUP_FILES or name.endswith(".pth"):
            yield _plant(path, f"{name} runs before any test.", "Delete it.")
        elif path not in base and top in _SHADOWED and name.endswith(".py"):
            yield _plant(path, f"{path} takes the place of the module `{top}`.", "Give it another name.")
        elif name == "conftest.py":
            yield from _conftest(path, base.get(path), candidate[path])
        elif name in _RUNNER_FILES:
            yield from _runner_options(path, base.get(path), candidate[path])


def _conftest(path: str, before: bytes | None, after: bytes) -> Iterator[Finding]:
    """Fixtures are welcome; hooks and automatic fixtures decide what every test reports."""
    known = set(_powers(before))
    for power, line in _powers(after).items():
        if power not in known:
            yield _plant(path, f"{power} in conftest.py can change what tests report.", "Use a plain fixture.", line)
    if before is None:
        yield _plant(path, "A new conftest.py was added.", "Keep it to plain fixtures.", severity="warning")


def _powers(source: bytes | None) -> dict[str, int]:
    """Hooks, automatic fixtures, plugins and patches of a conftest, with their lines."""
    tree, powers = parse_python(source), dict[str, int]()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("pytest_"):
                powers[f"The hook {node.name}"] = node.lineno
            if any("autouse=True" in ast.unparse(mark) for mark in node.decorator_list):
                powers[f"The automatic fixture {node.name}"] = node.lineno
        elif isinstance(node, ast.Assign):
            names = [dotted(target) for target in node.targets]
            if any(
                name == "pytest_plugins" or name.startswith(("pytest.", "builtins.", "unittest.")) for name in names
            ):
                powers[f"`{ast.unparse(node)}`"] = node.lineno
    return powers


def _runner_options(path: str, before: bytes | None, after: bytes) -> Iterator[Finding]:
    old, new = _options(path, before), _options(path, after)
    for key in sorted(_SELECTING & new.keys()):
        if new[key] == old.get(key):
            continue
        # A project that begins here may say where its tests are; narrowing an existing choice is another matter.
        if before is None and (key == "testpaths" or (key == "addopts" and _is_harmless(new[key]))):
            continue
        what = f"The pytest option {key} = {new[key]!r} decides which tests run or fail."
        yield _plant(path, what, f"Leave {key} as it was.")


def _is_harmless(flags: object) -> bool:
    words = flags.split() if isinstance(flags, str) else flags if isinstance(flags, list) else [""]
    return all(_HARMLESS_FLAGS.fullmatch(str(word)) for word in words)


def _options(path: str, source: bytes | None) -> dict[str, Any]:
    """The pytest options in a configuration file; none when it cannot be read."""
    if source is None:
        return {}
    text = source.decode("utf-8", "replace")
    if path.endswith(".toml"):
        try:
            section = tomllib.loads(text).get("tool", {}).get("pytest", {})
            return dict(section.get("ini_options", section))
        except (tomllib.TOMLDecodeError, AttributeError, ValueError, TypeError):
            return {}
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    names = [name for name in ("pytest", "tool:pytest") if parser.has_section(name)]
    return dict(parser.items(names[0])) if names else {}


def _plant(path: str, message: str, fix: str, line: int = 0, severity: Severity = "error") -> Finding:
    return Finding("anti_cheat.runner_changed", severity, path, line, message, fix, blocking=severity == "error")
