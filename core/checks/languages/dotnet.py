"""C#, read with tree-sitter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from core.checks.findings import Finding
from core.checks.mutants import Mutant
from core.checks.syntax.cases import compare_cases
from core.checks.syntax.csharp_cases import cases_of
from core.checks.syntax.csharp_parts import parts_of
from core.checks.syntax.csharp_tricks import tricks_of
from core.checks.syntax.mutation import make_mutants
from core.checks.syntax.stubs import make_stub, make_throwing_stub
from core.checks.tricks import find_new_tricks
from core.context.languages import source_language
from sandbox.model import Language


@dataclass(frozen=True, slots=True)
class DotnetChecks:
    language: Language = "dotnet"

    def stub(self, before: bytes | None, after: bytes, path: str) -> bytes | None:
        return make_stub(before, after, partial(parts_of, path))

    def throwing_stub(self, after: bytes, path: str) -> bytes | None:
        return make_throwing_stub(after, partial(parts_of, path))

    def same_code(self, one: bytes, other: bytes) -> bool:
        return one == other

    def mutants(self, before: bytes | None, after: bytes, path: str, limit: int, seed: int) -> tuple[Mutant, ...]:
        return make_mutants(before, after, path, limit, seed, b"default!")

    def cheats(self, base: Mapping[str, bytes], candidate: Mapping[str, bytes]) -> Iterator[Finding]:
        yield from compare_cases(base, candidate, self._is_ours, cases_of)
        yield from find_new_tricks(base, candidate, self._is_ours, tricks_of)

    def _is_ours(self, path: str) -> bool:
        return source_language(path) == self.language
