"""What agents are told about the languages of a project: how tests are run, what they are called, where they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from core.checks.test_files import is_test_module, is_test_path
from core.context.languages import source_language
from core.context.reading import Refusal
from core.context.repo_map import RepoIndex
from sandbox.model import Language

_SHOWN = 3
_XUNIT, _NUNIT, _MSTEST = "xUnit (`[Fact]`, `[Theory]`)", "NUnit (`[Test]`)", "MSTest (`[TestMethod]`)"


def conventions(index: RepoIndex, languages: Sequence[Language]) -> str:
    """A list item for each language. A pure function of the files: it must be the same for every call of a run."""
    tests = [file.path for file in index.files if is_test_module(file.path)]
    lines = []
    for language in languages:
        own = [path for path in tests if source_language(path) == language]
        there = f" Tests that are there: {', '.join(own[:_SHOWN])}." if own else " There are no tests yet."
        lines.append(f"- {_DESCRIBED[language](index)}{there}")
    return "\n".join(lines)


def _python(_: RepoIndex) -> str:
    return "Python, tested with pytest. Test modules are called `test_….py` and live in `tests/`."


def _typescript(index: RepoIndex) -> str:
    manifests = _texts(index, lambda path: PurePosixPath(path).name == "package.json")
    said = "\n".join(manifests.values())
    if '"jest"' in said and '"vitest"' not in said:
        runner = "with Jest's functions, which are global there"
    elif '"vitest"' not in said and re.search(r"node\s+--test", said):
        runner = 'with `node:test` (`import test from "node:test"`) and `node:assert/strict`'
    else:
        runner = 'with vitest (`import { describe, expect, it } from "vitest"`)'
    react = '"react"' in said or any(file.path.endswith(("tsx", "jsx")) for file in index.files)
    components = (
        " React components are tested in jsdom with `@testing-library/react`: find by role or text, as users do."
        if react
        else ""
    )
    return (
        f"TypeScript, tested {runner}. Test files are called `….test.ts`, or `….test.tsx` when they hold JSX, beside "
        f"the file they test or where the others are. The compiler checks all types, those of tests too.{components}"
    )


def _dotnet(index: RepoIndex) -> str:
    projects = _texts(index, lambda path: path.endswith(".csproj"))
    said = "\n".join(projects.values()).lower()
    framework = _NUNIT if "nunit" in said else _MSTEST if "mstest" in said else _XUNIT
    homes = [path for path, text in projects.items() if is_test_path(path) or "Microsoft.NET.Test.Sdk" in text]
    if homes:
        place = f"They belong below the folder of {' or '.join(homes[:_SHOWN])}."
    elif projects:
        place = "There is no test project: put one into `tests/`, with a `ProjectReference` to the code."
    else:
        place = "They live in `tests/`."
    return (
        f"C#, tested with {framework}. Test classes are called `…Tests`, each in a file of its name. {place} "
        "Write the C# of the project's target framework, no newer one, and name every namespace you use."
    )


_DESCRIBED: Mapping[Language, Callable[[RepoIndex], str]] = {
    "python": _python,
    "typescript": _typescript,
    "dotnet": _dotnet,
}


def _texts(index: RepoIndex, chosen: Callable[[str], bool]) -> dict[str, str]:
    found = {file.path: index.text(file.path) for file in index.files if chosen(file.path)}
    return {path: text for path, text in found.items() if not isinstance(text, Refusal)}
