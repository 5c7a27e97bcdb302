"""Tells code that can see nothing but its arguments: it needs no control run, because it cannot know what is expected.

An allow-list of syntax, names and attributes, not a search for tricks: no classes, no attribute that leads from a
value to its type, its frame or its module, no function that turns text into code. What is not on the list is not
confined, which costs a second run and nothing else.
"""

# Lists of words read best as text.
# ruff: noqa: SIM905

from __future__ import annotations

import ast
import builtins
import itertools
import math
import sys
from collections.abc import Iterable
from pathlib import PurePosixPath

from sandbox.model import BoxFile

_DATA = frozenset({".md", ".txt", ".json", ".csv", ".toml"})
"""Files that no import statement can load."""
_BUILTINS = frozenset(
    "abs all any ascii bin bool bytearray bytes callable chr complex dict divmod enumerate filter float frozenset hash"
    " hex int isinstance issubclass iter len list map max min next oct ord pow print range repr reversed round set"
    " slice sorted str sum tuple zip Ellipsis NotImplemented __name__".split()
)
_EXCEPTIONS = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
)
_TYPES = "Any Callable Dict FrozenSet Generator Iterable Iterator List Mapping Optional Sequence Set Tuple Union"
MODULES: dict[str, frozenset[str]] = {
    "__future__": frozenset(["annotations"]),
    "bisect": frozenset("bisect bisect_left bisect_right insort insort_left insort_right".split()),
    "collections": frozenset("Counter OrderedDict defaultdict deque".split()),
    "functools": frozenset("cache lru_cache reduce".split()),
    "hashlib": frozenset("md5 sha1 sha256 sha512".split()),
    "heapq": frozenset("heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest".split()),
    "itertools": frozenset(name for name in dir(itertools) if not name.startswith("_")),
    "math": frozenset(name for name in dir(math) if not name.startswith("_")),
    "re": frozenset("compile escape findall finditer fullmatch match search split sub subn IGNORECASE I M S".split()),
    "string": frozenset("ascii_letters ascii_lowercase ascii_uppercase digits punctuation whitespace".split()),
    "typing": frozenset(_TYPES.split()),
}
"""What may be taken from which module: values and functions that lead nowhere else."""
_VALUES = (str, bytes, bytearray, list, tuple, dict, set, frozenset, int, float, complex, range)
_METHODS = frozenset(name for kind in _VALUES for name in dir(kind) if not name.startswith("_")) | frozenset(
    "appendleft elements end extendleft group groupdict groups hexdigest digest most_common move_to_end popleft rotate"
    " span subtract".split()
)
# `"{0.__class__}".format(value)` reads any attribute.
ATTRIBUTES = _METHODS.union(*MODULES.values()) - {"format", "format_map"}
"""Of values and of the modules above; no other object that such code can hold has any of them."""


def is_confined(files: Iterable[BoxFile]) -> bool:
    """Whether the Python code in `files` is confined, each file for itself."""
    return all(_is_data(file.path) or _is_confined_file(file) for file in files)


def _is_data(path: str) -> bool:
    return PurePosixPath(path).suffix in _DATA


def _is_confined_file(file: BoxFile) -> bool:
    path = PurePosixPath(file.path)
    if path.suffix != ".py" or path.stem in sys.stdlib_module_names or path.stem.startswith("_"):
        return False
    try:
        tree = ast.parse(file.content)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return all(_is_harmless(node) for node in ast.walk(tree))


def _is_harmless(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name):
            known = name in _BUILTINS or name in _EXCEPTIONS
            return known or not (name.startswith("__") or hasattr(builtins, name))
        case ast.Attribute(attr=name, ctx=context):
            # To set one would change a module for everybody.
            return name in ATTRIBUTES and isinstance(context, ast.Load)
        case ast.Import(names=names):
            return all(alias.name in MODULES for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            return level == 0 and all(alias.name in MODULES.get(module or "", ()) for alias in names)
        case ast.ClassDef() | ast.MatchClass():
            return False
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.alias(asname=str(name)):
            return not name.startswith("__")
    return True
