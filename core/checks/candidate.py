"""One attempt as values: what it changed, and which tests were written for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.checks.test_files import is_test_module, is_test_path
from core.context.languages import source_language


@dataclass(frozen=True, slots=True)
class Candidate:
    """The changed files of an attempt, before and after; None where a file does not exist."""

    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]
    generated: frozenset[str]
    """Test files the tester wrote in this run."""

    @property
    def texts(self) -> dict[str, bytes]:
        """New content of all changed files that exist."""
        return {path: content for path, content in self.after.items() if content is not None}

    @property
    def sources(self) -> dict[str, bytes]:
        """New content of the changed source files that are not tests, in languages that can be checked."""
        return {
            path: content for path, content in self.texts.items() if source_language(path) and not is_test_path(path)
        }

    @property
    def test_modules(self) -> tuple[str, ...]:
        """The test modules the tester wrote."""
        return tuple(sorted(path for path in self.generated if is_test_module(path)))
