"""Which Python modules a workspace holds, and which names each one defines: read, never imported."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from core.checks.source_lines import dotted, parse_python

_COMPILED = (".so", ".pyd", ".pyx")
_SUFFIXES = (".py", ".pyi", *_COMPILED)
_ALWAYS = frozenset(
    {"__name__", "__file__", "__doc__", "__path__", "__package__", "__spec__", "__loader__", "__dict__"}
)
_DYNAMIC_CALLS = frozenset({"globals", "vars", "exec", "eval", "setattr", "locals"})
_MOST_HOPS = 8
_MOST_SEARCHED = 500
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class ModuleIndex:
    """Modules by folder. Any folder that is not itself a package may be on the import path: tests, scripts and
    `src` layouts differ too much for a stricter rule to be right."""

    paths: frozenset[str]
    """Relative POSIX paths of all files that hold modules."""
    read: Callable[[str], bytes | None]
    folders: frozenset[str] = field(init=False)
    _roots: dict[str, list[str]] = field(init=False)
    """Top-level module name to the folders it can be imported from."""
    _names: dict[str, frozenset[str] | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.paths = frozenset(path for path in self.paths if path.endswith(_SUFFIXES))
        self.folders = frozenset(str(parent) for path in self.paths for parent in PurePosixPath(path).parents)
        self._roots = {}
        for folder in sorted(self.folders):
            if folder != "." and not self._is_package(folder):
                self._roots.setdefault(PurePosixPath(folder).name, []).append(_parent(folder))
        for entry in sorted((*self.paths, *(folder for folder in self.folders if self._is_package(folder)))):
            parent = _parent(entry)
            if not self._is_package(parent):
                self._roots.setdefault(_module_name(entry), []).append(parent)

    @property
    def top_level(self) -> frozenset[str]:
        return frozenset(self._roots)

    def find(self, module: str) -> list[str]:
        """Places of an absolute module: files, or folders of packages. Several when the name is not unique."""
        top = module.partition(".")[0]
        found = (self.at(root, module) for root in self._roots.get(top, ()))
        return list(dict.fromkeys(place for place in found if place is not None))

    def at(self, folder: str, module: str) -> str | None:
        """The file or package folder of `module`, looked up below `folder`; an empty module is the folder itself."""
        place = folder
        for part in module.split(".") if module else ():
            inner = part if place in ("", ".") else f"{place}/{part}"
            file = next((inner + suffix for suffix in (".py", ".pyi") if inner + suffix in self.paths), None)
            compiled = file or next((path for path in self._compiled(inner)), None)
            # As Python does: a regular package, then a module, then a namespace package.
            if inner in self.folders and (compiled is None or self._is_package(inner)):
                place = inner
            elif compiled is not None:
                place = compiled
            else:
                return None
        return place if place in self.folders or place in self.paths else None

    def is_closed(self, place: str) -> bool:
        """Can nothing outside the workspace add submodules here? True for regular packages and plain modules."""
        if place in self.paths:
            return True
        source = self.read(f"{place}/__init__.py") if self._is_package(place) else None
        return source is not None and b"__path__" not in source and b"extend_path" not in source

    def children(self, place: str) -> frozenset[str]:
        """Names of the submodules of a package folder."""
        if place not in self.folders:
            return frozenset()
        inside = (entry for entry in (*self.paths, *self.folders) if entry != "." and _parent(entry) == place)
        return frozenset(_module_name(entry) for entry in inside) - {"__init__"}

    def names(self, place: str) -> frozenset[str] | None:
        """Names that can be imported from a module, submodules included; None when only running it would tell."""
        if place not in self._names:
            self._names[place] = None  # an import cycle of star imports cannot be read statically
            self._names[place] = self._read_names(place, 0)
        return self._names[place]

    def defining(self, name: str) -> str:
        """One module of the workspace that defines `name` itself, or an empty string."""
        for path in sorted(self.paths, key=lambda path: (path.count("/"), path))[:_MOST_SEARCHED]:
            source = self.read(path) if path.endswith(".py") else None
            tree = parse_python(source) if source is not None and name.encode() in source else None
            if tree is not None and any(isinstance(node, _DEFINITIONS) and node.name == name for node in tree.body):
                return path
        return ""

    def _read_names(self, place: str, hops: int) -> frozenset[str] | None:
        if place.endswith(_COMPILED) or hops > _MOST_HOPS:
            return None
        package = place in self.folders
        file = f"{place}/__init__.py".removeprefix("./") if package else place
        if package and file not in self.paths:
            return self.children(place) | _ALWAYS if self.is_closed(place) else None
        tree = parse_python(self.read(file))
        if tree is None:
            return None
        names = set(_ALWAYS | (self.children(place) if package else frozenset()))
        for node in module_scope(tree):
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                inner = self._star(file, node, hops)
                if inner is None:
                    return None
                names |= inner
            elif _is_dynamic(node):
                return None
            else:
                names.update(bound_names(node))
        names.update(name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names)
        return None if "__getattr__" in names else frozenset(names)

    def _star(self, file: str, node: ast.ImportFrom, hops: int) -> frozenset[str] | None:
        places = [self.at(ascend(file, node.level), node.module or "")] if node.level else self.find(node.module or "")
        if len(places) != 1 or places[0] is None:
            return None
        return self._read_names(places[0], hops + 1)

    def _is_package(self, folder: str) -> bool:
        return f"{folder}/__init__.py" in self.paths or f"{folder}/__init__.pyi" in self.paths

    def _compiled(self, stem: str) -> Iterator[str]:
        return (path for path in self.paths if path.endswith(_COMPILED) and path.startswith(f"{stem}."))


def ascend(file: str, level: int) -> str:
    """The folder that a relative import with `level` dots starts from; `..` parts when it leaves the workspace."""
    folder = _parent(file)
    for _ in range(level - 1):
        folder = _parent(folder) if folder not in (".", "..") else ".."
    return folder


def module_scope(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes that run when the module is imported, those inside functions and classes left out."""
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo.extend(ast.iter_child_nodes(node))


def bound_names(node: ast.AST) -> Iterable[str]:
    """Names that one node gives a value to."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.Name):
        return (node.id,) if isinstance(node.ctx, ast.Store) else ()
    if isinstance(node, ast.Import):
        return tuple(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return tuple(alias.asname or alias.name for alias in node.names)
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return (node.name,) if node.name else ()
    if isinstance(node, ast.MatchMapping):
        return (node.rest,) if node.rest else ()
    return ()


def _is_dynamic(node: ast.AST) -> bool:
    """Does this statement add names that cannot be read, such as `globals().update(…)`?"""
    if isinstance(node, ast.Call):
        return dotted(node.func) in _DYNAMIC_CALLS
    return isinstance(node, ast.Attribute) and dotted(node) == "sys.modules"


def _parent(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _module_name(entry: str) -> str:
    return PurePosixPath(entry).name.partition(".")[0]
