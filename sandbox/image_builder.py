"""Builds the Docker images: the Python box, and on top of it one with the toolchain of each other language.

The Python box comes from Debian packages, which needs root and `debootstrap` but no container registry, or from its
Dockerfile, which needs a registry that answers.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from config.errors import SandboxUnavailable
from sandbox.build_step import BUILD_DEADLINE_S, run_step
from sandbox.model import Language
from sandbox.toolchains.recipe import Progress, ToolchainLanguage, recipe_of

IMAGE_VERSION = "1"
"""Raised when the recipe changes, so that an image of an older recipe is never taken for this one."""
SUITE = "bookworm"
IMAGE_LABEL = "nexus.sandbox.image"
"""On every image that was built here, so that it is known when its name has gone to a newer one."""
_LABELLED = ("--label", f"{IMAGE_LABEL}=1")
_CHANGES = ["ENV PATH=/usr/bin:/bin", "WORKDIR /work", f"LABEL {IMAGE_LABEL}=1"]
_WASTE = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists", "var/log")
_RECIPES = Path(__file__).parent / "images"

BuildWay = Literal["auto", "debian", "dockerfile"]


def image_tag(language: Language) -> str:
    """Name of the image of this version of the recipe."""
    if language == "python":
        return f"nexus-sandbox-python:{IMAGE_VERSION}"
    return f"nexus-sandbox-{language}:{IMAGE_VERSION}-{recipe_of(language).digest}"


async def build_python_image(progress: Progress, way: BuildWay = "auto") -> str:
    """Build the image and return its tag. `auto` prefers Debian packages where root and debootstrap are there.

    Raises SandboxUnavailable with the reason when a step fails.
    """
    if way == "auto":
        way = "debian" if os.geteuid() == 0 and shutil.which("debootstrap") else "dockerfile"
    tag = image_tag("python")
    if way == "debian":
        await _from_debian_packages(progress, tag)
    else:
        progress("Building from the Dockerfile ...")
        await run_step(progress, "docker", "build", *_LABELLED, "--tag", tag, str(_RECIPES / "python"))
    return tag


async def build_toolchain_image(language: ToolchainLanguage, toolchain: Path, progress: Progress) -> str:
    """Put a finished toolchain folder into an image of its own, on top of the Python box, and return its tag."""
    tag = image_tag(language)
    recipe = str(_RECIPES / language / "Dockerfile")
    base = f"BASE={image_tag('python')}"
    progress(f"Building {tag} ...")
    with _readable(toolchain):
        await run_step(
            progress, "docker", "build", *_LABELLED, "--build-arg", base, "--file", recipe, "--tag", tag,
            "--network", "none", str(toolchain),
        )  # fmt: skip
    return tag


@contextmanager
def _readable(toolchain: Path) -> Iterator[None]:
    """Let Docker's client, which runs as this user, read the programs that are sealed; in the image root owns them."""
    sealed = [path for path in (toolchain / "bin").glob("*") if not path.stat().st_mode & stat.S_IRUSR]
    for path in sealed:
        path.chmod(path.stat().st_mode | stat.S_IRUSR)
    try:
        yield
    finally:
        for path in sealed:
            path.chmod(path.stat().st_mode & ~stat.S_IRUSR)


async def _from_debian_packages(progress: Progress, tag: str) -> None:
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise SandboxUnavailable(
            "Building the image from Debian packages needs root and debootstrap.",
            "Run: sudo apt-get install -y debootstrap, then sudo nexus sandbox build",
        )
    with tempfile.TemporaryDirectory(prefix="nexus-image-") as scratch:
        root, archive = Path(scratch) / "root", Path(scratch) / "root.tar"
        progress("Fetching Debian packages ...")
        await run_step(progress, "debootstrap", "--variant=minbase", "--include=python3", SUITE, str(root))
        progress("Removing what the box never needs ...")
        await asyncio.to_thread(_slim, root)
        await run_step(progress, "tar", "--numeric-owner", "-C", str(root), "-cf", str(archive), ".")
        progress("Importing into Docker ...")
        await asyncio.to_thread(_import, archive, tag)


def _slim(root: Path) -> None:
    for name in _WASTE:
        shutil.rmtree(root / name, ignore_errors=True)
    for folder in ("work", "opt/nexus"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder) / name
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                path.chmod(stat.S_IMODE(mode) & 0o1777)


def _import(archive: Path, tag: str) -> None:
    import docker

    repository, _, version = tag.partition(":")
    client = docker.from_env(timeout=BUILD_DEADLINE_S)
    try:
        client.api.import_image_from_file(str(archive), repository=repository, tag=version, changes=_CHANGES)
    except docker.errors.DockerException as problem:
        raise SandboxUnavailable(f"Docker did not import the image: {problem}") from problem
    finally:
        client.close()
