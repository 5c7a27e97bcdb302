"""The dependencies of a Node project: what package.json names, in the versions that package-lock.json pins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from config.errors import UsageError
from sandbox.layers.declared import Declared, frozen, read_text

_NAMED = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_KEPT = (*_NAMED, "peerDependenciesMeta", "overrides")
"""All of package.json that npm needs; its scripts and settings stay outside."""
_OLDEST_LOCK = 2
_LOCK_COMMAND = "Run: npm install --package-lock-only"

Table = Mapping[str, object]


def read(project: Path) -> Declared | None:
    """What the project asks for; None when that is nothing. Raises UsageError."""
    manifest = _json(project, "package.json")
    wanted = {key: manifest[key] for key in _KEPT if manifest.get(key)}
    if not any(wanted.get(key) for key in _NAMED):
        return None
    if manifest.get("workspaces"):
        raise UsageError("Projects with npm workspaces are not made into a layer.", "Name the folder of one package.")
    lock = _json(project, "package-lock.json")
    if not lock:
        raise UsageError(f"{project} has no package-lock.json, so its versions are not known.", _LOCK_COMMAND)
    version = lock.get("lockfileVersion")
    if not isinstance(version, int) or version < _OLDEST_LOCK:
        raise UsageError(f"package-lock.json is of version {version}, which npm 6 wrote.", _LOCK_COMMAND)
    packages = lock.get("packages")
    for path, package in packages.items() if isinstance(packages, dict) else ():
        _check(str(path), cast("Table", package) if isinstance(package, dict) else {})
    files = {
        "package.json": json.dumps({"name": "layer", "version": "0.0.0", **wanted}, sort_keys=True).encode(),
        "package-lock.json": json.dumps({**lock, "name": "layer", "version": "0.0.0"}, sort_keys=True).encode(),
    }
    return Declared("typescript", ("package.json", "package-lock.json"), frozen(files))


def _check(path: str, package: Table) -> None:
    """Only packages of a registry. What comes from a repository is built, which would run its code."""
    where = str(package.get("resolved", ""))
    if package.get("link") or (where and not where.startswith(("https://", "http://"))):
        name = path.rpartition("node_modules/")[2] or path
        raise UsageError(
            f"package-lock.json takes {name} from {where or 'a folder'}; only packages of a registry are fetched.",
            "Use a published version of it.",
        )


def _json(project: Path, name: str) -> Table:
    text = read_text(project, name)
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError) as problem:
        raise UsageError(f"{project / name} is not JSON: {problem}.", "Mend that file.") from problem
    if not isinstance(value, dict):
        raise UsageError(f"{project / name} holds no JSON object.", "Mend that file.")
    return value
