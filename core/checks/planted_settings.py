"""Files of an attempt that Node, .NET or their test runners read without being asked."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from core.checks.findings import Finding
from sandbox.steering import steers

_READ_AS_CODE = frozenset({"conftest.py", "pytest.ini", ".pytest.ini", "sitecustomize.py", "usercustomize.py"})
"""Judged by what they hold, elsewhere."""
_SETTINGS = frozenset({"tsconfig.json", "jsconfig.json"})
"""They count only from the project, and say more than how to test."""
_RUNNER_KEYS = ("jest", "vitest", "mocha", "ava", "babel", "imports")
_HOOKS = ("preinstall", "install", "postinstall", "prepare", "pretest", "posttest")
_RUNNERS = frozenset({"vitest", "jest", "@jest/globals", "react", "react-dom"})
_BUILD_STEPS = re.compile(r"<\s*(UsingTask|Target|Exec|Import|Analyzer|IsTestProject|TreatWarningsAsErrors|NoWarn)\b")
_CHOICES = frozenset({"IsTestProject", "TreatWarningsAsErrors", "NoWarn"})
"""What a project that begins with the attempt may say of itself."""


def find_planted(base: Mapping[str, bytes], candidate: Mapping[str, bytes]) -> Iterator[Finding]:
    """New or changed files that steer builds and test runs, and such parts of project files."""
    for path in sorted(path for path in candidate if candidate[path] != base.get(path)):
        name = PurePosixPath(path).name
        if name == "package.json":
            yield from _manifest(path, base.get(path), candidate[path])
        elif name.endswith((".csproj", ".props", ".targets", ".sln")) and not steers(path):
            yield from _project(path, base.get(path), candidate[path])
        elif steers(path) and name not in _READ_AS_CODE | _SETTINGS:
            yield _plant(path, f"{name} steers how code is built or tests are run.", "Leave it as it was.")


def _manifest(path: str, before: bytes | None, after: bytes) -> Iterator[Finding]:
    old, new = _read(before), _read(after)
    for key in _RUNNER_KEYS:
        if key in new and new[key] != old.get(key):
            yield _plant(path, f"`{key}` in {path} decides how tests are found and run.", f"Leave {key} as it was.")
    scripts, known = _table(new, "scripts"), _table(old, "scripts")
    for hook in _HOOKS:
        if hook in scripts and scripts[hook] != known.get(hook):
            yield _plant(path, f"The script `{hook}` in {path} runs without being asked.", "Take it out.")
    if "test" in known and scripts.get("test") != known["test"]:
        yield _plant(path, f"The script `test` in {path} says how the project is tested.", "Leave it as it was.")
    if new.get("name") in _RUNNERS and new.get("name") != old.get("name"):
        yield _plant(path, f"{path} takes the name of the package `{new['name']}`.", "Give it another name.")


def _project(path: str, before: bytes | None, after: bytes) -> Iterator[Finding]:
    """Steps and switches of MSBuild that the project did not have."""
    text = after.decode("utf-8", "replace")
    known = Counter(found[0] for found in _BUILD_STEPS.finditer((before or b"").decode("utf-8", "replace")))
    for found in _BUILD_STEPS.finditer(text):
        if known[found[0]]:
            known[found[0]] -= 1
            continue
        if found[1] in _CHOICES and before is None:
            continue
        line = text.count("\n", 0, found.start()) + 1
        what = f"`{found[0]}>` in {path} changes what is built or tested."
        yield _plant(path, what, "Take it out: compile the sources as they are.", line)


def _read(source: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(source or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _plant(path: str, message: str, fix: str, line: int = 0) -> Finding:
    return Finding("anti_cheat.runner_changed", "error", path, line, message, fix, blocking=True)
