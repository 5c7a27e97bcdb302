"""Which files of a repository a file imports: by text, good enough to rank with."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container, Iterator

from core.context.languages import language_of

_PYTHON = re.compile(r"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+\(?([\w, \t]*)|import[ \t]+([\w., \t]+))", re.M)
_SCRIPT = re.compile(r"""(?:from|import|require\()\s*['"](\.{1,2}/[^'"\n]{1,200})['"]""")
_SCRIPT_ENDS = ("", ".ts", ".tsx", ".js", ".jsx", "/index.ts", "/index.tsx", "/index.js")
_PACKAGE_ROOTS = ("", "src/", "lib/")


def imported_paths(path: str, text: str, known: Container[str]) -> tuple[str, ...]:
    """Files in `known` that the source at `path` imports, in its order."""
    language = language_of(path)
    if language == "python":
        wanted = _python(path, text)
    elif language in ("typescript", "tsx", "javascript", "jsx"):
        wanted = _script(path, text)
    else:
        return ()
    return tuple(dict.fromkeys(one for one in wanted if one in known and one != path))


def _python(path: str, text: str) -> Iterator[str]:
    for match in _PYTHON.finditer(text):
        origin, names, plain = match.groups()
        if plain:
            for name in plain.split(","):
                yield from _module(path, name.split(" as ")[0].strip())
            continue
        yield from _module(path, origin)
        joint = "" if origin.endswith(".") else "."
        for name in names.split(","):
            if base := name.split(" as ")[0].strip():
                yield from _module(path, f"{origin}{joint}{base}")


def _module(path: str, dotted: str) -> Iterator[str]:
    level = len(dotted) - len(dotted.lstrip("."))
    name = dotted.lstrip(".").replace(".", "/")
    roots: tuple[str, ...] = _PACKAGE_ROOTS
    if level:
        folder = posixpath.dirname(path)
        for _ in range(level - 1):
            folder = posixpath.dirname(folder)
        roots = (folder + "/" if folder else "",)
    for root in roots:
        if name:
            yield f"{root}{name}.py"
        yield posixpath.join(root + name, "__init__.py")


def _script(path: str, text: str) -> Iterator[str]:
    for match in _SCRIPT.finditer(text):
        base = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
        stem = base.removesuffix(".js")
        yield from (base + end for end in _SCRIPT_ENDS)
        yield from (stem + end for end in (".ts", ".tsx"))
