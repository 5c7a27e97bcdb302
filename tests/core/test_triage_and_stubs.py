"""What is decided before money is spent, and the code that tests must fail on."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checks.python_stubs import make_stub
from core.checks.test_files import belongs_to_tester, is_document, is_test_module, is_test_path, steers_tests
from core.run.triage import asks_for_tests_only, looks_trivial


@pytest.mark.parametrize(
    "request_text",
    ["Add a function slugify(text) to text.py.", "Fix the off-by-one error in pages()", "rename total to total_cents"],
)
def test_a_short_single_purpose_request_is_trivial(request_text: str) -> None:
    assert looks_trivial(request_text)


@pytest.mark.parametrize(
    "request_text",
    [
        "",
        "Refactor the billing module.",
        "Add an API endpoint for invoices.",
        "Fix the parser. Then document it.",
        "Add " + "a very long wish " * 20,
        "What does this do?",
    ],
)
def test_everything_else_goes_to_the_analyst(request_text: str) -> None:
    assert not looks_trivial(request_text)


@pytest.mark.parametrize(
    "request_text",
    [
        "Add tests for total()",
        "please write unit tests for the parser",
        "Create tests",
        "Add xUnit tests for Cart.Total",
        "Write .NET tests",
        "Add vitest tests for Cart",
    ],
)
def test_a_wish_for_tests_is_recognised(request_text: str) -> None:
    assert asks_for_tests_only(request_text)


@pytest.mark.parametrize(
    "request_text",
    [
        "Add a test runner command",
        "Create a test client for the API",
        "Add tests and fix the parser",
        "Test it",
        "Add a vitest test runner",
        "Add Cart.Total with tests",
        "Create a discount function and tests",
    ],
)
def test_a_wish_for_code_is_not_taken_for_tests(request_text: str) -> None:
    assert not asks_for_tests_only(request_text)


def _run(source: bytes) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(source, "stub.py", "exec"), names)
    return names


def test_a_new_function_does_nothing_in_the_stub() -> None:
    before = b"def old(x):\n    return x + 1\n"
    after = before + b"\n\ndef new(x):\n    return x * 2\n"
    names = _run(make_stub(before, after) or b"")
    assert names["old"](1) == 2  # type: ignore[operator]
    assert names["new"](1) is None  # type: ignore[operator]


def test_a_changed_function_is_the_old_one_in_the_stub() -> None:
    names = _run(make_stub(b"def f(x):\n    return x\n", b"def f(x):\n    return x * 2\n") or b"")
    assert names["f"](3) == 3  # type: ignore[operator]


def test_a_new_method_of_an_old_class_is_there_and_empty() -> None:
    before = b"class A:\n    def a(self):\n        return 1\n"
    after = before + b"    def b(self):\n        return 2\n"
    thing = _run(make_stub(before, after) or b"")["A"]()  # type: ignore[operator]
    assert (thing.a(), thing.b()) == (1, None)


def test_a_new_file_imports_cleanly_and_does_nothing() -> None:
    source = b"import os\n\nLIMIT = 3\n\n\nasync def f():\n    return LIMIT\n\n\nclass C:\n    def g(self): return 1\n"
    names = _run(make_stub(None, source) or b"")
    assert names["LIMIT"] == 3
    assert names["C"]().g() is None  # type: ignore[operator]


def test_code_that_does_not_parse_has_no_stub_of_its_own() -> None:
    assert make_stub(None, b"def f(:\n") is None
    assert make_stub(b"x = 1\n", b"def f(:\n") == b"x = 1\n"


@given(st.lists(st.sampled_from(["def a(x): return x", "class B:\n    y: int = 1", "C = 3", "import os"]), max_size=4))
def test_a_stub_always_parses(parts: list[str]) -> None:
    after = "\n".join(parts).encode()
    for before in (None, b"", b"C = 1\nclass B: ...\n"):
        stub = make_stub(before, after)
        assert stub is not None
        ast.parse(stub)


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_a.py",
        "test_a.py",
        "pkg/a_test.py",
        "tests/helpers.py",
        "src/a.test.tsx",
        "src/__tests__/a.js",
        "Shop.Tests/Money.cs",
        "Tests/CartTests.cs",
        "CartSpecs.cs",
        "tests/UnitTest1.cs",
        "Shop.UnitTests/A.csproj",
    ],
)
def test_tests_are_recognised(path: str) -> None:
    assert is_test_path(path)
    assert belongs_to_tester(path)


def test_what_steers_tests_is_told_from_code_and_prose() -> None:
    for path in ("conftest.py", "vitest.config.ts", "web/jest.config.js", "Directory.Build.props", ".editorconfig"):
        assert belongs_to_tester(path)
        assert steers_tests(path)
    for path in ("package.json", "tsconfig.json"):
        assert steers_tests(path)
        assert not belongs_to_tester(path)
    assert steers_tests("pyproject.toml")
    assert not belongs_to_tester("pyproject.toml")
    for path in ("src/latest.py", "src/Latest.cs", "src/Contest.cs", "contest.tsx", "pkg.latest/a.cs"):
        assert not is_test_path(path)
    assert is_test_module("src/__tests__/cart.tsx")
    assert not is_test_module("tests/helpers.py")
    assert is_document("docs/a.md")
    assert not is_document("a.py")
