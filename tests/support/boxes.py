"""Real sandbox backends, shared by the tests of one process, on an event loop that keeps running between tests."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator
from typing import TypeVar

import pytest

from config.errors import SandboxUnavailable
from sandbox.attacks.arena import LIMITS, program
from sandbox.backend import Backend
from sandbox.bubblewrap import Bubblewrap
from sandbox.docker_backend import DockerBackend
from sandbox.model import BoxFile, BoxRequest, ExecutionResult, Language, Limits, OnOutput, OnRow, PythonEnvironment

T = TypeVar("T")
WAIT_S = 180
DOTNET_LIMITS = Limits(timeout_s=50, memory_mb=512, pids=64, disk_mb=64, output_kb=256)
TYPESCRIPT_LIMITS = Limits(timeout_s=50, memory_mb=1024, pids=128, disk_mb=64, output_kb=256)

ADD_TESTS = program("victim/test_solution.py").decode()
WRONG_ADD = program("wrong_add.py").decode()


class Boxes:
    """One started backend, with synchronous doors."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.wait(backend.start())

    def wait(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def run(
        self, request: BoxRequest, on_row: OnRow | None = None, on_output: OnOutput | None = None
    ) -> ExecutionResult:
        return self.wait(self.backend.run(request, on_row, on_output))[0]

    def probe(self, extra_site: str = "") -> PythonEnvironment:
        environment = self.wait(self.backend.run(BoxRequest("probe", extra_site=extra_site, limits=LIMITS)))[1]
        assert environment is not None
        return environment

    def script(self, code: str, limits: Limits = LIMITS, **files: str) -> ExecutionResult:
        laid = (BoxFile("main.py", code.encode()), *(BoxFile(f"{k}.py", v.encode()) for k, v in files.items()))
        return self.run(BoxRequest("script", laid, limits=limits))

    def facts(self, code: str) -> dict[str, object]:
        """Run a program that prints one JSON object, and return it."""
        outcome = self.script(code)
        assert outcome.verdict == "passed", (outcome.reason, outcome.stderr)
        found = json.loads(outcome.stdout)
        assert isinstance(found, dict)
        return found

    def tests(
        self, solution: str, tests: str, *, extra: dict[str, str] | None = None, limits: Limits = LIMITS
    ) -> ExecutionResult:
        """Run `tests`, protected, against the module `solution`; `extra` are unprotected files by path."""
        files = [BoxFile("solution.py", solution.encode())]
        files += [BoxFile(path, text.encode()) for path, text in (extra or {}).items()]
        pristine = (BoxFile("test_solution.py", tests.encode()),)
        return self.run(BoxRequest("tests", tuple(files), pristine, limits=limits))

    def typescript(
        self, tests: str, *, select: tuple[str, ...] = (), limits: Limits = TYPESCRIPT_LIMITS, **files: str
    ) -> ExecutionResult:
        """Run `tests`, protected, as `solution.test.ts(x)`; `files` are unprotected, by name with `__` for its dot."""
        laid = tuple(BoxFile(name.replace("__", "."), text.encode()) for name, text in files.items())
        name = "solution.test.tsx" if any(file.path.endswith(".tsx") for file in laid) else "solution.test.ts"
        pristine = (BoxFile(name, tests.encode()),)
        return self.run(BoxRequest("tests", laid, pristine, select=select, limits=limits, language="typescript"))

    def dotnet(
        self,
        files: dict[str, str],
        tests: dict[str, str],
        *,
        select: tuple[str, ...] = (),
        limits: Limits = DOTNET_LIMITS,
    ) -> ExecutionResult:
        """Run C# `tests`, protected, against `files`; both by path."""
        laid = tuple(BoxFile(path, text.encode("utf-8", "surrogateescape")) for path, text in files.items())
        pristine = tuple(BoxFile(path, text.encode()) for path, text in tests.items())
        return self.run(BoxRequest("tests", laid, pristine, select=select, limits=limits, language="dotnet"))

    def csharp(self, code: str | bytes, limits: Limits = DOTNET_LIMITS) -> ExecutionResult:
        """Run one C# file as a program."""
        laid = (BoxFile("Program.cs", code if isinstance(code, bytes) else code.encode()),)
        return self.run(BoxRequest("script", laid, entry="Program.cs", limits=limits, language="dotnet"))

    def close(self) -> None:
        self.wait(self.backend.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)


def opened(name: str, factory: pytest.TempPathFactory) -> Boxes:
    """A started backend; skips, and warns, where the machine has none of that name."""
    cache = factory.mktemp("sandbox-cache")
    makers: dict[str, Callable[[], Backend]] = {
        "bubblewrap": functools.partial(Bubblewrap, cache),
        "docker": functools.partial(DockerBackend, cache, warm_limits=LIMITS),
    }
    try:
        return Boxes(makers[name]())
    except SandboxUnavailable as problem:
        reason = f"THE {name.upper()} BACKEND IS NOT TESTED HERE: {problem}"
        warnings.warn(reason, stacklevel=2)
        pytest.skip(reason)


@pytest.fixture(scope="session", params=["bubblewrap", "docker"])
def boxes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boxes]:
    """Each backend in turn."""
    found = opened(str(request.param), tmp_path_factory)
    yield found
    found.close()


@pytest.fixture(scope="session")
def typescript(box: Boxes) -> Boxes:
    """A box with the TypeScript toolchain; skips, and warns, where it is not built."""
    return having(box, "typescript")


@pytest.fixture(scope="session")
def dotnet(box: Boxes) -> Boxes:
    """A box with the .NET toolchain; skips, and warns, where it is not built."""
    return having(box, "dotnet")


def having(found: Boxes, language: Language) -> Boxes:
    """The same boxes; skips, and warns, where the toolchain of the language is not built."""
    try:
        found.run(BoxRequest("probe", limits=TYPESCRIPT_LIMITS, language=language))
    except SandboxUnavailable as problem:
        reason = f"{language.upper()} IS NOT TESTED HERE: {problem}"
        warnings.warn(reason, stacklevel=2)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boxes]:
    """One backend, for what depends on the harness inside the box and not on the walls around it."""
    try:
        found = opened("bubblewrap", tmp_path_factory)
    except pytest.skip.Exception:
        found = opened("docker", tmp_path_factory)
    yield found
    found.close()
