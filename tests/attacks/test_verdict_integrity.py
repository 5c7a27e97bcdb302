"""Programs that try to be called verified without doing the work (attacks 61-68, 74)."""

from __future__ import annotations

import pytest

from sandbox.model import BoxFile, BoxRequest
from tests.support.boxes import LIMITS, Boxes

ADD_TESTS = """
import pytest, unittest
from solution import add

def test_small():
    assert add(2, 3) == 5

def test_large():
    result = add(10**6, 1)
    assert result == 1_000_001

class TestAdd(unittest.TestCase):
    def test_unit(self):
        self.assertEqual(add(1, 1), 2)
"""
WRONG = "def add(a, b): return a - b\n"


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


EQUAL_TO_ALL = {
    "always equal": "class Any:\n    def __eq__(self, o): return True\ndef add(a, b): return Any()",
    "equal and never unequal": (
        "class Any:\n    def __eq__(self, o): return True\n    def __ne__(self, o): return False\n"
        "    def __hash__(self): return 5\ndef add(a, b): return Any()"
    ),
    "subclass of int": "class Any(int):\n    def __eq__(self, o): return True\ndef add(a, b): return Any()",
    "equal to numbers only": (
        "class Any:\n    def __eq__(self, o): return isinstance(o, int)\ndef add(a, b): return Any()"
    ),
    "equal at first": (
        "class Any:\n    n = 0\n    def __eq__(self, o):\n        self.n += 1\n        return self.n < 2\n"
        "def add(a, b): return Any()"
    ),
    "truthy instead of true": (
        "class Yes:\n    def __bool__(self): return True\n"
        "class Any:\n    def __eq__(self, o): return Yes()\ndef add(a, b): return Any()"
    ),
    "mock.ANY": "from unittest.mock import ANY\ndef add(a, b): return ANY",
    "a mock told to be equal": (
        "from unittest.mock import MagicMock\nm = MagicMock()\nm.__eq__.return_value = True\ndef add(a, b): return m"
    ),
    "patched library class": (
        "from fractions import Fraction\nFraction.__eq__ = lambda self, o: True\ndef add(a, b): return Fraction(1)"
    ),
}


@pytest.mark.parametrize("solution", EQUAL_TO_ALL.values(), ids=EQUAL_TO_ALL.keys())
def test_a_value_equal_to_everything_fails_the_test(box: Boxes, solution: str) -> None:
    outcome = box.tests(solution, ADD_TESTS)
    assert outcome.verdict == "failed"
    assert {row.outcome for row in outcome.tests} == {"failed"}


def test_a_value_equal_to_everything_is_found_inside_structures(box: Boxes) -> None:
    solution = """
class Any:
    def __eq__(self, o): return True
    def __hash__(self): return hash(3)
class Bag:
    def __contains__(self, o): return True
def items(): return [1, Any()]
def table(): return {"a": {"b": Any()}}
def one(): return Any()
def bag(): return Bag()
"""
    tests = """
import unittest
from solution import items, table, one, bag
def test_list(): assert items() == [1, 2]
def test_dict(): assert table() == {"a": {"b": 2}}
def test_member(): assert one() in [1, 2, 3]
def test_set(): assert {one()} == {3}
def test_bag(): assert "x" in bag()
def test_reversed(): assert 3 == one()
def test_outside_an_assert():
    if one() == 3:
        return
    raise AssertionError
class TestUnit(unittest.TestCase):
    def test_lists(self): self.assertEqual(items(), [1, 2])
    def test_in(self): self.assertIn(one(), [1, 2])
    def test_count(self): self.assertCountEqual(items(), [1, 2])
"""
    outcome = box.tests(solution, tests)
    assert [row.test for row in outcome.tests if row.outcome != "failed"] == []
    assert "compares equal to everything" in outcome.tests[0].message


def test_honest_equality_of_own_types_still_passes(box: Boxes) -> None:
    solution = """
import enum
from dataclasses import dataclass, field
from decimal import Decimal
@dataclass
class Point:
    x: int
    y: int = 0
    tags: list = field(default_factory=list)
@dataclass(frozen=True, slots=True)
class Fixed:
    name: str
class Money:
    def __init__(self, amount): self.amount = amount
    def __eq__(self, other): return self.amount == getattr(other, "amount", other)
class Kind(enum.Enum):
    A = 1
    B = 2
class Token:
    def __init__(self, kind, text): self.kind, self.text = kind, text
    def __eq__(self, other): return isinstance(other, Token) and self.kind == other.kind
class Mod:
    def __init__(self, n): self.n = n % 7
    def __eq__(self, other): return self.n == (other.n if isinstance(other, Mod) else other % 7)
class Name(str):
    def __eq__(self, other): return self.lower() == other.lower()
    __hash__ = str.__hash__
class Array:
    def __init__(self, values): self.values = values
    def __eq__(self, other): return Array([a == b for a, b in zip(self.values, other.values)])
    def all(self): return all(self.values)
class Column:
    def __eq__(self, other): return Clause()
class Clause: pass
"""
    tests = """
import unittest
from unittest import mock
from datetime import date
from fractions import Fraction
from pathlib import Path
import pytest
from solution import *
class Near:
    def __eq__(self, other): return True
def test_dataclass(): assert Point(1, 2, ["a"]) == Point(1, 2, ["a"])
def test_frozen(): assert Fixed("a") == Fixed("a") and Fixed("a") != Fixed("b")
def test_money(): assert Money(5) == 5 and 5 == Money(5) and Money(5) == Money(5)
def test_enum(): assert Kind.A == Kind.A and Kind.A in [Kind.A] and Kind.A in Kind
def test_token(): assert Token(Kind.A, "x") == Token(Kind.A, "y")
def test_mod(): assert Mod(3) == 10
def test_name(): assert Name("ANNA") == "anna"
def test_array(): assert (Array([1, 2]) == Array([1, 2])).all()
def test_query(): assert isinstance([c == 5 for c in [Column()]][0], Clause)
def test_approx(): assert 0.1 + 0.2 == pytest.approx(0.3) and [0.1 + 0.2] == pytest.approx([0.3])
def test_any(): assert {"id": 3, "x": 1} == {"id": mock.ANY, "x": 1}
def test_own_matcher(): assert 3 == Near()
def test_library(): assert Fraction(1, 2) == Fraction(2, 4) and Path("a") == Path("a") and date(2020, 1, 1) == date(2020, 1, 1)
def test_chain(): assert 1 == 1 == 1 and 1 < 2 == 2
def test_nan(): assert float("nan") != float("nan")
def test_mock():
    m = mock.Mock()
    m(Point(1))
    m.assert_called_once_with(Point(1))
@pytest.mark.parametrize("n", [1, 2])
def test_parameters(n): assert n in (1, 2)
def test_raises():
    with pytest.raises(ZeroDivisionError, match="division"):
        1 / 0
class TestUnit(unittest.TestCase):
    def test_equal(self): self.assertEqual(Point(1), Point(1))
    def test_lists(self): self.assertListEqual([Point(1)], [Point(1)])
    def test_sub(self):
        for n in (1, 2):
            with self.subTest(n=n):
                self.assertIn(n, {1, 2})
"""
    outcome = box.tests(solution, tests)
    assert [(row.test, row.message) for row in outcome.tests if row.outcome != "passed"] == []
    assert outcome.verdict == "passed"


PATCHES = {
    "pytest's report": (
        "import _pytest.reports as r\nold = r.TestReport.from_item_and_call.__func__\n"
        "def new(cls, item, call):\n    report = old(cls, item, call)\n    report.outcome = 'passed'\n"
        "    report.longrepr = None\n    return report\nr.TestReport.from_item_and_call = classmethod(new)\n"
    ),
    "pytest's call": "import _pytest.python as p\np.Function.runtest = lambda self: None\n",
    "pytest's call, by its code": "import _pytest.python as p\np.Function.runtest.__code__ = (lambda self: None).__code__\n",
    "unittest": "import unittest\nunittest.TestCase.assertEqual = lambda *a, **k: None\n",
    "builtins": "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.all = lambda *a: True\n",
    "the honest comparison": "import sys\nsys.modules['nexus_harness.liars'].compare = lambda *a: True\n",
    "every test function in reach": (
        "import gc, types\nfor f in gc.get_objects():\n"
        "    if isinstance(f, types.FunctionType) and f.__name__ in ('compare', 'confirm', '_judge'):\n"
        "        f.__code__ = (lambda *a, **k: ('passed', '')).__code__\n"
    ),
    "a plugin": (
        "import gc, pytest\nclass Plugin:\n    @pytest.hookimpl(wrapper=True, tryfirst=True)\n"
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
    solution = f"import os\nfor fd in range(3, 1024):\n    try: os.write(fd, b'0 [0,\"row\",{row}]\\n')\n    except OSError: pass\n"
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
        py_compile.compile(str(empty), cfile=str(target), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
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


def test_expected_values_cannot_be_asked_from_the_frames_of_a_finished_run(box: Boxes) -> None:
    # Whoever can see the test's source can answer it; such an answer must at least be the value itself.
    solution = """
import sys
class Chameleon:
    def __init__(self): self.asked = []
    def __eq__(self, other): self.asked.append(other); return True
def add(a, b): return Chameleon()
"""
    assert box.tests(solution, ADD_TESTS).verdict == "failed"


def test_equal_runs_have_equal_results(box: Boxes) -> None:
    tests = "from solution import add\ndef test_a(tmp_path): assert (add(1, 2), tmp_path, object()) == 3\n"

    def essence() -> object:
        outcome = box.tests("print(hash('a'))\n" + WRONG, tests)
        return outcome.verdict, outcome.stdout, [(row.test, row.outcome, row.message) for row in outcome.tests]

    assert essence() == essence()
