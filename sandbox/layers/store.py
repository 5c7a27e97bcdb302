"""Where layers are kept: one folder for each set of declared dependencies, language and interpreter."""

from __future__ import annotations

import asyncio
import contextlib
import json
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from config.errors import UsageError
from sandbox.folder_store import FolderStore
from sandbox.layers import declared as declarations
from sandbox.layers.declared import Declared
from sandbox.model import Language
from sandbox.toolchains.recipe import Progress

_PACKAGES = "packages"
"""The part of the folder that boxes see."""
_USES = "uses.json"
"""Beside it: what the layer was asked for, as JSON; a list of `Use`."""


@dataclass(frozen=True, slots=True)
class Use:
    """A project that a layer was built for, and the packages that were offered besides its own."""

    project: str
    language: Language
    offered: str


def layers(cache: Path) -> FolderStore:
    """All layers of this machine and user."""
    return FolderStore("layers", cache)


def name_of(declared: Declared, python: tuple[int, int]) -> str:
    """The layer's name. `python`: version of the box's interpreter; it matters for Python only."""
    interpreter = f"cp{python[0]}{python[1]}-" if declared.language == "python" else ""
    return f"{declared.language}-{interpreter}{platform.machine()}-{declared.digest}"


def may_exist(declared: Declared, cache: Path) -> bool:
    """Whether there is a layer of these dependencies for any interpreter; cheaper than to ask a box for its version."""
    return any(any(parent.glob(f"*-{declared.digest}")) for parent in layers(cache).parents)


def find(declared: Declared, python: tuple[int, int], cache: Path) -> Path | None:
    """The folder to give a box as `BoxRequest.extra_site`, if the layer was built."""
    found = layers(cache).find(name_of(declared, python))
    return found / _PACKAGES if found else None


async def make(
    declared: Declared, python: tuple[int, int], project: Path, offered: str, cache: Path, progress: Progress
) -> Path:
    """The layer's folder, built when there is none, and kept for `project` from now on.

    Raises UsageError when the dependencies cannot be met, SandboxUnavailable when this machine cannot meet them.
    """

    async def build(folder: Path) -> None:
        target = folder / _PACKAGES
        await asyncio.to_thread(target.mkdir)
        with tempfile.TemporaryDirectory(prefix="work-", dir=folder) as work:
            await asyncio.to_thread(_lay_out, Path(work), declared)
            await _fetch(declared, python, Path(work), target, progress)

    store, name = layers(cache), name_of(declared, python)
    folder = await store.make(name, build, progress)
    await asyncio.to_thread(_assign, store, folder, project, declared.language, offered)
    return folder


def users_of(folder: Path) -> Iterator[Use]:
    """The projects whose declarations still name this layer."""
    for use in _uses(folder):
        try:
            found = declarations.declared(Path(use.project), use.language, use.offered)
        except UsageError:
            continue
        if found is not None and folder.name.endswith(f"-{found.digest}"):
            yield use


async def _fetch(declared: Declared, python: tuple[int, int], work: Path, target: Path, progress: Progress) -> None:
    if declared.language == "python":
        from sandbox.layers.python_layer import fetch

        await fetch(declared, python, work, target, progress)
    else:
        from sandbox.layers.node_layer import fetch as fetch_node

        await fetch_node(work, target, progress)


def _lay_out(work: Path, declared: Declared) -> None:
    for name, content in declared.files.items():
        (work / name).write_bytes(content)


def _assign(store: FolderStore, folder: Path, project: Path, language: Language, offered: str) -> None:
    """From now on the project counts for this layer, and for no older one of the same interpreter."""
    use = Use(str(project.resolve()), language, offered)
    kind = folder.name.rpartition("-")[0]
    with contextlib.suppress(OSError):  # root's layers serve other users too, who cannot write there
        for other in store.all():
            if other.name.rpartition("-")[0] == kind:
                uses = [one for one in _uses(other) if one.project != use.project]
                uses += [use] if other == folder else []
                (other / _USES).write_text(json.dumps([asdict(one) for one in uses]))


def _uses(folder: Path) -> list[Use]:
    try:
        return [Use(**one) for one in json.loads((folder / _USES).read_text())]
    except (OSError, ValueError, TypeError):
        return []
