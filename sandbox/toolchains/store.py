"""Where toolchains are kept: read-only folders named by their recipe, each made once and shared by every box.

Root keeps them where every user of the machine can read them; other users keep their own in their cache.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox.toolchains.recipe import TOOLCHAINS, Progress, ToolchainLanguage, recipe_of
from sandbox.tools import SHARED, open_to_all, shared_folder

_NAMES = {"typescript": "TypeScript", "dotnet": ".NET"}


def find(language: ToolchainLanguage, cache: Path) -> Path:
    """The finished folder. Raises SandboxUnavailable with the command that makes it."""
    name = recipe_of(language).name
    for parent in (SHARED / "toolchains", cache / "toolchains"):
        if (parent / name / "complete").is_file():
            return parent / name
    raise SandboxUnavailable(
        f"The {_NAMES[language]} toolchain is not built.", f"Run: nexus sandbox build --language {language}"
    )


async def make(language: ToolchainLanguage, cache: Path, progress: Progress) -> Path:
    """The finished folder, built when there is none. Raises SandboxUnavailable when a step fails."""
    try:
        return find(language, cache)
    except SandboxUnavailable:
        pass
    recipe = recipe_of(language)
    parent = shared_folder("toolchains") if os.geteuid() == 0 else _own(cache)
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
    try:
        await recipe.build(scratch, progress)
        await asyncio.to_thread(_publish, scratch, parent / recipe.name)
    finally:
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
    return parent / recipe.name


def remove_old(cache: Path) -> list[Path]:
    """Remove the folders of recipes that are no longer in use, and say which."""
    in_use = {recipe_of(language).name for language in TOOLCHAINS}
    gone = []
    for parent in (SHARED / "toolchains", cache / "toolchains"):
        for folder in parent.glob("[!.]*"):
            if folder.name not in in_use and os.access(parent, os.W_OK):
                shutil.rmtree(folder, ignore_errors=True)
                gone.append(folder)
    return gone


def size_mb(folder: Path) -> int:
    """How much disk a folder takes, in megabytes."""
    return sum(path.lstat().st_size for path in folder.rglob("*")) >> 20


def _own(cache: Path) -> Path:
    folder = cache / "toolchains"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder


def _publish(scratch: Path, target: Path) -> None:
    """Name the folder at last: another process sees the whole of it or nothing."""
    open_to_all(scratch)
    (scratch / "complete").touch(mode=0o644)
    try:
        scratch.rename(target)
    except OSError:
        if not (target / "complete").is_file():
            raise
