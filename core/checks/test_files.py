"""Which files of a repository are tests, what steers a test run, and what is prose.

Tests belong to the tester and to the user: the implementer may not write them, and the sandbox lays them over the
candidate's files.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from sandbox.steering import steers

_TEST_NAME = re.compile(
    r"""(test_.+\.py | .+_test\.py | tests\.py)
      | .+\.(test|spec)\.[cm]?[jt]sx?
      | (?-i:.*(Tests?|Specs?|Facts)\d*\.cs)""",
    re.VERBOSE | re.IGNORECASE,
)
_SCRIPT = re.compile(r".+\.[cm]?[jt]sx?", re.IGNORECASE)
_TEST_FOLDER = re.compile(r"[Tt]ests?|__tests__|testing|.+\.([A-Za-z]*Tests?|Specs)")
"""Also `Shop.Tests` and `Shop.UnitTests`, as C# projects are called."""
_STEERING_TOO = frozenset({"tox.ini", "setup.cfg", "pyproject.toml", "package.json", "tsconfig.json", "jsconfig.json"})
_PROSE = frozenset({".md", ".rst", ".txt", ".adoc"})


def is_test_path(path: str) -> bool:
    """A test, or a file in a folder of tests."""
    pure = PurePosixPath(path)
    return _TEST_NAME.fullmatch(pure.name) is not None or any(map(_TEST_FOLDER.fullmatch, pure.parts[:-1]))


def is_test_module(path: str) -> bool:
    """A source file in which a test runner looks for tests."""
    pure = PurePosixPath(path)
    if _TEST_NAME.fullmatch(pure.name):
        return True
    return "__tests__" in pure.parts[:-1] and _SCRIPT.fullmatch(pure.name) is not None


def steers_tests(path: str) -> bool:
    """A file that changes how tests are found or judged, whatever else it holds."""
    return steers(path) or PurePosixPath(path).name in _STEERING_TOO


def belongs_to_tester(path: str) -> bool:
    """A test, or a file that does nothing but steer tests: the implementer may not write it."""
    return is_test_path(path) or (steers(path) and PurePosixPath(path).name not in _STEERING_TOO)


def is_document(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in _PROSE
