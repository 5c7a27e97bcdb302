"""The dependencies of a Python project: requirements files, pyproject.toml, and the versions that lock files pin."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from config.errors import UsageError
from sandbox.layers.declared import Declared, frozen, read_text
from sandbox.layers.requirements import Requirements, checked

_FILES = re.compile(r"(?:(?:dev|tests?|ci)[-_.])?requirements(?:[-_.](?:dev|tests?|testing|ci|all))?\.txt")
_IN_FOLDER = re.compile(r"(?:base|main|prod|production|dev|tests?|testing|ci|all)\.txt")
_GROUPS = ("test", "tests", "testing", "dev", "development")
"""Extras and groups that tests need; others, such as docs, only make the layer larger."""
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock")
_CARET = re.compile(r"\^\s*(\d+(?:\.\d+)*)$")
_TILDE = re.compile(r"~\s*(\d+)(?:\.(\d+))?((?:\.\d+)*)$")

Table = Mapping[str, object]


def read(project: Path, offered: str) -> Declared | None:
    """What the project and `offered` ask for; None when that is nothing. Raises UsageError."""
    found = Requirements()
    for name in _requirements_files(project):
        found.read(project, name)
    notes: list[str] = []
    further = [one.strip() for one in offered.split(",") if one.strip()]
    if found.hashed:
        # Locked by hashes: pip takes nothing without one, and what is locked came from pyproject.toml.
        bare = [line for line in found.lines if "--hash=" not in line] + further
        if bare:
            notes.append(f"Left out, because it has no hash and other requirements do: {', '.join(bare)}")
        found.lines = [line for line in found.lines if "--hash=" in line]
    else:
        _pyproject(project, found)
        for one in further:
            found.add(one, "sandbox.packages")
        for name in _LOCKS:
            _lock(project, name, found)
    if found.left_out:
        listed = "; ".join(found.left_out[:5]) + ("; ..." if len(found.left_out) > 5 else "")
        notes.append(f"Left out, because only wheels by name and version are fetched: {listed}")
    if not found.lines:
        return None
    files = {"requirements.txt": _text(found.lines), "constraints.txt": _text(found.constraints)}
    return Declared("python", tuple(found.sources), frozen(files), tuple(notes))


def _text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in dict.fromkeys(lines)).encode()


def _requirements_files(project: Path) -> list[str]:
    here = [path.name for path in project.glob("*.txt") if _FILES.fullmatch(path.name)]
    folder = [path.name for path in project.glob("requirements/*.txt") if _IN_FOLDER.fullmatch(path.name)]
    return [*sorted(here, key=lambda name: (len(name), name)), *(f"requirements/{name}" for name in sorted(folder))]


def _pyproject(project: Path, found: Requirements) -> None:
    name = "pyproject.toml"
    data = _toml(project, name)
    before = len(found.lines) + len(found.left_out)
    standard = _table(data.get("project"))
    own = _normal(str(standard.get("name", "")))
    extras = _table(standard.get("optional-dependencies"))
    groups = _table(data.get("dependency-groups"))
    for text in _strings(standard.get("dependencies")):
        found.add(text, name)
    for group in _GROUPS:
        for text in _group(extras, group, own, ()):
            found.add(text, name)
        for text in _group(groups, group, own, ()):
            found.add(text, name)
    for text in _poetry(_table(_table(data.get("tool")).get("poetry"))):
        found.add(text, name)
    if len(found.lines) + len(found.left_out) > before:
        found.sources.append(name)


def _group(groups: Table, name: str, own: str, seen: tuple[str, ...]) -> Iterator[str]:
    """The requirements of an extra or group, with those it includes."""
    if name in seen:
        return
    entries = groups.get(name)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            yield from _group(groups, str(entry.get("include-group", "")), own, (*seen, name))
        elif isinstance(entry, str):
            extra = re.fullmatch(r"\s*([\w.-]+)\s*\[([^\]]+)\]\s*", entry)
            if extra and _normal(extra.group(1)) == own:
                for inner in extra.group(2).split(","):
                    yield from _group(groups, inner.strip(), own, (*seen, name))
            else:
                yield entry


def _poetry(tool: Table) -> Iterator[str]:
    """Poetry's own way to write requirements, in the standard one."""
    tables = [_table(tool.get("dependencies")), _table(tool.get("dev-dependencies"))]
    for name, group in _table(tool.get("group")).items():
        if name in _GROUPS:
            tables.append(_table(_table(group).get("dependencies")))
    for table in tables:
        for name, wanted in table.items():
            if name == "python":
                continue
            options = _table(wanted)
            if {"git", "path", "url"} & options.keys():
                yield f"{name} @ {options.get('git') or options.get('path') or options.get('url')}"
                continue
            if options.get("optional"):
                continue
            version = str(options.get("version", "*")) if options else str(wanted)
            extras = ",".join(_strings(options.get("extras")))
            marker = f"; {options['markers']}" if options.get("markers") else ""
            yield f"{name}{f'[{extras}]' if extras else ''}{_specifier(version)}{marker}"


def _specifier(version: str) -> str:
    """`^1.2` and `~1.2` as ranges; others are standard already."""
    return ",".join(_range(part.strip()) for part in version.split(",")) if version != "*" else ""


def _range(version: str) -> str:
    if caret := _CARET.match(version):
        parts = [int(part) for part in caret.group(1).split(".")]
        # Up to the next change of the first part that is not 0.
        place = next((index for index, part in enumerate(parts) if part), len(parts) - 1)
        return f">={caret.group(1)},<{'.'.join(map(str, [*parts[:place], parts[place] + 1]))}"
    if tilde := _TILDE.match(version):
        major, minor, rest = tilde.groups()
        below = f"{int(major) + 1}" if minor is None else f"{major}.{int(minor) + 1}"
        return f">={major}{'' if minor is None else f'.{minor}'}{rest},<{below}"
    return f"=={version}" if version[:1].isdigit() else version


def _lock(project: Path, name: str, found: Requirements) -> None:
    """Pin what pip chooses to the versions of a lock file."""
    packages = _toml(project, name).get("package")
    pinned = [_table(package) for package in packages] if isinstance(packages, list) else []
    if not pinned:
        return
    found.sources.append(name)
    names = [_normal(str(package.get("name", ""))) for package in pinned]
    for package, normal in zip(pinned, names, strict=True):
        source = _table(package.get("source"))
        foreign = {"git", "directory", "path", "url", "editable", "virtual"} & {*source, source.get("type")}
        # One name in several versions is one for each sort of machine; without its marker it cannot be told which.
        marker = _marker(package)
        if package.get("version") and not foreign and (marker or names.count(normal) == 1):
            text = f"{package['name']}=={package['version']}{f'; {marker}' if marker else ''}"
            found.constraints.append(checked(text, name))


def _marker(package: Table) -> str:
    single = package.get("markers") or package.get("marker")
    if isinstance(single, str):
        return single
    return " or ".join(f"({one})" for one in _strings(package.get("resolution-markers")))


def _toml(project: Path, name: str) -> Table:
    text = read_text(project, name)
    try:
        return tomllib.loads(text or "")
    except tomllib.TOMLDecodeError as problem:
        raise UsageError(f"{project / name} is not TOML: {problem}.", "Mend that file.") from problem


def _table(value: object) -> Table:
    return cast("Table", value) if isinstance(value, dict) else {}


def _strings(value: object) -> Iterator[str]:
    yield from (one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
