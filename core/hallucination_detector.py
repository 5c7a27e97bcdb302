"""References to modules and names that do not exist, found before the code is run.

This first check reads imports: the sandbox's Python, the workspace's own modules and the declared dependencies are
the three places a module can come from. Only lines that the attempt wrote are judged.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.checks.declared_dependencies import declared_modules, is_dependency_file
from core.checks.findings import Finding, Severity
from core.checks.python_imports import ImportRef, imports_of
from core.checks.python_modules import ModuleIndex, ascend
from core.checks.source_lines import changed_lines
from sandbox.model import PythonEnvironment

Level = Literal["CONFIRMED", "LIKELY", "UNKNOWN"]
"""CONFIRMED: in none of the places it could be. LIKELY: one source says so, another cannot tell. UNKNOWN: it may well
exist, but not here. Only CONFIRMED counts against the threshold."""

_SEVERITY: Mapping[Level, Severity] = {"CONFIRMED": "error", "LIKELY": "warning", "UNKNOWN": "info"}
_GENERATED = ("_pb2", "_pb2_grpc", "_version")
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})


@dataclass(frozen=True, slots=True)
class Issue:
    level: Level
    kind: Literal["module", "name"]
    path: str
    line: int
    reference: str
    message: str
    suggestions: tuple[str, ...] = ()
    """Nearest real names, best first."""

    def to_finding(self) -> Finding:
        fix = f"Use {' or '.join(f'`{name}`' for name in self.suggestions)}." if self.suggestions else ""
        blocking = self.level == "CONFIRMED"
        rule = f"hallucination.{self.kind}"
        return Finding(rule, _SEVERITY[self.level], self.path, self.line, self.message, fix, blocking)


@dataclass(frozen=True, slots=True)
class ReferenceContext:
    """Everything the checked code may refer to."""

    environment: PythonEnvironment
    paths: frozenset[str]
    """Relative POSIX paths of the workspace's modules."""
    read: Callable[[str], bytes | None]
    """Content of one of `paths`; None when it cannot be read."""
    base: Mapping[str, bytes]
    """The changed files as they were: what they referred to then is not judged."""
    declared: frozenset[str] = frozenset()
    """Top-level modules of declared dependencies."""

    @classmethod
    def of_workspace(cls, environment: PythonEnvironment, root: Path, base: Mapping[str, bytes]) -> ReferenceContext:
        """Describe the folder `root`. Walks it once; modules are read when first asked for."""
        paths = frozenset(_walk(root))
        declaring = {path: _read(root / path) for path in paths if is_dependency_file(path)}
        declared = declared_modules({path: text for path, text in declaring.items() if text is not None})
        return cls(environment, paths, lambda path: _read(root / path), base, declared)


def _walk(root: Path) -> Iterator[str]:
    for folder, inner, files in os.walk(root):
        inner[:] = [name for name in inner if name not in _SKIPPED_FOLDERS and not name.startswith(".")]
        if "pyvenv.cfg" in files:
            inner.clear()
            continue
        for name in files:
            path = Path(folder, name).relative_to(root).as_posix()
            if name.endswith((".py", ".pyi", ".so", ".pyd", ".pyx")) or is_dependency_file(path):
                yield path


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


class HallucinationDetector:
    """Checks the references of changed Python files."""

    def check_references(self, code: Mapping[str, bytes], context: ReferenceContext) -> list[Issue]:
        """Issues of the changed lines of `code` (files by relative path), in file and line order."""
        index = _index(code, context)
        issues = (_check(ref, path, index, context) for path, ref in _references(code, context))
        return [issue for issue in issues if issue is not None]

    def count_references(self, code: Mapping[str, bytes], context: ReferenceContext) -> int:
        """How many references `check_references` looks at."""
        return sum(1 for _ in _references(code, context))

    def score(self, issues: Iterable[Issue], checked: int) -> float:
        """Share of the checked references that are certainly made up, 0 to 1; 0 when none was checked."""
        confirmed = sum(issue.level == "CONFIRMED" for issue in issues)
        return min(1.0, confirmed / checked) if checked else 0.0


def _index(code: Mapping[str, bytes], context: ReferenceContext) -> ModuleIndex:
    def read(path: str) -> bytes | None:
        return code[path] if path in code else context.read(path)

    return ModuleIndex(context.paths | code.keys(), read)


def _references(code: Mapping[str, bytes], context: ReferenceContext) -> Iterator[tuple[str, ImportRef]]:
    """Unguarded imports on lines the attempt wrote, unless the file imported the same before."""
    for path in sorted(code):
        if not path.endswith((".py", ".pyi")):
            continue
        before = context.base.get(path)
        known = {ref.identity for ref in imports_of(before)} if before is not None else set()
        fresh = changed_lines(before, code[path])
        for ref in imports_of(code[path]):
            if ref.line in fresh and ref.identity not in known and not ref.guarded and ref.module != "__future__":
                yield path, ref


def _check(ref: ImportRef, path: str, index: ModuleIndex, context: ReferenceContext) -> Issue | None:
    if ref.level:
        return _check_relative(ref, path, index)
    top, environment = ref.module.partition(".")[0], context.environment
    if top in environment.stdlib:
        return None
    installed = top in environment.installed
    # A module of the same name somewhere in the tree does not hide an installed one; the project's own package may
    # be installed too, and then its source is what counts.
    places = [place for place in index.find(ref.module) if not installed or _is_own(place, ref.module)]
    if places:
        return _check_name(ref, path, places, index)
    if installed:
        own = [place for place in index.find(top) if _is_own(place, top) and index.is_closed(place)]
        return _missing_submodule(ref, path, index) if own else None
    if top in index.top_level:
        return _missing_submodule(ref, path, index)
    return _missing_module(ref, path, top, index, context)


def _is_own(place: str, module: str) -> bool:
    """Is the place where a project keeps its package: at the top, or below `src`?"""
    inner = place.removeprefix("src/")
    return inner.removesuffix(".py").removesuffix(".pyi") == module.replace(".", "/")


def _check_relative(ref: ImportRef, path: str, index: ModuleIndex) -> Issue | None:
    folder = ascend(path, ref.level)
    if folder == "..":
        return Issue("CONFIRMED", "module", path, ref.line, ref.text, f"`{ref.text}` points above the workspace.")
    place = index.at(folder, ref.module)
    if place is not None:
        return _check_name(ref, path, [place], index)
    near = _nearest(
        ref.module.rpartition(".")[2], index.children(index.at(folder, ref.module.rpartition(".")[0]) or "")
    )
    return _missing(ref, path, f"No module `{'.' * ref.level}{ref.module}` below {folder}/ in the workspace.", near)


def _check_name(ref: ImportRef, path: str, places: list[str], index: ModuleIndex) -> Issue | None:
    """`from module import name`: does any of the places define the name?"""
    if not ref.name or ref.name == "*":
        return None
    defined: set[str] = set()
    for place in places:
        names = index.names(place)
        if names is None or ref.name in names:
            return None
        defined |= names
    where = " or ".join(_file_of(place, index) for place in places)
    public = [name for name in defined if not name.startswith("__")]
    level: Level = "CONFIRMED" if len(places) == 1 else "LIKELY"
    home = index.defining(ref.name)
    message = f"`{ref.name}` is not defined in {where}" + (f"; {home} defines it." if home else ".")
    return Issue(level, "name", path, ref.line, ref.text, message, _nearest(ref.name, public))


def _missing_submodule(ref: ImportRef, path: str, index: ModuleIndex) -> Issue:
    """The first part is a module of the workspace, what follows is not in it."""
    parts = ref.module.split(".")
    depth = max(count for count in range(1, len(parts)) if index.find(".".join(parts[:count])))
    known, rest = ".".join(parts[:depth]), ".".join(parts[depth:])
    places = index.find(known)
    near = _nearest(parts[depth], {name for place in places for name in index.children(place)})
    where = " or ".join(_file_of(place, index) for place in places)
    certain = len(places) == 1 and index.is_closed(places[0])
    return _missing(
        ref,
        path,
        f"`{known}` ({where}) has no module `{rest}`.",
        tuple(f"{known}.{name}" for name in near),
        "CONFIRMED" if certain else "LIKELY",
    )


def _missing_module(ref: ImportRef, path: str, top: str, index: ModuleIndex, context: ReferenceContext) -> Issue:
    if top in context.declared:
        message = f"`{top}` is a declared dependency, but not installed in the sandbox."
        return Issue("UNKNOWN", "module", path, ref.line, ref.text, message)
    sibling = index.at(ascend(path, 1), ref.module)
    if sibling is not None:
        # It works when the file is run as a script, and fails when its package is imported.
        message = f"`{ref.module}` is {_file_of(sibling, index)}, beside this file: import it through its package."
        return Issue("LIKELY", "module", path, ref.line, ref.text, message, (f".{ref.module}",))
    environment = context.environment
    real = environment.stdlib | environment.installed | index.top_level
    version = ".".join(str(part) for part in environment.version)
    message = (
        f"No module `{top}`: it is neither in the sandbox's Python {version} nor in the workspace, "
        "and no dependency file declares it."
    )
    return _missing(ref, path, message, _nearest(top, real))


def _missing(ref: ImportRef, path: str, message: str, near: tuple[str, ...] = (), level: Level = "CONFIRMED") -> Issue:
    # Generated modules are seldom in the repository; whether the build makes them cannot be seen from here.
    generated = ref.module.endswith(_GENERATED)
    return Issue("UNKNOWN" if generated else level, "module", path, ref.line, ref.text, message, near)


def _file_of(place: str, index: ModuleIndex) -> str:
    init = f"{place}/__init__.py"
    return init if init in index.paths else f"{place}/" if place in index.folders else place


def _nearest(name: str, real: Iterable[str]) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(name, sorted(real), n=3, cutoff=0.6))
