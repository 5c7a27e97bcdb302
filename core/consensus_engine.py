"""Which of several candidate solutions to trust, when the tests are as doubtful as the code.

Dual execution agreement (CodeT, arXiv 2207.10397): candidates that pass exactly the same tests form a cluster, and a
cluster weighs sqrt(candidates) x tests. Agreement counts, but cannot outvote a solution that passes far more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cluster:
    """Candidates that behave alike on all tests."""

    candidates: tuple[str, ...]
    tests: frozenset[str]
    """The tests they all pass."""

    @property
    def weight(self) -> int:
        """Square of the CodeT score sqrt(candidates) x tests: the same order, exact in integers."""
        return len(self.candidates) * len(self.tests) ** 2

    @property
    def score(self) -> float:
        return float(self.weight**0.5)


@dataclass(frozen=True, slots=True)
class Agreement:
    best: str | None
    """One candidate of the heaviest cluster, or None when there is nothing to choose by."""
    clusters: tuple[Cluster, ...]
    """Heaviest first."""
    flagged_tests: frozenset[str]
    """Tests that only outvoted candidates pass: probably wrong, shown to a person, never deleted."""
    abstain: bool
    """The two heaviest clusters tie, or nothing passes anything: a person or a stronger model has to decide."""


def agree(passes: Mapping[str, frozenset[str]]) -> Agreement:
    """Choose among candidates by the tests each one passes. The order of the input does not matter."""
    groups: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for candidate, tests in passes.items():
        groups[tests].append(candidate)
    clusters = sorted(
        (Cluster(tuple(sorted(members)), tests) for tests, members in groups.items()),
        key=lambda cluster: (-cluster.weight, cluster.candidates),
    )
    if not clusters or not clusters[0].weight:
        return Agreement(None, tuple(clusters), frozenset(), True)
    top = clusters[0]
    tied = len(clusters) > 1 and clusters[1].weight == top.weight
    outvoted = frozenset[str]().union(*(cluster.tests for cluster in clusters[1:])) - top.tests
    return Agreement(
        best=None if tied else top.candidates[0],
        clusters=tuple(clusters),
        flagged_tests=frozenset() if tied else outvoted,
        abstain=tied,
    )
