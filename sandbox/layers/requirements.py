"""Reads requirements files of pip: packages by name, version and hash, and nothing that would run or redirect.

A requirements file can also name folders and repositories to build, turn building on, and choose another index.
Those lines are left out, and said.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import UsageError
from sandbox.layers.declared import read_text

_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)[ =]*(\S+)$")
_HASH = re.compile(r"\s--hash[= ](\w+:[0-9a-fA-F]+)")
_OPTION = re.compile(r"\s--?[a-z].*$")
_NOT_A_NAME = re.compile(r"^(?:\.|/|~|[a-z+]+://|file:)|\.(?:whl|zip|tar\.gz)$|@\s*[a-z+]+:", re.IGNORECASE)


@dataclass(slots=True)
class Requirements:
    """Lines for pip, in the order in which they were found."""

    lines: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Lines of the project that are not followed."""
    sources: list[str] = field(default_factory=list)

    @property
    def hashed(self) -> bool:
        return any("--hash=" in line for line in self.lines)

    def add(self, text: str, where: str) -> None:
        """One requirement. `where` names its place. Raises UsageError when it is none."""
        if _NOT_A_NAME.search(text):
            self.left_out.append(text)
        else:
            self.lines.append(checked(text, where))

    def read(self, project: Path, name: str, *, constraints: bool = False) -> bool:
        """Take in a requirements file and what it includes. False when there is none. Raises UsageError."""
        text = read_text(project, name)
        if text is None or name in self.sources:
            return text is not None
        self.sources.append(name)
        for number, line in _logical_lines(text):
            self._line(project, name, line, f"{name}:{number}", constraints)
        return True

    def _line(self, project: Path, name: str, line: str, where: str, constraints: bool) -> None:
        if included := _INCLUDE.match(line):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), included.group(1)))
            if not self.read(project, path, constraints=constraints or line.startswith(("-c", "--c"))):
                raise UsageError(f"{where}: {path} does not exist.")
            return
        hashes = _HASH.findall(f" {line}")
        bare = _OPTION.sub("", _HASH.sub("", f" {line}")).strip()
        if line.startswith("-") or _NOT_A_NAME.search(bare):
            self.left_out.append(line)
            return
        whole = " ".join([checked(bare, where), *(f"--hash={one}" for one in hashes)])
        (self.constraints if constraints else self.lines).append(whole)


def checked(text: str, where: str) -> str:
    """A requirement in its normal form, `name[extra]>=1; marker`. Raises UsageError when it is none."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return str(Requirement(text))
    except InvalidRequirement as problem:
        why = str(problem).splitlines()[0].rstrip(".:")
        raise UsageError(f"{where}: {text!r} is not a requirement: {why}.", "Mend that line.") from problem


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined at backslashes, without comments, each with the number of its first line."""
    begun, first = "", 0
    for number, raw in enumerate([*text.splitlines(), ""], 1):
        first = first if begun else number
        line = re.sub(r"(^|\s)#.*$", "", raw)
        begun += line.rstrip("\\")
        if not line.endswith("\\"):
            if whole := begun.strip():
                yield first, whole
            begun = ""
