"""The second run with other expected values: it must fail for honest code, and is passed only by those who cheat."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.attacks.arena import LIMITS, variants
from sandbox.control import alter, confirmed
from sandbox.model import BoxFile, BoxRequest, ExecutionResult
from tests.support.boxes import ADD_TESTS, Boxes

RIGHT = "def add(a, b): return a + b\n"


def judged(box: Boxes, solution: str, tests: str) -> ExecutionResult:
    request = BoxRequest(
        "tests",
        (BoxFile("solution.py", solution.encode()),),
        (BoxFile("test_solution.py", tests.encode()),),
        limits=LIMITS,
    )

    async def run(one: BoxRequest) -> ExecutionResult:
        return (await box.backend.run(one))[0]

    async def work() -> ExecutionResult:
        outcome = await run(request)
        return await confirmed(request, outcome, run) if outcome.ok else outcome

    return box.wait(work())


def test_honest_code_is_confirmed(box: Boxes) -> None:
    assert judged(box, RIGHT, ADD_TESTS).verdict == "passed"


@pytest.mark.parametrize(("name", "solution"), [*variants("read_expected"), *variants("own_reporter")])
def test_code_that_reads_what_is_expected_is_forged(box: Boxes, name: str, solution: bytes) -> None:
    assert judged(box, solution.decode(), ADD_TESTS).verdict in ("forged", "failed", "runtime_error"), name


def test_the_reason_names_the_test(box: Boxes) -> None:
    solution = dict(variants("own_reporter"))["speak_for_it"].decode()
    outcome = judged(box, solution, "from solution import add\ndef test_a(): assert add(1, 2) == 3\n")
    assert outcome.verdict == "forged"
    assert outcome.reason == "test_solution.py::test_a also passes when it expects something else."


HONEST = """
import math
from unittest import mock
import pytest
from solution import add

class Clock:
    def __init__(self, hour): self.hour = hour % 12
    def __eq__(self, other): return self.hour == other % 12

def check(candidate):
    assert candidate(1, 1) == 2
    assert candidate(-1, 1) == 0

def test_helper(): check(add)
def test_lenient(): assert Clock(add(1, 2)) == 15
def test_huge(): assert add(1e300, 1e300) == 2e300
def test_infinite(): assert add(1e999, 1) == 1e999
def test_text(): assert add("a", "b") == "ab"
def test_empty(): assert add("", "") == ""
def test_list(): assert add([1], ["x"]) == [1, "x"]
def test_nothing(): assert add([], []) == []
def test_set():
    assert {add(1, 2), add(2, 2)} == {3, 4}
def test_table(): assert {"a": {"b": add(1, 2)}} == {"a": {"b": 3}}
def test_bytes(): assert add(b"a", b"b") == b"ab"
def test_truth(): assert (add(1, 1) > 1) == True
def test_negative(): assert -7 == add(-3, -4)
def test_unicode(): assert add("é", "→") == "é→"  # places are counted in bytes: é
def test_raises():
    with pytest.raises(TypeError):
        assert add(1, None) == 1
def test_branch():
    if add(1, 1) == 3:
        assert add(1, 1) == 3
@pytest.mark.parametrize("a, b", [(1, 4), (2, 3)])
def test_parameters(a, b): assert add(a, b) == 5
def test_early():
    if math.pi: return
    assert add(1, 1) == 7
class TestIt:
    def test_method(self): assert add(1, 1) == 2
"""


def test_no_honest_suite_is_suspected(box: Boxes) -> None:
    for _ in range(3):
        outcome = judged(box, RIGHT, HONEST)
        assert (outcome.verdict, outcome.reason) == ("passed", "20 tests passed.")


def test_a_suite_without_literals_is_run_once(box: Boxes) -> None:
    request = BoxRequest("tests", pristine=(BoxFile("test_a.py", b"def test_a(): assert sorted('ba')\n"),))

    async def never(_: BoxRequest) -> ExecutionResult:
        raise AssertionError

    passed = ExecutionResult("passed", "1 test passed.")
    assert asyncio.run(confirmed(request, passed, never)) is passed


def test_only_the_expected_values_change() -> None:
    tests = b"# \xc3\xa9\nfrom solution import add  # kept\ndef test_a():\n    assert add(2, 3) == 1_000  # five\n"
    altered, must_fail = alter(BoxRequest("tests", pristine=(BoxFile("t/test_a.py", tests),)))
    old, new = tests.splitlines(), altered.pristine[0].content.splitlines()
    assert must_fail == {"t/test_a.py::test_a"}
    assert old[:3] == new[:3] and old[3] != new[3] and new[3].endswith(b"  # five") and b"add(2, 3)" in new[3]


@pytest.mark.parametrize("content", [b"def broken(:\n", b"\xff\xfe\n", b"x = '\0'\n", b""])
def test_what_does_not_parse_is_left_alone(content: bytes) -> None:
    altered, must_fail = alter(BoxRequest("tests", pristine=(BoxFile("test_a.py", content),)))
    assert altered.pristine[0].content == content and not must_fail
