"""Tests that never end, or need too much: what the attack suite tries with programs, tried within a test run."""

from __future__ import annotations

from dataclasses import replace

from tests.support.boxes import LIMITS, Boxes


def test_a_test_that_never_ends_is_a_timeout_and_keeps_the_rows_before_it(boxes: Boxes) -> None:
    tests = "import time\ndef test_a(): pass\ndef test_b(): time.sleep(600)\n"
    outcome = boxes.tests("", tests, limits=replace(LIMITS, timeout_s=4))
    assert outcome.verdict == "timeout"
    assert [row.test for row in outcome.tests] == ["test_solution.py::test_a"]


def test_a_test_suite_that_runs_out_of_memory_is_not_merely_failed(boxes: Boxes) -> None:
    tests = "def test_a(): keep = [bytearray(8 << 20) for _ in range(200)]\n"
    assert boxes.tests("", tests).verdict == "oom"
