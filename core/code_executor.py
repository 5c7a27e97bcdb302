"""What to run: a piece of code, a piece of code with its tests, or a whole work tree. Always in a box."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from config.errors import UsageError
from core.checks.joined_results import joined
from core.checks.test_files import is_test_module
from core.context.languages import detect_languages, languages_with, source_language
from core.files.ignore_rules import visible_files
from core.sandbox_runner import SandboxRunner
from sandbox.control import confirmed
from sandbox.model import BoxFile, BoxRequest, ExecutionResult, Language, OnOutput, OnRow, PythonEnvironment

MAX_TREE_BYTES = 100_000_000
SOLUTION, TESTS, SCRIPT = "solution.py", "test_solution.py", "main.py"
_NO_PACKAGES: Mapping[Language, str] = {}


class CodeExecutor:
    """Runs code of each language through the runner that can isolate it."""

    def __init__(self, runner: SandboxRunner) -> None:
        self._runner = runner
        self._environments: dict[tuple[str, str], PythonEnvironment] = {}

    @property
    def backend_name(self) -> str:
        """The isolation backend that code runs in."""
        return self._runner.backend_name

    async def execute_python(
        self,
        code: str,
        tests: str = "",
        *,
        timeout_s: float | None = None,
        extra_site: str = "",
        seed: int = 0,
        on_row: OnRow | None = None,
        on_output: OnOutput | None = None,
    ) -> ExecutionResult:
        """Run `code` as a program; with `tests`, as the module `solution` that the tests import.

        Tests that pass are run once more with other expected values, which they may not pass.
        """
        names = (SOLUTION, TESTS, SCRIPT)
        return await self._execute("python", names, code, tests, timeout_s, extra_site, seed, on_row, on_output)

    async def execute_typescript(
        self,
        code: str,
        tests: str = "",
        *,
        tsx: bool = False,
        timeout_s: float | None = None,
        extra_site: str = "",
        seed: int = 0,
        on_row: OnRow | None = None,
        on_output: OnOutput | None = None,
    ) -> ExecutionResult:
        """Run `code` as a program; with `tests`, as the module `./solution` that the tests import.

        `tsx`: both may contain JSX. Otherwise like `execute_python`. Raises SandboxUnavailable without the toolchain.
        """
        names = (
            ("solution.tsx", "solution.test.tsx", "main.tsx") if tsx else ("solution.ts", "solution.test.ts", "main.ts")
        )
        return await self._execute("typescript", names, code, tests, timeout_s, extra_site, seed, on_row, on_output)

    async def execute_dotnet(
        self,
        code: str,
        tests: str = "",
        *,
        timeout_s: float | None = None,
        extra_site: str = "",
        seed: int = 0,
        on_row: OnRow | None = None,
        on_output: OnOutput | None = None,
    ) -> ExecutionResult:
        """Run C# `code` as a program; with `tests` (of xunit, NUnit or MSTest), as the code that they test.

        Otherwise like `execute_python`. Raises SandboxUnavailable without the toolchain.
        """
        names = ("Solution.cs", "SolutionTests.cs", "Program.cs")
        return await self._execute("dotnet", names, code, tests, timeout_s, extra_site, seed, on_row, on_output)

    async def _execute(
        self,
        language: Language,
        names: tuple[str, str, str],
        code: str,
        tests: str,
        timeout_s: float | None,
        extra_site: str,
        seed: int,
        on_row: OnRow | None,
        on_output: OnOutput | None,
    ) -> ExecutionResult:
        """Run one piece of code, or one with its tests; `names`: what solution, tests and program are called."""
        solution, test_file, script = names
        limits = self._runner.limits if timeout_s is None else replace(self._runner.limits, timeout_s=timeout_s)
        content = code.encode("utf-8", "surrogatepass")
        if not tests:
            request = BoxRequest("script", (BoxFile(script, content),), entry=script)
        else:
            judging = BoxFile(test_file, tests.encode("utf-8", "surrogatepass"))
            request = BoxRequest("tests", (BoxFile(solution, content),), (judging,), select=(test_file,))
        request = replace(request, language=language, extra_site=extra_site, seed=seed, limits=limits)
        outcome = await self._runner.run(request, on_row, on_output)
        return await confirmed(request, outcome, self._runner.run) if tests and outcome.ok else outcome

    async def execute_project(
        self,
        root: Path,
        *,
        pristine: Mapping[str, bytes],
        language: Language | Literal["auto"] = "auto",
        select: Sequence[str] = (),
        packages: Mapping[Language, str] = _NO_PACKAGES,
        seed: int = 0,
        on_row: OnRow | None = None,
        on_output: OnOutput | None = None,
        control: bool = False,
    ) -> ExecutionResult:
        """Run the tests of the work tree at `root`, all or those selected by file or node id.

        `language`: with `auto`, each language that has tests there runs its own, one after the other, and the results
        are joined. `packages`: by language, host folders of packages that its boxes may read. `control`: protected
        tests that pass are run once more with other expected values, which they may not pass.

        `pristine` holds the files, by path relative to `root`, that the tree may not decide about: tests as they
        were before the work, and what steers them (conftest.py, pytest.ini). They replace what the tree has.
        Raises UsageError for a tree that is too large, SandboxUnavailable when a toolchain is not built.
        """
        files = await asyncio.to_thread(read_tree, root)
        languages = project_languages({*(file.path for file in files), *pristine}, select)
        request = BoxRequest(
            "tests",
            files,
            tuple(BoxFile(path, content) for path, content in sorted(pristine.items())),
            seed=seed,
            limits=self._runner.limits,
        )
        results: dict[Language, ExecutionResult] = {}
        for each in languages if language == "auto" else (language,):
            own = replace(request, language=each, select=_selected(select, each), extra_site=packages.get(each, ""))
            outcome = await self._runner.run(own, on_row, on_output)
            results[each] = await confirmed(own, outcome, self._runner.run) if control and outcome.ok else outcome
        return joined(results)

    async def require(self, languages: Iterable[Language]) -> None:
        """Make sure that there are boxes for these languages. Raises SandboxUnavailable with the command that helps."""
        for language in languages:
            await self._runner.require(language)

    async def python_environment(self, extra_site: str = "") -> PythonEnvironment:
        """What Python code in the box can import besides its own files; asked once per profile."""
        runner = self._runner
        key = (runner.profile_hash, extra_site)
        if key not in self._environments:
            self._environments[key] = await runner.python_environment(extra_site)
        return self._environments[key]


def project_languages(paths: Iterable[str], select: Sequence[str] = ()) -> tuple[Language, ...]:
    """Languages whose tests run for a project of these files: those of the tests in `select`, or of all tests.

    A project without tests runs its main language, and one without any language Python: to say that there are none.
    """
    known = set(paths)
    project = detect_languages(known)
    tests = [name.partition("::")[0] for name in select] or [path for path in known if is_test_module(path)]
    return languages_with(tests, project) or ("python",)


def _selected(select: Sequence[str], language: Language) -> tuple[str, ...]:
    """What of a selection is of a language; folders are of any."""
    return tuple(name for name in select if source_language(name.partition("::")[0]) in (language, None))


def read_tree(root: Path) -> tuple[BoxFile, ...]:
    """Regular files below `root` that its ignore files let through, in order of their paths; no links.

    Raises UsageError when they are larger than the box takes.
    """
    files: list[BoxFile] = []
    total = 0
    for path, relative in _regular_files(root):
        content, executable = _read(path)
        total += len(content)
        if total > MAX_TREE_BYTES:
            raise UsageError(
                f"The work tree at {root} has more than {MAX_TREE_BYTES // 1_000_000} MB of files.",
                "List data and build output in .nexusignore.",
            )
        files.append(BoxFile(relative, content, executable))
    return tuple(files)


def _regular_files(root: Path) -> Iterator[tuple[Path, str]]:
    for relative in sorted(visible_files(root)):
        path = root / relative
        if stat.S_ISREG(path.lstat().st_mode):
            yield path, relative


def _read(path: Path) -> tuple[bytes, bool]:
    # Between the look and the opening the name may have become a link or a pipe.
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as file:
        seen = os.fstat(fd)
        if not stat.S_ISREG(seen.st_mode):
            raise UsageError(f"{path} is not a regular file.")
        return file.read(MAX_TREE_BYTES + 1), bool(seen.st_mode & stat.S_IXUSR)
