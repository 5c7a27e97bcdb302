"""Builds the Docker image of the Python box: from Debian packages (no registry needed) or from the Dockerfile.

The Debian way needs root and `debootstrap`; the Dockerfile way needs a registry that answers.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from config.errors import SandboxUnavailable

IMAGE = "nexus-sandbox-python"
IMAGE_VERSION = "1"
"""Raised when the recipe changes, so that an image of an older recipe is never taken for this one."""
IMAGE_TAG = f"{IMAGE}:{IMAGE_VERSION}"
SUITE = "bookworm"
BUILD_DEADLINE_S = 900
_WASTE = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists", "var/log")

Progress = Callable[[str], None]
BuildWay = Literal["auto", "debian", "dockerfile"]


async def build_python_image(progress: Progress, way: BuildWay = "auto") -> str:
    """Build the image and return its tag. `auto` prefers Debian packages where root and debootstrap are there.

    Raises SandboxUnavailable with the reason when a step fails.
    """
    if way == "auto":
        way = "debian" if os.geteuid() == 0 and shutil.which("debootstrap") else "dockerfile"
    if way == "debian":
        await _from_debian_packages(progress)
    else:
        await _from_dockerfile(progress)
    progress(f"{IMAGE_TAG} is ready.")
    return IMAGE_TAG


async def _from_debian_packages(progress: Progress) -> None:
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise SandboxUnavailable(
            "Building the image from Debian packages needs root and debootstrap.",
            "Run: sudo apt-get install -y debootstrap, then sudo nexus sandbox build",
        )
    with tempfile.TemporaryDirectory(prefix="nexus-image-") as scratch:
        root, archive = Path(scratch) / "root", Path(scratch) / "root.tar"
        progress("Fetching Debian packages ...")
        await _call(progress, "debootstrap", "--variant=minbase", "--include=python3", SUITE, str(root))
        progress("Removing what the box never needs ...")
        await asyncio.to_thread(_slim, root)
        await _call(progress, "tar", "--numeric-owner", "-C", str(root), "-cf", str(archive), ".")
        progress("Importing into Docker ...")
        await asyncio.to_thread(_import, archive)


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


def _import(archive: Path) -> None:
    import docker

    client = docker.from_env(timeout=BUILD_DEADLINE_S)
    try:
        client.api.import_image_from_file(
            str(archive), repository=IMAGE, tag=IMAGE_VERSION, changes=["ENV PATH=/usr/bin:/bin", "WORKDIR /work"]
        )
    except docker.errors.DockerException as problem:
        raise SandboxUnavailable(f"Docker did not import the image: {problem}") from problem
    finally:
        client.close()


async def _from_dockerfile(progress: Progress) -> None:
    folder = Path(__file__).parent / "images" / "python"
    progress("Building from the Dockerfile ...")
    await _call(progress, "docker", "build", "--tag", IMAGE_TAG, str(folder))


async def _call(progress: Progress, *argv: str) -> None:
    """Run one build step, hand its lines to `progress`, and raise with its last line when it fails."""
    if not shutil.which(argv[0]):
        raise SandboxUnavailable(f"{argv[0]} is not installed.", f"Run: sudo apt-get install -y {argv[0]}")
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    last = ""
    try:
        async with asyncio.timeout(BUILD_DEADLINE_S):
            async for raw in process.stdout:
                if line := raw.decode("utf-8", "replace").strip():
                    last = line
                    progress(line)
            code = await process.wait()
    except TimeoutError as late:
        raise SandboxUnavailable(f"{argv[0]} did not finish in {BUILD_DEADLINE_S} s.") from late
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code != 0:
        raise SandboxUnavailable(f"{argv[0]} failed: {last}")
