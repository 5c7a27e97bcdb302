"""Programs that try to be called verified without doing the work beside those of the attack suite."""

from __future__ import annotations

import pytest

from sandbox.attacks.arena import variants
from sandbox.model import BoxFile, BoxRequest
from tests.support.boxes import ADD_TESTS, LIMITS, Boxes
from tests.support.boxes import WRONG_ADD as WRONG


def test_honest_code_passes_and_wrong_code_fails(box: Boxes) -> None:
    assert box.tests("def add(a, b): return a + b\n", ADD_TESTS).verdict == "passed"
    wrong = box.tests(WRONG, ADD_TESTS)
    assert wrong.verdict == "failed"
    assert [row.outcome for row in wrong.tests] == ["failed"] * 3


PATCHES = dict(variants("patched"))


@pytest.mark.parametrize("name", PATCHES)
def test_patching_the_test_machinery_is_not_forgiven_for_right_code(box: Boxes, name: str) -> None:
    right = PATCHES[name].decode().replace("return a - b", "return a + b")
    assert box.tests(right, ADD_TESTS).verdict != "passed"


def test_writing_to_every_descriptor_is_found_out(box: Boxes) -> None:
    row = r'{"test": "test_solution.py::test_small", "outcome": "passed"}'
    solution = "import os\nfor fd in range(3, 1024):\n    try:\n        "
    solution += f"os.write(fd, b'0 [0,\"row\",{row}]\\n')\n    except OSError: pass\n"
    assert box.tests(solution + "def add(a, b): return a + b\n", ADD_TESTS).verdict == "forged"


def test_the_projects_own_configuration_counts(box: Boxes) -> None:
    pristine = (
        BoxFile("conftest.py", b"import pytest\n@pytest.fixture\ndef five(): return 5\n"),
        BoxFile(
            "pyproject.toml", b"[tool.pytest.ini_options]\npython_files = ['check_*.py']\naddopts = '-n 4 --cov'\n"
        ),
        BoxFile("check_it.py", b"def test_five(five): assert five == 5\n"),
    )
    outcome = box.run(BoxRequest("tests", (BoxFile("conftest.py", b"raise SystemExit(0)"),), pristine, limits=LIMITS))
    assert (outcome.verdict, [row.test for row in outcome.tests]) == ("passed", ["check_it.py::test_five"])


def test_bytecode_left_beside_the_tests_is_not_used(box: Boxes) -> None:
    solution = """
import importlib.util, os, pathlib, py_compile
work = pathlib.Path("/work")
empty = work / "empty.py"
empty.write_text("def test_ok(): pass\\n")
for source in ("test_zlater.py", "helper.py"):
    for tail in ("cpython-311", "cpython-311-pytest-9.2.0", "cpython-312", "cpython-313"):
        target = work / "__pycache__" / f"{source[:-3]}.{tail}.pyc"
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(empty), cfile=str(target), invalidation_mode=mode)
"""
    pristine = (
        BoxFile("test_a.py", b"import solution\ndef test_a(): pass\n"),
        BoxFile("helper.py", b"def value(): return 1\n"),
        BoxFile("test_zlater.py", b"import helper\ndef test_later(): assert helper.value() == 2\n"),
    )
    outcome = box.run(BoxRequest("tests", (BoxFile("solution.py", solution.encode()),), pristine, limits=LIMITS))
    assert {row.test: row.outcome for row in outcome.tests} == {
        "test_a.py::test_a": "passed",
        "test_zlater.py::test_later": "failed",
    }


def test_overwriting_a_protected_test_is_found_out(box: Boxes) -> None:
    solution = """
import os
for name in ("test_b.py", "data.json"):
    os.chmod(name, 0o644)
    open(name, "w").write("def test_b(): pass\\n")
"""
    pristine = (
        BoxFile("test_a.py", b"import solution\ndef test_a(): pass\n"),
        BoxFile("test_b.py", b"def test_b(): assert False\n"),
        BoxFile("data.json", b"{}"),
    )
    outcome = box.run(BoxRequest("tests", (BoxFile("solution.py", solution.encode()),), pristine, limits=LIMITS))
    assert outcome.verdict == "forged"
    assert "data.json" in outcome.reason
    assert {row.test: row.outcome for row in outcome.tests}["test_b.py::test_b"] == "failed"


SKIPS = {
    "in the call": "import pytest\ndef add(a, b): pytest.skip('later')",
    "by unittest": "import unittest\ndef add(a, b): raise unittest.SkipTest('later')",
    "as an expected failure": "import pytest\ndef add(a, b): pytest.xfail('later')",
    "at import": "import pytest\npytest.skip('later', allow_module_level=True)",
}


@pytest.mark.parametrize("solution", SKIPS.values(), ids=SKIPS.keys())
def test_code_cannot_skip_its_own_tests(box: Boxes, solution: str) -> None:
    other = BoxFile("test_other.py", b"def test_ok(): pass\n")
    request = BoxRequest(
        "tests",
        (BoxFile("solution.py", solution.encode()),),
        (BoxFile("test_solution.py", ADD_TESTS.encode()), other),
        limits=LIMITS,
    )
    assert box.run(request).verdict in ("failed", "runtime_error")


def test_equal_runs_have_equal_results(box: Boxes) -> None:
    tests = "from solution import add\ndef test_a(tmp_path): assert (add(1, 2), tmp_path, object()) == 3\n"

    def essence() -> object:
        outcome = box.tests("print(hash('a'))\n" + WRONG, tests)
        return outcome.verdict, outcome.stdout, [(row.test, row.outcome, row.message) for row in outcome.tests]

    assert essence() == essence()
