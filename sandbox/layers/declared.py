"""What a project says it depends on, as the files that its installer is given; nothing of the project is run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from config.errors import UsageError
from sandbox.model import Language

FORMAT = 1
"""Raised when folders made of the same declarations would come out differently."""
_MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Declared:
    """Dependencies of one project in one language."""

    language: Language
    sources: tuple[str, ...]
    """The project's files that they come from."""
    files: Mapping[str, bytes]
    """For the installer, by name: only what names packages and versions."""
    notes: tuple[str, ...] = ()
    """What was left out, and why."""

    @property
    def digest(self) -> str:
        """Changes with everything the layer is made of, and with nothing else."""
        seen = hashlib.sha256(f"{FORMAT}\0{self.language}".encode())
        for name, content in sorted(self.files.items()):
            seen.update(f"\0{name}\0{len(content)}\0".encode() + content)
        return seen.hexdigest()[:20]


def declared(project: Path, language: Language, offered: str = "") -> Declared | None:
    """What the project at `project` depends on; None when it names nothing.

    `offered`: further Python packages for every box, separated by commas. Raises UsageError with file and line for
    what cannot be understood.
    """
    if language == "python":
        from sandbox.layers.python_files import read

        return read(project, offered)
    if language == "typescript":
        from sandbox.layers.node_files import read as read_node

        return read_node(project)
    return None


def read_file(project: Path, name: str) -> bytes | None:
    """One of the project's own files; None when there is none. Raises UsageError for one that leads out of it."""
    path = project / name
    try:
        if not path.resolve().is_relative_to(project.resolve()):
            raise UsageError(f"{name} lies outside the project at {project}.")
        if not path.is_file():
            return None
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    if len(content) > _MOST_BYTES:
        raise UsageError(f"{path} is larger than {_MOST_BYTES // 1_000_000} MB.")
    return content


def read_text(project: Path, name: str) -> str | None:
    """The same as text. Raises UsageError unless it is UTF-8."""
    content = read_file(project, name)
    try:
        return None if content is None else content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageError(f"{project / name} is not UTF-8 text.") from problem


def frozen(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return MappingProxyType(dict(files))
