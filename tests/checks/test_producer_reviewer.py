"""A reviewer's word stops nothing; evidence does."""

from __future__ import annotations

import pytest

from core.checks.findings import Finding
from core.producer_reviewer import MOST_ROUNDS, may_go_on, triage
from core.run.contracts import ReviewFinding
from sandbox.model import ExecutionResult, TestRow

RESULT = ExecutionResult(
    "failed", "One test fails.", tests=(TestRow("t.py::bad", "failed"), TestRow("t.py::good", "passed"))
)
CHEAT = Finding("anti_cheat.skip_added", "error", "tests/t.py", 4, "Skipped.", blocking=True)
ADVICE = Finding("style.long", "info", "a.py", 9, "Long.")


def remark(evidence: str = "", severity: str = "critical") -> ReviewFinding:
    return ReviewFinding.model_validate(
        {
            "severity": severity,
            "category": "correctness",
            "path": "a.py",
            "line": 3,
            "message": "It is wrong.",
            "suggestion": "Mend it.",
            "evidence": evidence,
        }
    )


@pytest.mark.parametrize("evidence", ["t.py::bad", "`t.py::bad`", "anti_cheat.skip_added", "tests/t.py:4"])
def test_a_remark_with_confirmed_evidence_blocks(evidence: str) -> None:
    review = triage([remark(evidence)], RESULT, [CHEAT, ADVICE])
    assert [finding.blocking for finding in review.blocking] == [True]
    assert review.advice == ()
    assert "a.py:3: It is wrong." in review.feedback and evidence in review.feedback


@pytest.mark.parametrize("evidence", ["", "t.py::good", "t.py::made_up", "trust me", "style.long", "a.py:9", "bad"])
def test_any_other_remark_is_advice_however_severe(evidence: str) -> None:
    review = triage([remark(evidence)], RESULT, [CHEAT, ADVICE])
    assert review.blocking == ()
    assert [(finding.severity, finding.blocking) for finding in review.advice] == [("error", False)]
    assert review.feedback == ""


def test_a_test_that_failed_before_the_change_is_no_evidence_against_it() -> None:
    assert triage([remark("t.py::bad")], RESULT, (), frozenset({"t.py::bad"})).blocking == ()


def test_a_remark_for_information_never_blocks() -> None:
    assert triage([remark("t.py::bad", "info")], RESULT, ()).blocking == ()


def test_without_a_run_nothing_is_confirmed() -> None:
    assert triage([remark("t.py::bad")], None, ()).blocking == ()


def test_no_remark_is_lost() -> None:
    review = triage([remark("t.py::bad"), remark(), remark("", "minor")], RESULT, ())
    assert len(review.blocking) + len(review.advice) == 3


def test_reviews_end_after_two_rounds_or_when_a_refused_change_comes_back() -> None:
    assert may_go_on(["a"])
    assert not may_go_on(["a", "a"])
    assert not may_go_on([str(number) for number in range(MOST_ROUNDS)])
