"""Which files of a repository are tests, what steers a test run, and what is prose.

Tests belong to the tester and to the user: the implementer may not write them, and the sandbox lays them over the
candidate's files.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_TEST_NAME = re.compile(
    r"^(test_.+\.py|.+_test\.py|tests\.py|.+\.(test|spec)\.[cm]?[jt]sx?|.+Tests?\.cs)$", re.IGNORECASE
)
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "testing"})
_STEERING_ONLY = frozenset({"conftest.py", "pytest.ini", ".pytest.ini", "sitecustomize.py", "usercustomize.py"})
_STEERING_TOO = frozenset({"tox.ini", "setup.cfg", "pyproject.toml"})
_PROSE = frozenset({".md", ".rst", ".txt", ".adoc"})


def is_test_path(path: str) -> bool:
    """A test, or a file in a folder of tests."""
    pure = PurePosixPath(path)
    return _TEST_NAME.match(pure.name) is not None or any(part in _TEST_FOLDERS for part in pure.parts[:-1])


def is_test_module(path: str) -> bool:
    """A Python file that pytest collects."""
    return path.endswith(".py") and _TEST_NAME.match(PurePosixPath(path).name) is not None


def steers_tests(path: str) -> bool:
    """A file that changes how tests are found or judged, whatever else it holds."""
    return PurePosixPath(path).name in _STEERING_ONLY | _STEERING_TOO


def belongs_to_tester(path: str) -> bool:
    """A test, or a file that does nothing but steer tests: the implementer may not write it."""
    return is_test_path(path) or PurePosixPath(path).name in _STEERING_ONLY


def is_document(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in _PROSE
