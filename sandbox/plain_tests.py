"""Finds tests that need nothing of pytest, and runs them without it first: it takes a sixth of the time.

Only `passed` counts from such a run, with the same control tests, honest comparisons and guard. All else is run
again under pytest in a fresh box, which finds the words; what failed in either of the two has failed.
"""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeVar

from sandbox.model import BoxFile, BoxRequest, ExecutionResult, OnOutput, OnRow, PythonEnvironment, TestRow

Report = tuple[ExecutionResult, PythonEnvironment | None]
T = TypeVar("T")
RunOne = Callable[[BoxRequest, OnRow | None, OnOutput | None], Awaitable[Report]]
_CONFIGURATION = frozenset({"conftest.py", "pyproject.toml", "tox.ini", "setup.cfg"})
_FRAMEWORKS = frozenset({"pytest", "_pytest", "unittest", "doctest", "hypothesis"})
_EXPLAINED_BY_PYTEST = frozenset({"failed", "compile_error", "runtime_error"})
_MORE_THAN_PLAIN = "no_tests"
"""The verdict of a run without pytest that found something else than plain tests."""


async def plain_first(request: BoxRequest, run: RunOne, on_row: OnRow | None, on_output: OnOutput | None) -> Report:
    """Run the request, without pytest if that is enough to see it pass.

    Whoever names the plain tests in the request can do without pytest's words for a failure.
    """
    plain = request.plain or find_plain(request)
    if not plain:
        return await run(request, on_row, on_output)
    rows: list[TestRow] = []
    output: list[bytes] = []
    first = await run(replace(request, plain=plain), rows.append, output.append)
    unexplained = first[0].verdict in _EXPLAINED_BY_PYTEST and not request.plain
    if not unexplained and first[0].verdict != _MORE_THAN_PLAIN:
        _pass_on(rows, on_row)
        _pass_on(output, on_output)
        return first
    outcome, environment = await run(replace(request, plain=()), on_row, on_output)
    if outcome.ok and unexplained:
        outcome = replace(outcome, verdict="failed", reason="The tests passed in one of two runs only.")
    return outcome, environment


def _pass_on(values: list[T], to: Callable[[T], None] | None) -> None:
    if to is not None:
        for value in values:
            to(value)


def find_plain(request: BoxRequest) -> tuple[str, ...]:
    """Ids of all tests in the selected files if they are functions that only assert; else nothing."""
    steered = any(_steers(PurePosixPath(file.path).name) for file in request.pristine)
    if request.kind != "tests" or request.language != "python" or request.extra_site or steered:
        return ()
    files = {file.path: file for file in (*request.files, *request.pristine)}
    chosen: list[str] = []
    for name in dict.fromkeys(request.select):
        tests = _plain_tests(files[name]) if _is_loaded_alone(name, files) else []
        if not tests:
            return ()
        chosen += [f"{name}::{test}" for test in tests]
    return tuple(chosen)


def _steers(name: str) -> bool:
    return name in _CONFIGURATION or name.lstrip(".").startswith("pytest.")


def _is_loaded_alone(path: str, files: dict[str, BoxFile]) -> bool:
    """Whether pytest would load it as a module of its own name, not as a part of a package."""
    pure = PurePosixPath(path)
    return path in files and pure.suffix == ".py" and str(pure.with_name("__init__.py")) not in files


def _plain_tests(file: BoxFile) -> list[str]:
    """Names of its tests; none if it holds anything that pytest would have to look after."""
    try:
        tree = ast.parse(file.content)
    except (SyntaxError, ValueError, RecursionError):
        return []
    if any(_needs_pytest(name) for name in _imported(tree)):
        return []
    tests: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            if not _is_plain(node):
                return []
            tests.append(node.name)
    return list(dict.fromkeys(tests))


def _is_plain(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    given = node.args
    takes = given.posonlyargs or given.args or given.kwonlyargs or given.vararg or given.kwarg
    generates = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node))
    return isinstance(node, ast.FunctionDef) and not (takes or generates or node.decorator_list)


def _needs_pytest(module: str) -> bool:
    """Frameworks, and other test files: pytest would see to it that they compare honestly."""
    parts = module.split(".")
    return parts[0] in _FRAMEWORKS or any(part.startswith("test_") or part.endswith("_test") for part in parts)


def _imported(tree: ast.Module) -> Iterator[str]:
    """Names of all modules that are imported anywhere in the file, and of what is imported from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)
