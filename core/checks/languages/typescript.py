"""TypeScript and JavaScript, read with tree-sitter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from core.checks.findings import Finding
from core.checks.mutants import Mutant
from core.checks.syntax.cases import compare_cases
from core.checks.syntax.mutation import make_mutants
from core.checks.syntax.stubs import make_stub, make_throwing_stub
from core.checks.syntax.typescript_cases import cases_of
from core.checks.syntax.typescript_parts import parts_of
from core.checks.syntax.typescript_tricks import tricks_of
from core.checks.tricks import find_new_tricks
from core.context.languages import source_language
from sandbox.model import Language

_TYPED = (".ts", ".tsx", ".mts", ".cts")


@dataclass(frozen=True, slots=True)
class TypeScriptChecks:
    language: Language = "typescript"

    def stub(self, before: bytes | None, after: bytes, path: str) -> bytes | None:
        stub = make_stub(before, after, partial(parts_of, path))
        return after if stub == after else _unchecked(stub)

    def throwing_stub(self, after: bytes, path: str) -> bytes | None:
        return _unchecked(make_throwing_stub(after, partial(parts_of, path)))

    def same_code(self, one: bytes, other: bytes) -> bool:
        return one == other

    def mutants(self, before: bytes | None, after: bytes, path: str, limit: int, seed: int) -> tuple[Mutant, ...]:
        nothing = b"undefined as any" if path.endswith(_TYPED) else b"undefined"
        mutants = make_mutants(before, after, path, limit, seed, nothing)
        return tuple(replace(mutant, content=_unchecked(mutant.content)) for mutant in mutants)

    def cheats(self, base: Mapping[str, bytes], candidate: Mapping[str, bytes]) -> Iterator[Finding]:
        yield from compare_cases(base, candidate, self._is_ours, cases_of)
        yield from find_new_tricks(base, candidate, self._is_ours, tricks_of)

    def _is_ours(self, path: str) -> bool:
        return source_language(path) == self.language


def _unchecked(source: bytes) -> bytes:
    """Without the type check, which would refuse an empty body for the parameters it does not use any more."""
    start = source.find(b"\n") + 1 if source.startswith(b"#!") else 0
    return source[:start] + b"// @ts-nocheck\n" + source[start:]
