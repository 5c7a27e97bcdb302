"""Where code runs: picks an isolation backend, proves that it confines, and retries what was not the code's fault."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from config.errors import SandboxUnavailable
from config.settings import SandboxSettings
from sandbox.backend import Backend
from sandbox.model import BoxRequest, ExecutionResult, Language, Limits, OnOutput, OnRow, PythonEnvironment
from sandbox.self_test import find_escapes

BackendName = Literal["docker", "bubblewrap"]
_INFRA_TRIES = 2
SLOTS = max(2, os.cpu_count() or 1)
"""More boxes at once than cores would only make each of them slower, up to its time limit."""
_MEND = "Run: sudo apt-get install -y bubblewrap"


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """One backend as `nexus sandbox status` shows it."""

    name: str
    usable: bool
    summary: str
    remedy: str = ""
    profile: str = ""


class SandboxRunner:
    """The one door to a box. Start it before the first run; close it to leave nothing behind."""

    def __init__(self, settings: SandboxSettings, cache: Path) -> None:
        self._settings = settings
        self._cache = cache
        self._backend: Backend | None = None
        self._slots = asyncio.Semaphore(SLOTS)

    @property
    def backend_name(self) -> str:
        return self._chosen.name

    @property
    def profile_hash(self) -> str:
        return self._chosen.profile

    @property
    def limits(self) -> Limits:
        """The configured limits, for requests that need no others."""
        chosen = self._settings
        return Limits(
            timeout_s=chosen.timeout_s,
            memory_mb=chosen.memory_mb,
            pids=chosen.pids,
            cpus=chosen.cpus,
            disk_mb=chosen.disk_mb,
            output_kb=chosen.output_kb,
        )

    async def start(self) -> None:
        """Pick a backend that works here and prove that it confines.

        Raises SandboxUnavailable when there is none, or when the named one does not work: there is no other way to
        run code, least of all on the host.
        """
        names: tuple[BackendName, ...] = ("docker", "bubblewrap")
        if self._settings.backend != "auto":
            names = (self._settings.backend,)
        elif self._settings.docker_runtime:
            names = ("docker",)  # who asks for gVisor wants no weaker wall instead
        problems: list[SandboxUnavailable] = []
        for name in names:
            try:
                self._backend = await self._open(name)
            except SandboxUnavailable as problem:
                problems.append(problem)
            else:
                return
        if len(problems) == 1:
            raise problems[0]
        why = " ".join(problem.message for problem in problems)
        raise SandboxUnavailable(f"No sandbox works here. {why}", problems[-1].remedy or _MEND)

    async def _open(self, name: BackendName) -> Backend:
        backend = self._make(name)
        try:
            await backend.start()
            if escapes := await find_escapes(backend, self._cache):
                raise SandboxUnavailable(
                    f"The {name} backend is refused, because code in its box could {', '.join(escapes)}.",
                    "Update it, or use the other one: `nexus sandbox status` shows both.",
                )
        except OSError as problem:
            await backend.close()
            raise SandboxUnavailable(
                f"The {name} backend cannot write what it needs to {self._cache}: {problem.strerror or problem}.",
                "Free some space there, or point NEXUS_HOME to another folder.",
            ) from problem
        except BaseException:
            await backend.close()
            raise
        return backend

    def _make(self, name: BackendName) -> Backend:
        def docker() -> Backend:
            from sandbox.docker_backend import DockerBackend

            return DockerBackend(self._cache, runtime=self._settings.docker_runtime, warm_limits=self.limits)

        def bubblewrap() -> Backend:
            from sandbox.bubblewrap import Bubblewrap

            return Bubblewrap(self._cache)

        makers: dict[str, Callable[[], Backend]] = {"docker": docker, "bubblewrap": bubblewrap}
        return makers[name]()

    async def require(self, language: Language) -> None:
        """Make sure that boxes of a language can be made. Raises SandboxUnavailable with the command that helps."""
        await self._chosen.require(language)

    async def run(
        self, request: BoxRequest, on_row: OnRow | None = None, on_output: OnOutput | None = None
    ) -> ExecutionResult:
        """Run one request in a fresh box. A failure of the sandbox itself is tried once more.

        Raises UsageError for a path that leaves the work folder.
        """
        return (await self._run(request, on_row, on_output))[0]

    async def python_environment(self, extra_site: str = "") -> PythonEnvironment:
        """What code in the box can import. Raises SandboxUnavailable when the box cannot tell."""
        outcome, environment = await self._run(BoxRequest("probe", extra_site=extra_site, limits=self.limits))
        if environment is None:
            raise SandboxUnavailable(f"The sandbox could not describe its Python. {outcome.reason}")
        return environment

    async def _run(
        self, request: BoxRequest, on_row: OnRow | None = None, on_output: OnOutput | None = None
    ) -> tuple[ExecutionResult, PythonEnvironment | None]:
        backend = self._chosen
        async with self._slots:
            for left in reversed(range(_INFRA_TRIES)):
                outcome, environment = await backend.run(request, on_row, on_output)
                if outcome.verdict != "infra_error" or not left:
                    break
        return outcome, environment

    @property
    def _chosen(self) -> Backend:
        if self._backend is None:
            raise SandboxUnavailable("The sandbox was not started.")
        return self._backend

    async def status(self) -> tuple[BackendStatus, ...]:
        """Each backend, tried for real."""
        found: list[BackendStatus] = []
        names: tuple[BackendName, ...] = ("docker", "bubblewrap")
        for name in names:
            try:
                backend = await self._open(name)
            except SandboxUnavailable as problem:
                found.append(BackendStatus(name, usable=False, summary=problem.message, remedy=problem.remedy))
                continue
            await backend.close()
            found.append(BackendStatus(name, usable=True, summary="Confines code.", profile=backend.profile))
        return tuple(found)

    async def close(self) -> None:
        """End what is still there of every box."""
        if self._backend is not None:
            await self._backend.close()
            self._backend = None
