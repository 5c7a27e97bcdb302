"""Mutation sanity: are the new tests able to notice when the new code is wrong?

A few mutants of the changed lines are run against the new tests. The score goes into the report; tests that notice
none of them are sent back to the tester once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.checks.candidate import Candidate
from core.checks.languages import checks_of
from core.checks.mutants import Mutant
from core.checks.verification import Verifier
from core.ids import RunId

_AT_ONCE = 2
"""Sandboxes side by side: the mutants must not starve the machine."""


@dataclass(frozen=True, slots=True)
class MutationScore:
    killed: int
    total: int
    survivors: tuple[str, ...] = ()
    """Where and how each unnoticed mutant differs."""

    @property
    def too_weak(self) -> bool:
        """Several mutants and not one noticed: more than bad luck with equivalent mutants."""
        return self.total >= 3 and self.killed == 0


async def score_mutants(
    verifier: Verifier, candidate: Candidate, attempt: int, limit: int, run_id: RunId
) -> MutationScore:
    """Run up to `limit` mutants, spread over the changed files; infrastructure trouble is not counted."""
    tests = candidate.test_modules
    mutants = _choose(candidate, limit, seed=int(run_id.rsplit("-", 1)[-1], 16))
    if not tests or not mutants:
        return MutationScore(0, 0)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def noticed(number: int, mutant: Mutant) -> bool | None:
        async with gate:
            overlay = {**verifier.overlay(candidate), mutant.path: mutant.content}
            result = await verifier.execute(f"mutant{number}", attempt, overlay, tests)
        # A mutant that does not compile says nothing about the tests.
        return None if result.verdict in ("infra_error", "compile_error") else result.verdict != "passed"

    verdicts = await asyncio.gather(*(noticed(number, mutant) for number, mutant in enumerate(mutants)))
    survivors = tuple(
        f"{mutant.path}:{mutant.line} {mutant.description}"
        for mutant, verdict in zip(mutants, verdicts, strict=True)
        if verdict is False
    )
    counted = [verdict for verdict in verdicts if verdict is not None]
    return MutationScore(sum(counted), len(counted), survivors)


def _choose(candidate: Candidate, limit: int, seed: int) -> tuple[Mutant, ...]:
    sources = candidate.sources
    if not sources or not limit:
        return ()
    share = max(1, limit // len(sources))
    found: list[Mutant] = []
    for path, content in sorted(sources.items()):
        if checks := checks_of(path):
            found += checks.mutants(candidate.before.get(path), content, path, share, seed)
    return tuple(found[:limit])
