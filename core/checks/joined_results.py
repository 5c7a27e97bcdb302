"""One result of the results that a project of several languages has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.context.languages import TITLES
from sandbox.model import ExecutionResult, Language, SandboxVerdict

_WORST_FIRST: tuple[SandboxVerdict, ...] = (
    "infra_error",
    "forged",
    "sandbox_violation",
    "oom",
    "timeout",
    "output_limit",
    "compile_error",
    "runtime_error",
    "failed",
    "no_tests",
    "passed",
)


def joined(results: Mapping[Language, ExecutionResult]) -> ExecutionResult:
    """The worst verdict with the rows of all, in their order. A single result is itself. Not for none at all."""
    every = tuple(results.values())
    if len(every) == 1:
        return every[0]
    worst = min(every, key=lambda one: _WORST_FIRST.index(one.verdict))
    same = [language for language, one in results.items() if one.verdict == worst.verdict]
    return replace(
        worst,
        reason=" ".join(f"{TITLES[language]}: {results[language].reason}" for language in same),
        tests=tuple(row for one in every for row in one.tests),
        stdout="".join(one.stdout for one in every),
        stderr="".join(one.stderr for one in every),
        truncated=any(one.truncated for one in every),
        output_bytes=sum(one.output_bytes for one in every),
        wall_ms=sum(one.wall_ms for one in every),
        cpu_ms=sum(one.cpu_ms for one in every),
        peak_kb=max(one.peak_kb for one in every),
        notes=tuple(dict.fromkeys(note for one in every for note in one.notes)),
        complete=all(one.complete for one in every),
    )
