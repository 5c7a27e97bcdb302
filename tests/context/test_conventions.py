"""What agents are told of a project's languages comes from its files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.context import RepoIndex
from core.context.conventions import conventions

Index = Callable[[], RepoIndex]
Put = Callable[[str, str], Path]


@pytest.mark.parametrize(
    ("files", "said", "unsaid"),
    [
        ({"a.py": "", "tests/test_a.py": ""}, ["tested with pytest", "there: tests/test_a.py."], ["TypeScript", "C#"]),
        (
            {"package.json": '{"dependencies": {"react": "19"}}', "src/Cart.test.tsx": ""},
            ["tested with vitest", "@testing-library/react", "there: src/Cart.test.tsx."],
            ["pytest"],
        ),
        ({"package.json": '{"devDependencies": {"jest": "29"}}', "a.ts": ""}, ["Jest's functions"], ["React"]),
        (
            {"package.json": '{"scripts": {"test": "node --test"}}', "a.js": ""},
            ["node:test", "no tests yet"],
            ["vitest"],
        ),
        (
            {
                "Shop/Shop.csproj": "<Project />",
                "Shop.Tests/Shop.Tests.csproj": '<PackageReference Include="xunit" />',
                "Shop.Tests/CartTests.cs": "",
            },
            ["tested with xUnit", "below the folder of Shop.Tests/Shop.Tests.csproj", "Shop.Tests/CartTests.cs"],
            ["NUnit"],
        ),
        ({"Shop.csproj": '<PackageReference Include="NUnit" />'}, ["NUnit (`[Test]`)", "no test project"], ["xUnit"]),
    ],
)
def test_each_language_names_its_runner_and_its_places(
    put: Put, index: Index, files: dict[str, str], said: list[str], unsaid: list[str]
) -> None:
    for path, text in files.items():
        put(path, text)
    now = index()
    text = conventions(now, now.languages)
    assert all(part in text for part in said), text
    assert not any(part in text for part in unsaid), text


def test_a_mixed_project_has_a_line_for_each_language(put: Put, index: Index) -> None:
    for path in ("pyproject.toml", "api/app.py", "package.json", "web/App.tsx"):
        put(path, "")
    now = index()
    assert [line.split(",")[0] for line in conventions(now, now.languages).splitlines()] == ["- Python", "- TypeScript"]
