"""Python, read with its own parser."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.checks.cheats_in_code import find_code_cheats
from core.checks.cheats_in_tests import find_test_cheats
from core.checks.findings import Finding
from core.checks.mutants import Mutant
from core.checks.planted_python import find_planted
from core.checks.python_mutation import make_mutants
from core.checks.python_stubs import make_stub
from core.checks.source_lines import parse_python
from sandbox.model import Language


@dataclass(frozen=True, slots=True)
class PythonChecks:
    language: Language = "python"

    def stub(self, before: bytes | None, after: bytes, path: str) -> bytes | None:
        return make_stub(before, after)

    def throwing_stub(self, after: bytes, path: str) -> bytes | None:
        return None

    def same_code(self, one: bytes, other: bytes) -> bool:
        left, right = parse_python(one), parse_python(other)
        return left is not None and right is not None and ast.dump(left) == ast.dump(right)

    def mutants(self, before: bytes | None, after: bytes, path: str, limit: int, seed: int) -> tuple[Mutant, ...]:
        return make_mutants(before, after, path, limit, seed)

    def cheats(self, base: Mapping[str, bytes], candidate: Mapping[str, bytes]) -> Iterator[Finding]:
        yield from find_test_cheats(base, candidate)
        yield from find_code_cheats(base, candidate)
        yield from find_planted(base, candidate)
