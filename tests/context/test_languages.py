"""Which languages a project is in, a request names, and a run must verify."""

from __future__ import annotations

import pytest

from core.code_executor import project_languages
from core.context.languages import detect_languages, languages_asked, unsupported_languages

PYTHON = ("pyproject.toml", "shop/prices.py", "tests/test_prices.py")
REACT = ("package.json", "tsconfig.json", "src/Cart.tsx", "src/Cart.test.tsx", "src/index.css")
NET = ("Shop.sln", "src/Shop.csproj", "src/Cart.cs", "tests/CartTests.cs")


@pytest.mark.parametrize(
    ("paths", "languages"),
    [
        (PYTHON, ("python",)),
        (REACT, ("typescript",)),
        (NET, ("dotnet",)),
        (("a.py", "b.py", "c.ts"), ("python", "typescript")),
        (("package.json", "index.js"), ("typescript",)),
        (("package.json",), ("typescript",)),
        ((*PYTHON, "docs/search.js"), ("python",)),
        ((*REACT, "scripts/make.py"), ("typescript", "python")),
        ((*PYTHON, "tools/One.cs"), ("python",)),
        (("README.md", "Makefile"), ()),
    ],
)
def test_project_files_and_sources_say_what_a_project_is(paths: tuple[str, ...], languages: tuple[str, ...]) -> None:
    assert detect_languages(paths) == languages


def test_every_language_with_tests_runs_and_those_without_do_not() -> None:
    assert set(project_languages((*PYTHON, *REACT))) == {"python", "typescript"}
    assert project_languages((*REACT, "scripts/make.py")) == ("typescript",)
    assert project_languages(("package.json", "src/a.ts")) == ("typescript",)
    assert project_languages(()) == ("python",)


def test_a_selection_runs_only_its_own_language() -> None:
    mixed = (*PYTHON, *REACT, *NET)
    assert project_languages(mixed, ("tests/test_prices.py::test_total",)) == ("python",)
    assert project_languages(mixed, ("src/Cart.test.tsx::Cart > adds",)) == ("typescript",)
    assert project_languages(mixed, ("tests/CartTests.cs",)) == ("dotnet",)


@pytest.mark.parametrize(
    ("request_text", "languages"),
    [
        ("Write a Python script", ("python",)),
        ("Add slugify() to src/text.ts", ("typescript",)),
        ("Make a React badge", ("typescript",)),
        ("Use C# records", ("dotnet",)),
        ("an ASP.NET page", ("dotnet",)),
        ("Add a node to the tree and react to changes. Then go.", ()),
        ("Port make.py to Money.cs", ("python", "dotnet")),
    ],
)
def test_a_request_names_languages_and_their_files(request_text: str, languages: tuple[str, ...]) -> None:
    assert languages_asked(request_text) == languages


def test_languages_without_a_box_are_known_by_name() -> None:
    assert unsupported_languages(("main.go", "web/app.go", "lib/a.rs", "a.py", "x.sql")) == ("go", "rust")
