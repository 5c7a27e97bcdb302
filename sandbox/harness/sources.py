"""Where imports of the tested process come from: protected files from memory, nothing from cached bytecode."""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import SourceFileLoader  # `importlib` costs every box 1 ms

from . import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_CACHED = (".pyc", ".pyo")


def serve_from_memory(pristine: Mapping[str, str]) -> None:
    """Make every import of a protected file read the text the supervisor was given, whatever is on disk by then."""
    memory = {path: text.encode("utf-8", "surrogateescape") for path, text in pristine.items()}
    read = SourceFileLoader.get_data

    def get_data(self: SourceFileLoader, path: str) -> bytes:
        if path in memory:
            return memory[path]
        if path.endswith(_CACHED) and path.startswith((layout.WORK, layout.TMP)):
            raise FileNotFoundError(path)  # bytecode next to the tested code could say anything
        return read(self, path)

    SourceFileLoader.get_data = get_data  # type: ignore[method-assign, assignment]


def read(path: str) -> bytes:
    """The text of a file as an import would get it."""
    return SourceFileLoader("a file", path).get_data(path)


def open_import_path() -> None:
    """Let the code's own files be imported, only now: until here nothing of theirs could shadow a module."""
    roots = [path for path in (layout.WORK, f"{layout.WORK}/src") if os.path.isdir(path)]  # noqa: PTH112
    packages = [path for path in (layout.TOOLS, layout.SITE) if os.path.isdir(path)]  # noqa: PTH112
    standard = [path for path in sys.path if path != layout.LIBRARY and path not in packages]
    sys.path[:] = [*roots, *standard, *packages]
    # For the programs that tests start themselves.
    os.environ["PYTHONPATH"] = os.pathsep.join([*roots, *packages])
