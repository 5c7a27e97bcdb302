"""What boxes of each language need on this machine: a toolchain folder, and an image where Docker is used."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from app.doctor.model import Check, Finding, Machine, ok
from config.errors import SandboxUnavailable
from core.code_executor import project_languages
from core.context.languages import TITLES, detect_languages
from core.files.ignore_rules import visible_files
from sandbox.build import docker_answers, image_mb
from sandbox.folder_store import size_mb
from sandbox.image_builder import image_tag
from sandbox.model import LANGUAGES, Language
from sandbox.toolchains import store

_DEADLINE_S = 30


def language(which: Language, machine: Machine) -> Finding:
    """What is there for boxes of a language; what is missing is a failure only if the project here needs it."""
    backend = machine.settings.sandbox.backend
    there: list[str] = []
    missing: list[str] = []
    if which == "python":
        there.append("Python needs no toolchain")
    elif backend != "docker":
        _toolchain(which, machine.paths.cache, there, missing)
    if backend == "docker" or (backend == "auto" and docker_answers() and image_mb(image_tag("python"))):
        _image(which, there, missing)
    if not missing:
        return ok("; ".join(there))
    needed = which in _needed(machine.project)
    why = f"; the project here is written in {TITLES[which]}" if needed else ""
    summary = "; ".join((*missing, *there)) + why
    return Finding("fail" if needed else "warn", summary, f"Run: nexus sandbox build --language {which}")


def _image(which: Language, there: list[str], missing: list[str]) -> None:
    tag = image_tag(which)
    if not docker_answers():
        missing.append("Docker does not answer")
    elif size := image_mb(tag):
        there.append(f"the image {tag} takes {size} MB")
    else:
        missing.append(f"the image {tag} is missing")


def _toolchain(which: Language, cache: Path, there: list[str], missing: list[str]) -> None:
    assert which != "python"
    try:
        folder = store.find(which, cache)
    except SandboxUnavailable:
        missing.append("the toolchain is not built")
    else:
        there.append(f"the toolchain takes {size_mb(folder)} MB")


def _needed(project: Path) -> tuple[Language, ...]:
    """The languages that runs in this folder verify; none for a folder that is no project, such as a home."""
    files = {path.name for path in project.iterdir()}
    if ".git" not in files and not detect_languages(files):
        return ()
    paths = set(visible_files(project))
    return project_languages(paths) if detect_languages(paths) else ()


LANGUAGE_CHECKS: Sequence[Check] = tuple(
    Check(f"language.{which}", partial(language, which), deadline_s=_DEADLINE_S) for which in LANGUAGES
)
