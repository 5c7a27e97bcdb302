"""Distributions that a project says it needs, from its pyproject.toml, setup.cfg and requirements files."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_IMPORT_NAMES: Mapping[str, str] = {
    "attrs": "attr",
    "beautifulsoup4": "bs4",
    "gitpython": "git",
    "grpcio": "grpc",
    "msgpack-python": "msgpack",
    "opencv-python": "cv2",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "protobuf": "google",
    "psycopg2-binary": "psycopg2",
    "pycryptodome": "Crypto",
    "pyjwt": "jwt",
    "pymysql": "pymysql",
    "python-dateutil": "dateutil",
    "python-dotenv": "dotenv",
    "python-multipart": "multipart",
    "pyyaml": "yaml",
    "pyzmq": "zmq",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "setuptools": "setuptools",
}
"""Import names of popular distributions whose own name tells nothing about them."""


def is_dependency_file(path: str) -> bool:
    pure = PurePosixPath(path)
    if pure.name in ("pyproject.toml", "setup.cfg"):
        return True
    return pure.suffix == ".txt" and ("requirements" in pure.name or pure.parent.name == "requirements")


def declared_modules(files: Mapping[str, bytes]) -> frozenset[str]:
    """Top-level modules that the declared distributions most likely bring, for dependency files by path."""
    names = (name for path, content in files.items() for name in _distributions(path, content))
    return frozenset(module for name in names for module in _modules(name))


def _modules(distribution: str) -> Iterable[str]:
    known = _IMPORT_NAMES.get(distribution.lower())
    plain = re.sub(r"[-.]+", "_", distribution)
    guesses = {plain, plain.lower(), plain.lower().removeprefix("python_"), plain.lower().removesuffix("_python")}
    return guesses | ({known} if known else set())


def _distributions(path: str, content: bytes) -> Iterator[str]:
    text = content.decode("utf-8", "replace")
    if path.endswith(".toml"):
        yield from _from_toml(text)
    elif path.endswith(".cfg"):
        yield from _from_cfg(text)
    else:
        lines = (line for line in text.splitlines() if not line.strip().startswith(("#", "-")))
        yield from _named(lines)


def _from_toml(text: str) -> Iterator[str]:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError):
        return
    project, tool = _table(data, "project"), _table(data, "tool")
    yield from _named(project.get("dependencies", ()))
    for group in (*_table(project, "optional-dependencies").values(), *_table(data, "dependency-groups").values()):
        yield from _named(group)
    poetry = _table(tool, "poetry")
    yield from _table(poetry, "dependencies")
    for group in _table(poetry, "group").values():
        yield from _table(group, "dependencies")


def _from_cfg(text: str) -> Iterator[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    if parser.has_option("options", "install_requires"):
        yield from _named(parser.get("options", "install_requires").splitlines())
    if parser.has_section("options.extras_require"):
        for _, value in parser.items("options.extras_require"):
            yield from _named(value.splitlines())


def _table(data: Any, key: str) -> dict[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _named(requirements: Any) -> Iterator[str]:
    for line in requirements if isinstance(requirements, Iterable) else ():
        found = _NAME.match(line) if isinstance(line, str) else None
        if found:
            yield found[1]
