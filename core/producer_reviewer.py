"""When a reviewer may send code back to its producer: only with evidence that the harness has confirmed.

Reviewing models refuse most correct programs when their word is enough (arXiv 2603.00539), so a remark without a
failing test or a checker's finding behind it is advice: it is in the report, and it stops nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.checks.findings import Finding, Severity
from sandbox.model import ExecutionResult

if TYPE_CHECKING:
    from core.run.contracts import ReviewFinding

MOST_ROUNDS = 2
"""Reviews of one change: what the second one finds is seldom worth a third."""

_SEVERITY: Mapping[str, Severity] = {"critical": "error", "major": "error", "minor": "warning", "info": "info"}


@dataclass(frozen=True, slots=True)
class Review:
    blocking: tuple[Finding, ...]
    advice: tuple[Finding, ...]

    @property
    def feedback(self) -> str:
        """What the producer is told; empty when nothing blocks."""
        if not self.blocking:
            return ""
        lines = (f"- {finding.place}: {finding.message} {finding.fix}".rstrip() for finding in self.blocking)
        return "\n".join(("The review found faults that the harness confirmed:", *lines))


def triage(
    findings: Sequence[ReviewFinding],
    result: ExecutionResult | None,
    checked: Sequence[Finding],
    known_failures: frozenset[str] = frozenset(),
) -> Review:
    """Split a review into what blocks and what is advice.

    A remark blocks when its evidence is the id of a test that fails in `result` (and did not fail before the change,
    `known_failures`), or the rule or place of a blocking finding in `checked`.
    """
    failing = {row.test for row in result.tests if row.outcome in ("failed", "error")} if result else set()
    blocking: list[Finding] = []
    advice: list[Finding] = []
    for remark in findings:
        confirmed = remark.severity != "info" and _is_confirmed(remark, failing - known_failures, checked)
        finding = Finding(
            rule=f"review.{remark.category}",
            severity=_SEVERITY[remark.severity],
            path=remark.path,
            line=max(0, remark.line),
            message=f"{remark.message} (evidence: {remark.evidence})" if confirmed else remark.message,
            fix=remark.suggestion,
            blocking=confirmed,
        )
        (blocking if confirmed else advice).append(finding)
    return Review(tuple(blocking), tuple(advice))


def _is_confirmed(remark: ReviewFinding, failing: set[str], checked: Sequence[Finding]) -> bool:
    evidence = remark.evidence.strip().strip("`")
    if not evidence:
        return False
    if evidence in failing:
        return True
    return any(evidence in (finding.rule, finding.place) for finding in checked if finding.blocking)


def may_go_on(states: Sequence[str]) -> bool:
    """May the change be reviewed again? `states` holds the hash of the change at each review so far, newest last.

    False after MOST_ROUNDS, and when the producer came back with something that was already refused.
    """
    return len(states) < MOST_ROUNDS and len(set(states)) == len(states)
