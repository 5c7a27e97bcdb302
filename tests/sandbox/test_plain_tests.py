"""Tests that only assert run without pytest, and nothing that pytest would have refused passes that way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.attacks.arena import LIMITS, SHORT, program, variants
from sandbox.control import confirmed
from sandbox.model import BoxFile, BoxRequest, ExecutionResult, PythonEnvironment, TestRow
from sandbox.plain_tests import find_plain, plain_first
from tests.support.boxes import Boxes

ADD = "def add(a, b):\n    return a + b\n"
PLAIN = program("victim/plain.py").decode()
IDS = ("test_solution.py::test_small", "test_solution.py::test_large")


def _request(solution: str, tests: str = PLAIN, *more: BoxFile) -> BoxRequest:
    files = (BoxFile("solution.py", solution.encode()), *more)
    pristine = (BoxFile("test_solution.py", tests.encode()),)
    return BoxRequest("tests", files, pristine, select=("test_solution.py",), limits=LIMITS)


def _judged(box: Boxes, request: BoxRequest) -> ExecutionResult:
    """With the control run."""

    async def run(one: BoxRequest) -> ExecutionResult:
        return (await box.backend.run(one))[0]

    async def both() -> ExecutionResult:
        outcome = await run(request)
        return await confirmed(request, outcome, run) if outcome.ok else outcome

    return box.wait(both())


def test_functions_that_only_assert_are_plain() -> None:
    assert find_plain(_request(ADD)) == IDS


@pytest.mark.parametrize(
    "tests",
    [
        "import pytest\n" + PLAIN,
        "from unittest import mock\n" + PLAIN,
        "from tests.test_helpers import check\n" + PLAIN,
        PLAIN + "\ndef test_tmp(tmp_path): pass\n",
        PLAIN + "\nasync def test_later(): pass\n",
        PLAIN + "\ndef test_parts():\n    yield 1\n",
        PLAIN + "\n@staticmethod\ndef test_marked(): pass\n",
        "def check(): pass\n",
        "def test_(: broken\n",
    ],
)
def test_what_pytest_has_to_look_after_is_not_plain(tests: str) -> None:
    assert find_plain(_request(ADD, tests)) == ()


def test_configuration_other_packages_and_parts_of_files_are_left_to_pytest() -> None:
    request = _request(ADD)
    steered = replace(request, pristine=(*request.pristine, BoxFile("conftest.py", b"")))
    packaged = replace(request, files=(*request.files, BoxFile("__init__.py", b"")))
    assert not any(
        map(find_plain, (steered, packaged, replace(request, select=IDS), replace(request, extra_site="/x")))
    )


def test_a_plain_run_reports_each_test_as_pytest_does(boxes: Boxes) -> None:
    rows: list[TestRow] = []
    outcome = boxes.run(_request(ADD + "print('loaded')\n"), rows.append)
    assert outcome.ok and [row.test for row in outcome.tests] == list(IDS) and tuple(rows) == outcome.tests
    assert outcome.stdout == "loaded\n"


def test_a_failure_is_told_in_the_words_of_pytest(box: Boxes) -> None:
    rows: list[TestRow] = []
    outcome = box.run(_request("def add(a, b):\n    return a - b\n"), rows.append)
    assert outcome.verdict == "failed" and "assert -1 == 5" in outcome.tests[0].message
    assert [row.outcome for row in rows] == ["failed", "failed"]


@pytest.mark.parametrize(
    ("solution", "verdict"), [("def add(:\n", "compile_error"), ("1 / 0\n", "runtime_error"), ("", "runtime_error")]
)
def test_code_that_cannot_be_loaded_gets_the_verdict_of_pytest(box: Boxes, solution: str, verdict: str) -> None:
    assert box.run(_request(solution)).verdict == verdict


def test_what_turns_up_only_when_loaded_is_left_to_pytest(box: Boxes) -> None:
    tests = "from solution import *\n" + PLAIN
    hidden = "import unittest\nclass TestMore(unittest.TestCase):\n    def test_more(self): pass\n"
    outcome = box.run(_request(ADD + hidden, tests))
    assert "test_solution.py::TestMore::test_more" in {row.test for row in outcome.tests}


def test_code_that_passes_every_other_time_has_failed(box: Boxes) -> None:
    # Under pytest the second time: there it is right.
    solution = "import sys\ndef add(a, b):\n    return a + b if 'pytest' in sys.modules else 0\n"
    outcome = box.run(_request(solution))
    assert outcome.verdict == "failed" and "one of two runs" in outcome.reason


def test_an_endless_plain_test_is_not_tried_twice(box: Boxes) -> None:
    asked: list[BoxRequest] = []

    async def run(one: BoxRequest, *reports: object) -> tuple[ExecutionResult, PythonEnvironment | None]:
        asked.append(one)
        return await box.backend.run(one)

    request = replace(_request("def add(a, b):\n    while True: pass\n"), limits=SHORT)
    outcome, _ = box.wait(plain_first(request, run, None, None))
    assert outcome.verdict == "timeout" and len(asked) == 1


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        (folder, name)
        for folder in ("equal_to_all", "flip_at_the_end", "leave_early", "own_reporter", "patched", "read_expected")
        for name, _ in variants(folder)
    ],
)
def test_no_forgery_passes_plain_tests(box: Boxes, folder: str, name: str) -> None:
    text = program(f"{folder}/{name}.py").decode()
    outcome = _judged(box, _request(text))
    assert outcome.verdict not in ("passed", "infra_error"), outcome.reason


@pytest.mark.parametrize(
    "attempt",
    [
        "import sys\nsys.modules['nexus_harness.plain_run']._problem_of.__code__ = (lambda test: None).__code__\n",
        "import sys\nsys.modules['nexus_harness.plain_run']._problem_of = lambda test: None\n",
        "import sys\nsys.modules['nexus_harness.liars'].compare = lambda *a: True\n",
        "import sys\nsys.modules['nexus_harness.guard'].Guard.check = lambda self: None\n"
        "sys.modules['nexus_harness.plain_run']._problem_of = lambda test: None\n",
        "import sys\nframe = sys._getframe()\nwhile frame:\n    for name in ('order', 'controls', 'tests'):\n"
        "        value = frame.f_locals.get(name)\n        value.clear() if hasattr(value, 'clear') else None\n"
        "    frame = frame.f_back\n",
        "import sys\nframe = sys._getframe()\nwhile frame and 'writer' not in frame.f_locals:\n"
        "    frame = frame.f_back\n"
        "write = frame.f_locals['writer'].send\nfor test in ('test_small', 'test_large'):\n"
        "    row = {'test': 'test_solution.py::' + test, 'outcome': 'passed', 'duration_ms': 1, 'message': ''}\n"
        "    write('row', row)\n"
        "write('collected', {'count': 2})\nwrite('finish', {'status': 0, 'violations': []})\nimport os\nos._exit(0)\n",
    ],
)
def test_the_plain_runner_cannot_be_turned(box: Boxes, attempt: str) -> None:
    outcome = _judged(box, _request(f"{attempt}\ndef add(a, b):\n    return 0\n"))
    assert outcome.verdict not in ("passed", "infra_error"), outcome.reason
