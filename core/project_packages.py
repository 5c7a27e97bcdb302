"""Which packages code in the box may import besides its own: the project's layer, or else its virtual environment."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from config.errors import UsageError
from config.settings import SandboxSettings
from core.sandbox_runner import SandboxRunner
from sandbox.layers import store
from sandbox.layers.declared import Declared, declared
from sandbox.model import LANGUAGES, Language
from sandbox.toolchains.recipe import Progress

BUILD_COMMAND = "nexus sandbox build --project"


@dataclass(frozen=True, slots=True)
class Packages:
    """The folder for `BoxRequest.extra_site`, and what a person should know about it."""

    folder: str = ""
    """Empty: there are none."""
    notice: str = ""
    """Empty when there is nothing to say."""
    remedy: str = ""
    level: Literal["info", "warning"] = "info"

    @property
    def text(self) -> str:
        return f"{self.notice} {self.remedy}".strip()


async def find_packages(
    project: Path, settings: SandboxSettings, runner: SandboxRunner, cache: Path, language: Language = "python"
) -> Packages:
    """The packages for runs of `project`. A named virtual environment comes first, then the layer of what it declares
    now, then its own virtual environment."""
    plan = await asyncio.to_thread(_plan, project, settings, cache, language)
    if plan.layer is not None:
        version = (await runner.python_environment()).version if language == "python" else (0, 0)
        if folder := store.find(plan.layer, version, cache):
            return Packages(str(folder), f"The project's packages come from the layer {folder.parent.name}.")
    return plan.otherwise


def known_packages(project: Path, settings: SandboxSettings, cache: Path) -> Packages:
    """The same for Python as far as it can be told without a box, with something to say in every case."""
    plan = _plan(project, settings, cache, "python")
    if plan.layer is not None:
        return Packages("", f"a layer holds the dependencies in {_sources(plan.layer)}")
    if plan.otherwise.notice:
        return plan.otherwise
    environment = plan.otherwise.folder
    return Packages(environment, (environment and f"{environment} is used") or "the project here declares none")


@dataclass(frozen=True, slots=True)
class _Plan:
    layer: Declared | None
    """There is a layer of these dependencies, if only for another interpreter."""
    otherwise: Packages


def _plan(project: Path, settings: SandboxSettings, cache: Path, language: Language) -> _Plan:
    environment = _virtual_environment(project, settings.python) if language == "python" else ""
    if settings.python and environment:
        return _Plan(None, Packages(environment))
    try:
        wanted = declared(project, language, settings.packages)
    except UsageError as problem:
        message = f"The project's dependencies cannot be read: {problem.message}"
        return _Plan(None, _without(environment, message, problem.remedy))
    if wanted is None:
        return _Plan(None, Packages(environment))
    missing = f"There is no layer of the dependencies in {_sources(wanted)} for this sandbox."
    otherwise = _without(environment, missing, f"Run: {BUILD_COMMAND} {shlex.quote(str(project))}")
    return _Plan(wanted if store.may_exist(wanted, cache) else None, otherwise)


def _sources(wanted: Declared) -> str:
    return " and ".join(wanted.sources) or "sandbox.packages"


def _without(environment: str, problem: str, remedy: str) -> Packages:
    if environment:
        return Packages(environment, f"{problem} The virtual environment {environment} is used.", remedy)
    return Packages("", f"{problem} What the box does not have of them cannot be imported.", remedy, "warning")


def _virtual_environment(project: Path, configured: str) -> str:
    candidates = [Path(configured)] if configured else [project / ".venv", project / "venv"]
    for folder in candidates:
        found = sorted(folder.glob("lib/python3.*/site-packages"))
        if found and (folder / "pyvenv.cfg").is_file():
            return str(found[-1])
    return ""


async def build_layers(
    project: Path,
    settings: SandboxSettings,
    runner: SandboxRunner,
    cache: Path,
    progress: Progress,
    languages: Sequence[Language] = LANGUAGES,
) -> list[Path]:
    """Build a layer for each language in which the project declares dependencies; what is there already is kept.

    Raises UsageError for a project that declares none or what cannot be met, SandboxUnavailable when this machine
    cannot build.
    """
    wanted = [await asyncio.to_thread(declared, project, language, settings.packages) for language in languages]
    found = [one for one in wanted if one is not None]
    if "dotnet" in languages and await asyncio.to_thread(lambda: any(project.glob("**/*.csproj"))):
        progress(
            "Packages of C# projects (NuGet) are not made into layers: a restore would evaluate the project's own "
            "build files with network. Its boxes have what the SDK holds."
        )
    if not found:
        raise UsageError(
            f"{project} declares no dependencies in {', '.join(languages)}.",
            "They are read from requirements*.txt, pyproject.toml, and package.json with package-lock.json.",
        )
    return [await _build(one, project, settings.packages, runner, cache, progress) for one in found]


async def _build(
    wanted: Declared, project: Path, offered: str, runner: SandboxRunner, cache: Path, progress: Progress
) -> Path:
    for note in wanted.notes:
        progress(note)
    version = (0, 0)
    if wanted.language == "python":
        await runner.start()
        version = (await runner.python_environment()).version
    return await store.make(wanted, version, project, offered, cache, progress)
