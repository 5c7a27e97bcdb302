"""Ways to get green without being right, each shown to be caught, and honest edits shown to be left alone."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checks.anti_cheat import find_cheats
from core.checks.findings import Finding

TEST = """
import math
import unittest

import pytest

from shop import price


def test_sum():
    total = price.total([1, 2])
    assert total == 3
    assert price.total([]) == 0


@pytest.mark.parametrize("value", [1, 2, 3])
def test_each(value):
    assert price.one(value) == pytest.approx(value, abs=0.01)


def test_refuses():
    with pytest.raises(ValueError, match="negative"):
        price.total([-1])


class TestOld(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(price.total([1]), 1)
        self.assertAlmostEqual(price.one(1), 1, places=7)
"""
PATH = "tests/test_price.py"


def source(text: str) -> bytes:
    return textwrap.dedent(text).encode()


def python(base: Mapping[str, str], candidate: Mapping[str, str]) -> tuple[Finding, ...]:
    return find_cheats(
        {path: source(text) for path, text in base.items()},
        {path: source(text) for path, text in candidate.items()},
    )


def rules(findings: tuple[Finding, ...], blocking: bool = True) -> set[str]:
    return {each.rule.removeprefix("anti_cheat.") for each in findings if each.blocking is blocking}


def edited(old: str, new: str) -> set[str]:
    """Blocking rules hit by one replacement in the existing test file."""
    assert TEST.count(old) == 1
    return rules(python({PATH: TEST}, {PATH: TEST.replace(old, new)}))


LOOSENED = {
    "an assertion deleted": ("    assert price.total([]) == 0\n", "", "assertion_removed"),
    "an assertion made true": ("assert total == 3", "assert True", "assertion_weakened"),
    "an assertion or-ed with true": ("assert total == 3", "assert total == 3 or True", "assertion_weakened"),
    "a comparison with itself": ("assert total == 3", "assert total == total", "assertion_weakened"),
    "equality to membership": ("assert total == 3", "assert total in (3, 4)", "assertion_weakened"),
    "equality to a bound": ("assert total == 3", "assert total >= 3", "assertion_weakened"),
    "equality to existence": ("assert total == 3", "assert total is not None", "assertion_weakened"),
    "equality to a type": ("assert total == 3", "assert isinstance(total, int)", "assertion_weakened"),
    "equality to truth": ("assert total == 3", "assert total", "assertion_weakened"),
    "a non-empty tuple": ("assert total == 3", "assert (total == 3, 'message')", "assertion_weakened"),
    "a wider tolerance": ("abs=0.01", "abs=10", "assertion_weakened"),
    "fewer places": ("places=7", "places=0", "assertion_weakened"),
    "unittest equality to truth": (
        "assertEqual(price.total([1]), 1)",
        "assertTrue(price.total([1]))",
        "assertion_weakened",
    ),
    "a wider exception": ('raises(ValueError, match="negative")', "raises(Exception)", "assertion_weakened"),
    "a dropped match": ('raises(ValueError, match="negative")', "raises(ValueError)", "assertion_weakened"),
    "a skip mark": ("def test_sum", "@pytest.mark.skip\ndef test_sum", "skip_added"),
    "a conditional skip": ("def test_sum", "@pytest.mark.skipif(True, reason='x')\ndef test_sum", "skip_added"),
    "an expected failure": ("def test_sum", "@pytest.mark.xfail\ndef test_sum", "skip_added"),
    "a unittest skip": ("    def test_equal", "    @unittest.skip('x')\n    def test_equal", "skip_added"),
    "a skipped class": ("class TestOld", "@unittest.skip('x')\nclass TestOld", "skip_added"),
    "an early return": ("    total = price", "    return\n    total = price", "early_exit"),
    "a skip call": ("    total = price", "    pytest.skip('later')\n    total = price", "early_exit"),
    "a condition around": (
        "    assert total == 3\n",
        "    if total == 3:\n        assert total == 3\n",
        "assertion_made_conditional",
    ),
    "an empty loop around": (
        "    assert total == 3\n",
        "    for _ in []:\n        assert total == 3\n",
        "assertion_made_conditional",
    ),
    "a swallowed failure": (
        "    assert total == 3\n",
        "    try:\n        assert total == 3\n    except AssertionError:\n        print('no')\n",
        "assertion_swallowed",
    ),
    "a suppressed failure": (
        "    assert total == 3\n",
        "    with contextlib.suppress(AssertionError):\n        assert total == 3\n",
        "assertion_swallowed",
    ),
    "a test renamed": ("def test_sum", "def check_sum", "test_renamed"),
    "a test class hidden": ("class TestOld(unittest.TestCase)", "class OldTests", "test_renamed"),
    "parameters removed": ("[1, 2, 3]", "[1]", "parameters_removed"),
    "a parameter skipped": ("[1, 2, 3]", "[1, 2, pytest.param(3, marks=pytest.mark.skip)]", "skip_added"),
    "a file mark": (
        "from shop import price\n",
        "from shop import price\npytestmark = pytest.mark.skip\n",
        "tests_switched_off",
    ),
    "a test flag": ("from shop import price\n", "from shop import price\n__test__ = False\n", "tests_switched_off"),
    "a module skip": ("from shop import price\n", "pytest.skip('x', allow_module_level=True)\n", "tests_switched_off"),
    "a test rebound": ("@pytest.mark.parametrize", "test_sum = None\n@pytest.mark.parametrize", "tests_switched_off"),
    "a test deleted at import": (
        "@pytest.mark.parametrize",
        "del test_sum\n@pytest.mark.parametrize",
        "tests_switched_off",
    ),
    "a second, empty definition": (
        "@pytest.mark.parametrize",
        "def test_sum():\n    pass\n\n@pytest.mark.parametrize",
        "assertion_removed",
    ),
    "unreadable tests": ("def test_sum():", "def test_sum(:", "test_file_unreadable"),
}


@pytest.mark.parametrize("case", LOOSENED, ids=str)
def test_an_existing_test_that_was_loosened_is_caught(case: str) -> None:
    old, new, rule = LOOSENED[case]
    assert rule in edited(old, new)


def test_a_test_put_under_a_condition_is_caught() -> None:
    before = "def test_one():\n    assert one() == 1\n"
    after = "import os\nif os.environ.get('NEVER'):\n" + textwrap.indent(before, "    ")
    assert rules(python({PATH: before}, {PATH: after})) == {"test_made_conditional"}


HONEST = {
    "reformatted": ("    assert total == 3\n", "    assert (\n        total == 3\n    )\n"),
    "reworded message": ("assert total == 3", "assert total == 3, 'two items'"),
    "a stricter check": ("assert total == 3", "assert total == 3 and price.ok"),
    "an assertion added": ("    assert total == 3\n", "    assert total == 3\n    assert isinstance(total, int)\n"),
    "more parameters": ("[1, 2, 3]", "[1, 2, 3, 4]"),
    "a renamed variable": (
        "    total = price.total([1, 2])\n    assert total == 3\n",
        "    amount = price.total([1, 2])\n    assert amount == 3\n",
    ),
    "a new test": ("@pytest.mark.parametrize", "def test_new():\n    assert price.x == 1\n\n@pytest.mark.parametrize"),
    "a helper that returns": ("    total = price", "    def make():\n        return 1\n    total = price"),
    "a tighter tolerance": ("abs=0.01", "abs=0.001"),
    "another expected value": ("assert total == 3", "assert total == 30"),
}


@pytest.mark.parametrize("case", HONEST, ids=str)
def test_an_honest_edit_of_a_test_is_left_alone(case: str) -> None:
    old, new = HONEST[case]
    assert edited(old, new) == set()


def test_a_deleted_test_file_loses_every_test_in_it() -> None:
    findings = python({PATH: TEST}, {})
    assert [each.rule for each in findings] == ["anti_cheat.test_removed"] * 4
    assert all(each.blocking and each.path == PATH for each in findings)


def test_tests_moved_whole_to_another_test_file_are_the_same_tests() -> None:
    findings = python({PATH: TEST}, {"tests/unit/test_price.py": TEST})
    assert rules(findings) == set()
    assert rules(findings, blocking=False) == {"test_moved"}


def test_tests_moved_out_of_reach_of_the_runner_are_missed() -> None:
    assert rules(python({PATH: TEST}, {"notes/price.py": TEST})) == {"test_removed"}


def test_an_unchanged_tree_has_no_cheats() -> None:
    files = {PATH: TEST, "shop.py": "try:\n    import x\nexcept Exception:\n    pass  # noqa\n"}
    assert python(files, files) == ()


ADDED = {
    "a type ignore": ("x: int = 'a'  # type: ignore[assignment]\n", "suppression_added"),
    "a noqa": ("import os  # noqa: F401\n", "suppression_added"),
    "a pylint switch": ("# pylint: disable=all\n", "suppression_added"),
    "a bare except": ("try:\n    a()\nexcept:\n    pass\n", "error_swallowed"),
    "except Exception": ("try:\n    a()\nexcept Exception:\n    pass\n", "error_swallowed"),
    "except with dots": ("try:\n    a()\nexcept (ValueError, Exception):\n    ...\n", "error_swallowed"),
    "suppress Exception": ("with contextlib.suppress(Exception):\n    a()\n", "error_swallowed"),
    "a hard exit": ("def stop():\n    os._exit(0)\n", "process_exit"),
    "an exit at import": ("import sys\nsys.exit(0)\n", "exit_at_import"),
    "an exit in an import-time condition": ("if True:\n    raise SystemExit(0)\n", "exit_at_import"),
    "a look at the loaded modules": ("FAST = 'pytest' in sys.modules\n", "runner_detected"),
    "a module lookup": ("FAST = sys.modules.get('pytest')\n", "runner_detected"),
    "a look at the runner's variable": ("FAST = os.environ.get('PYTEST_CURRENT_TEST')\n", "runner_detected"),
    "a patched unittest": ("import unittest\nunittest.TestCase.assertEqual = lambda *a: None\n", "runner_patched"),
    "a patched builtin": ("import builtins\nsetattr(builtins, 'print', None)\n", "runner_patched"),
    "a planted module": ("sys.modules['pytest'] = object()\n", "runner_patched"),
    "an always equal object": ("class A:\n    def __eq__(self, other):\n        return True\n", "always_equal"),
}


@pytest.mark.parametrize("case", ADDED, ids=str)
def test_a_shortcut_added_to_the_code_is_caught_on_its_line(case: str) -> None:
    text, rule = ADDED[case]
    findings = python({"shop.py": "import os\nimport sys\n"}, {"shop.py": "import os\nimport sys\n" + text})
    assert rules(findings) == {rule}
    assert all(each.line > 2 for each in findings)


@pytest.mark.parametrize("case", ADDED, ids=str)
def test_a_shortcut_that_was_there_before_is_not_held_against_the_attempt(case: str) -> None:
    text, _ = ADDED[case]
    base = {"shop.py": text + "x = 1\n", "other.py": "y = 1\n"}
    assert rules(python(base, {"shop.py": text + "x = 2\n", "other.py": "y = 1\n"})) == set()
    assert rules(python(base, {"shop.py": "x = 1\n", "other.py": "y = 1\n" + text})) == set()


@pytest.mark.parametrize(
    "text",
    [
        "def main():\n    sys.exit(1)\nif __name__ == '__main__':\n    sys.exit(main())\n",
        "try:\n    a()\nexcept KeyError:\n    pass\n",
        "try:\n    a()\nexcept Exception as error:\n    raise ValueError from error\n",
        "HELP = '# type: ignore and # noqa silence a checker'\n",
        "class A:\n    def __eq__(self, other):\n        return self.x == other.x\n",
        "'pytest' in names\n",
        "self.builtins = 1\n",
    ],
)
def test_honest_code_that_looks_alike_is_left_alone(text: str) -> None:
    assert python({}, {"shop.py": text}) == ()


PLANTED = {
    "sitecustomize.py": "import os\n",
    "x.pth": "import os\n",
    "pytest.py": "def raises(*a): ...\n",
    "_pytest/__init__.py": "",
    "conftest.py": "def pytest_collection_modifyitems(items):\n    items.clear()\n",
    "tests/conftest.py": "import pytest\n@pytest.fixture(autouse=True)\ndef calm(monkeypatch): ...\n",
    "pytest.ini": "[pytest]\naddopts = -k nothing\n",
    "tox.ini": "[pytest]\npython_files = none_*.py\n",
    "setup.cfg": "[tool:pytest]\naddopts = --deselect tests/test_price.py\n",
    "pyproject.toml": "[tool.pytest.ini_options]\nfilterwarnings = ['ignore']\n",
}


@pytest.mark.parametrize("path", PLANTED)
def test_a_planted_file_that_bends_the_runner_is_caught(path: str) -> None:
    assert "runner_changed" in rules(python({}, {path: PLANTED[path]}))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['tests']\naddopts = '-ra --strict-markers'\n"),
        ("pyproject.toml", "[project]\nname = 'x'\n"),
        ("conftest.py", "import pytest\n@pytest.fixture\ndef shop():\n    return 1\n"),
        ("setup.cfg", "[broken\n"),
    ],
)
def test_a_plain_project_file_is_welcome(path: str, text: str) -> None:
    assert rules(python({}, {path: text})) == set()


def test_options_that_were_there_before_are_not_held_against_the_attempt() -> None:
    base = "[pytest]\naddopts = -k fast\n"
    assert python({"pytest.ini": base}, {"pytest.ini": base + "markers = slow\n"}) == ()


def test_every_finding_says_where_and_what_to_do() -> None:
    findings = python({PATH: TEST}, {PATH: TEST.replace("== 3", ">= 3")})
    assert [(each.path, each.line, bool(each.message and each.fix)) for each in findings] == [(PATH, 12, True)]


TYPESCRIPT = "test('adds', () => {\n  expect(add(1, 2)).toBe(3);\n  expect(add(0, 0)).toBe(0);\n});\n"
CSHARP = "[Fact]\npublic void Adds() {\n    Assert.Equal(3, Add(1, 2));\n}\n"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("test('adds'", "test.skip('adds'", "skip_added"),
        ("test('adds'", "xit('adds'", "skip_added"),
        ("  expect(add(1", "  // @ts-ignore\n  expect(add(1", "suppression_added"),
        ("  expect(add(1", "  // eslint-disable-next-line\n  expect(add(1", "suppression_added"),
        ("  expect(add(1, 2)).toBe(3);\n", "", "assertion_removed"),
        ("expect(add(1, 2)).toBe(3)", "expect(true).toBe(true)", "assertion_weakened"),
    ],
)
def test_typescript_shortcuts_are_caught(old: str, new: str, rule: str) -> None:
    base = {"src/add.test.ts": TYPESCRIPT.encode()}
    found = find_cheats(base, {"src/add.test.ts": TYPESCRIPT.replace(old, new).encode()})
    assert rule in rules(found)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("[Fact]", '[Fact(Skip = "later")]', "skip_added"),
        ("[Fact]", "[Fact]\n[Ignore]", "skip_added"),
        ("[Fact]", "#pragma warning disable CS0168\n[Fact]", "suppression_added"),
        ("[Fact]", "", "test_removed"),
        ("Assert.Equal(3, Add(1, 2))", "Assert.True(true)", "assertion_weakened"),
    ],
)
def test_csharp_shortcuts_are_caught(old: str, new: str, rule: str) -> None:
    base = {"Tests/AddTests.cs": CSHARP.encode()}
    found = find_cheats(base, {"Tests/AddTests.cs": CSHARP.replace(old, new).encode()})
    assert rule in rules(found)


def test_a_deleted_typescript_test_file_is_caught_and_a_moved_one_is_not() -> None:
    base = {"src/add.test.ts": TYPESCRIPT.encode()}
    assert rules(find_cheats(base, {})) == {"test_removed"}
    assert find_cheats(base, {"test/add.test.ts": TYPESCRIPT.encode()}) == ()


def test_old_typescript_suppressions_are_not_held_against_the_attempt() -> None:
    base = {"a.ts": b"// @ts-ignore\nlet a = 1\n"}
    assert find_cheats(base, {"a.ts": b"// @ts-ignore\nlet a = 2\n"}) == ()


@given(before=st.binary(max_size=80), after=st.binary(max_size=80))
def test_any_bytes_are_judged_without_an_error(before: bytes, after: bytes) -> None:
    names = ("tests/test_a.py", "a.py", "conftest.py", "pytest.ini", "pyproject.toml", "a.test.ts", "ATests.cs")
    find_cheats(dict.fromkeys(names, before), dict.fromkeys(names, after))


def test_the_projects_own_tests_have_no_cheats_against_themselves_with_one_line_more() -> None:
    root = Path(__file__).parent
    base = {f"tests/{path.name}": path.read_bytes() for path in root.glob("test_*.py")}
    longer = {path: text + b"\nMORE = 1\n" for path, text in base.items()}
    assert find_cheats(base, longer) == ()
