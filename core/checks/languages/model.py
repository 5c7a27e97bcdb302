"""What the checks must know of a language; one object for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from core.checks.findings import Finding
from core.checks.mutants import Mutant
from sandbox.model import Language


class LanguageChecks(Protocol):
    """Pure: every method is a function of its arguments."""

    @property
    def language(self) -> Language: ...

    def stub(self, before: bytes | None, after: bytes, path: str) -> bytes | None:
        """The code before the change under the names of the code after it; None when there can be none."""
        ...

    def throwing_stub(self, after: bytes, path: str) -> bytes | None:
        """A stub that compiles whatever the old code was; None where `stub` always loads."""
        ...

    def same_code(self, one: bytes, other: bytes) -> bool:
        """Whether two files say the same, however they are written."""
        ...

    def mutants(self, before: bytes | None, after: bytes, path: str, limit: int, seed: int) -> tuple[Mutant, ...]:
        """Up to `limit` wrong versions of the lines that differ from `before`, the same for the same seed."""
        ...

    def cheats(self, base: Mapping[str, bytes], candidate: Mapping[str, bytes]) -> Iterator[Finding]:
        """Ways to get green without being right, in the files of this language."""
        ...
