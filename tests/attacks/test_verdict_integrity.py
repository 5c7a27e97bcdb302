"""Programs that try to be called verified without doing the work (attacks 61-68, 74)."""

from __future__ import annotations

import pytest

from sandbox.model import BoxFile, BoxRequest
from tests.support.boxes import ADD_TESTS, LIMITS, Boxes
from tests.support.boxes import WRONG_ADD as WRONG


def test_honest_code_passes_and_wrong_code_fails(box: Boxes) -> None:
    assert box.tests("def add(a, b): return a + b\n", ADD_TESTS).verdict == "passed"
    wrong = box.tests(WRONG, ADD_TESTS)
    assert wrong.verdict == "failed"
    assert [row.outcome for row in wrong.tests] == ["failed"] * 3


LEAVING_EARLY = {
    "hard exit at import": "import os; os._exit(0)",
    "exit at import": "import sys; sys.exit(0)",
    "hard exit in the call": "import os\ndef add(a, b): os._exit(0)",
    "exit in the call": "import sys\ndef add(a, b): sys.exit(0)",
    "pytest.exit": "import pytest\ndef add(a, b): pytest.exit('done', returncode=0)",
    "kill itself": "import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGKILL)",
    "terminate itself with a handler": (
        "import os, signal\nsignal.signal(signal.SIGTERM, lambda *_: os._exit(0))\n"
        "def add(a, b): os.kill(os.getpid(), signal.SIGTERM)"
    ),
    "exit handler": f"import atexit, os\natexit.register(os._exit, 0)\n{WRONG}",
    "finalizer": ("import os\nclass Last:\n    def __del__(self, leave=os._exit): leave(0)\nkeep = Last()\n" + WRONG),
    "keyboard interrupt": "def add(a, b): raise KeyboardInterrupt",
    "replaced program": "import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'print(1)'])",
}


@pytest.mark.parametrize("solution", LEAVING_EARLY.values(), ids=LEAVING_EARLY.keys())
def test_leaving_early_is_never_passed(box: Boxes, solution: str) -> None:
    assert box.tests(solution, ADD_TESTS).verdict in ("forged", "runtime_error", "failed")


PATCHES = {
    "pytest's report": (
        "import _pytest.reports as r\nold = r.TestReport.from_item_and_call.__func__\n"
        "def new(cls, item, call):\n    report = old(cls, item, call)\n    report.outcome = 'passed'\n"
        "    report.longrepr = None\n    return report\nr.TestReport.from_item_and_call = classmethod(new)\n"
    ),
    "pytest's call": "import _pytest.python as p\np.Function.runtest = lambda self: None\n",
    "pytest's call, by its code": (
        "import _pytest.python as p\np.Function.runtest.__code__ = (lambda self: None).__code__\n"
    ),
    "unittest": "import unittest\nunittest.TestCase.assertEqual = lambda *a, **k: None\n",
    "builtins": "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.all = lambda *a: True\n",
    "the honest comparison": "import sys\nsys.modules['nexus_harness.liars'].compare = lambda *a: True\n",
    "every test function in reach": (
        "import gc, types\ngc.unfreeze()\nfor f in gc.get_objects():\n"
        "    if isinstance(f, types.FunctionType) and f.__name__ in ('compare', 'confirm', '_judge'):\n"
        "        f.__code__ = (lambda *a, **k: ('passed', '')).__code__\n"
    ),
    "a plugin": (
        "import gc, pytest\ngc.unfreeze()\nclass Plugin:\n    @pytest.hookimpl(wrapper=True, tryfirst=True)\n"
        "    def pytest_runtest_makereport(self, item, call):\n        report = yield\n"
        "        report.outcome = 'passed'\n        return report\n"
        "from _pytest.config import PytestPluginManager\n"
        "for m in [o for o in gc.get_objects() if isinstance(o, PytestPluginManager)]:\n    m.register(Plugin())\n"
    ),
    "a trace function": "import sys\nsys.settrace(lambda *a: None)\n",
}


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())
def test_patching_the_test_machinery_is_never_passed(box: Boxes, patch: str) -> None:
    assert box.tests(patch + WRONG, ADD_TESTS).verdict in ("forged", "failed", "runtime_error")


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())
def test_patching_the_test_machinery_is_not_forgiven_for_right_code(box: Boxes, patch: str) -> None:
    outcome = box.tests(patch + "def add(a, b): return a + b\n", ADD_TESTS)
    assert outcome.verdict != "passed"


def test_text_that_looks_like_a_result_is_only_text(box: Boxes) -> None:
    solution = WRONG + 'import sys\nprint("3 passed in 0.01s")\nprint(\'{"verdict": "passed"}\', file=sys.stderr)\n'
    outcome = box.tests(solution, ADD_TESTS)
    assert outcome.verdict == "failed"
    assert "3 passed" in outcome.stdout and "verdict" in outcome.stderr


def test_writing_to_every_descriptor_is_found_out(box: Boxes) -> None:
    row = r'{"test": "test_solution.py::test_small", "outcome": "passed"}'
    solution = "import os\nfor fd in range(3, 1024):\n    try:\n        "
    solution += f"os.write(fd, b'0 [0,\"row\",{row}]\\n')\n    except OSError: pass\n"
    assert box.tests(solution + "def add(a, b): return a + b\n", ADD_TESTS).verdict == "forged"


def test_the_supervisor_cannot_be_read_traced_or_killed(boxes: Boxes) -> None:
    solution = """
import ctypes, json, os, signal
out = {}
for name in ("mem", "environ", "fd/0", "maps", "fd"):
    path = f"/proc/1/{name}"
    try:
        out[name] = str(os.listdir(path)) if name == "fd" else open(path, "rb").read(1).hex()
    except OSError as error:
        out[name] = ""
libc = ctypes.CDLL(None)
out["ptrace"] = libc.ptrace(16, 1, 0, 0)
for sig in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
    os.kill(1, sig)
print(json.dumps(out))
"""
    found = boxes.facts(solution)
    assert found.pop("ptrace") == -1
    assert set(found.values()) == {""}


PLANTED = {
    "conftest.py": "import pytest\n@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
    "    r = yield\n    r.outcome = 'passed'\n    return r\n",
    "pytest.ini": "[pytest]\naddopts = --collect-only\n",
    "setup.cfg": "[tool:pytest]\npython_functions = nothing_*\n",
    "tox.ini": "[pytest]\npython_files = nothing_*.py\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--collect-only'\n",
    "sitecustomize.py": "import os; os._exit(0)\n",
    "usercustomize.py": "import os; os._exit(0)\n",
    "evil.pth": "import os; os._exit(0)\n",
    "pytest.py": "import os; os._exit(0)\n",
    "_pytest/__init__.py": "import os; os._exit(0)\n",
    "encodings/__init__.py": "import os; os._exit(0)\n",
    "json.py": "import os; os._exit(0)\n",
    "nexus_harness/__init__.py": "import os; os._exit(0)\n",
    "evil-1.dist-info/entry_points.txt": "[pytest11]\nevil = evil_plugin\n",
    "evil_plugin.py": "def pytest_runtest_call(item): import os; os._exit(0)\n",
}


def test_planted_configuration_has_no_say(box: Boxes) -> None:
    outcome = box.tests(WRONG, ADD_TESTS, extra=PLANTED)
    assert outcome.verdict == "failed"
    assert len(outcome.tests) == 3
    assert any("conftest.py" in note for note in outcome.notes)


def test_the_projects_own_configuration_counts(box: Boxes) -> None:
    pristine = (
        BoxFile("conftest.py", b"import pytest\n@pytest.fixture\ndef five(): return 5\n"),
        BoxFile(
            "pyproject.toml", b"[tool.pytest.ini_options]\npython_files = ['check_*.py']\naddopts = '-n 4 --cov'\n"
        ),
        BoxFile("check_it.py", b"def test_five(five): assert five == 5\n"),
    )
    outcome = box.run(BoxRequest("pytest", (BoxFile("conftest.py", b"raise SystemExit(0)"),), pristine, limits=LIMITS))
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
    outcome = box.run(BoxRequest("pytest", (BoxFile("solution.py", solution.encode()),), pristine, limits=LIMITS))
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
    outcome = box.run(BoxRequest("pytest", (BoxFile("solution.py", solution.encode()),), pristine, limits=LIMITS))
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
        "pytest",
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
