"""Where toolchains are kept, one folder for each recipe."""

from __future__ import annotations

from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox.folder_store import FolderStore
from sandbox.toolchains.recipe import Progress, ToolchainLanguage, recipe_of

_NAMES = {"typescript": "TypeScript", "dotnet": ".NET"}


def toolchains(cache: Path) -> FolderStore:
    """All toolchains of this machine and user."""
    return FolderStore("toolchains", cache)


def find(language: ToolchainLanguage, cache: Path) -> Path:
    """The finished folder. Raises SandboxUnavailable with the command that makes it."""
    if found := toolchains(cache).find(recipe_of(language).name):
        return found
    raise SandboxUnavailable(
        f"The {_NAMES[language]} toolchain is not built.", f"Run: nexus sandbox build --language {language}"
    )


async def make(language: ToolchainLanguage, cache: Path, progress: Progress) -> Path:
    """The finished folder, built when there is none. Raises SandboxUnavailable when a step fails."""
    recipe = recipe_of(language)
    return await toolchains(cache).make(recipe.name, lambda folder: recipe.build(folder, progress), progress)
