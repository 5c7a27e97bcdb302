"""What a toolchain is made of."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

Progress = Callable[[str], None]
ToolchainLanguage = Literal["typescript", "dotnet"]
TOOLCHAINS: tuple[ToolchainLanguage, ...] = get_args(ToolchainLanguage)
"""Python needs none: its box uses the interpreter that is there."""


@dataclass(frozen=True, slots=True)
class ToolchainRecipe:
    """How to make one toolchain folder."""

    language: ToolchainLanguage
    digest: str
    """Changes with everything the folder is made of, so that an old folder is never taken for this one."""
    build: Callable[[Path, Progress], Awaitable[None]]
    """Fills an empty folder. Raises SandboxUnavailable with the reason when a step fails."""

    @property
    def name(self) -> str:
        return f"{self.language}-{self.digest}"


def recipes() -> list[ToolchainRecipe]:
    """Those of this version of Nexus."""
    return [recipe_of(language) for language in TOOLCHAINS]


def recipe_of(language: ToolchainLanguage) -> ToolchainRecipe:
    """The recipe in `sandbox.toolchains.<language>`."""
    module = importlib.import_module(f"sandbox.toolchains.{language}")
    return cast("ToolchainRecipe", module.RECIPE)
