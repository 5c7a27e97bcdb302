"""`nexus sandbox build`: everything the boxes of the chosen languages need on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.folder_store import size_mb
from sandbox.image_builder import BuildWay, build_python_image, build_toolchain_image, image_tag
from sandbox.model import Language
from sandbox.toolchains import store
from sandbox.toolchains.recipe import Progress


@dataclass(frozen=True, slots=True)
class Built:
    """One thing that is ready now."""

    language: Language
    what: str
    """An image's tag or a folder's path."""
    size_mb: int


async def build(cache: Path, progress: Progress, languages: Sequence[Language], way: BuildWay = "auto") -> list[Built]:
    """Build toolchains, and images where a Docker engine answers; what is there already is kept.

    Raises SandboxUnavailable with the reason when a step fails.
    """
    built: list[Built] = []
    with_docker = await asyncio.to_thread(docker_answers)
    if not with_docker:
        progress("No Docker engine answers, so no images are built; bubblewrap needs none.")
    elif "python" in languages or not await asyncio.to_thread(image_mb, image_tag("python")):
        built.append(await _image("python", await build_python_image(progress, way)))
    for language in languages:
        if language == "python":
            continue
        folder = await store.make(language, cache, progress)
        built.append(Built(language, str(folder), await asyncio.to_thread(size_mb, folder)))
        if with_docker:
            built.append(await _image(language, await build_toolchain_image(language, folder, progress)))
    return built


async def _image(language: Language, tag: str) -> Built:
    return Built(language, tag, await asyncio.to_thread(image_mb, tag))


def docker_answers() -> bool:
    """Whether there is a Docker engine to build images with."""
    import docker
    import requests

    try:
        client = docker.from_env(timeout=10)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except (docker.errors.DockerException, requests.RequestException):
        return False


def image_mb(tag: str) -> int:
    """Size of an image in megabytes; 0 when there is none of that name."""
    import docker

    client = docker.from_env(timeout=30)
    try:
        return int(client.images.get(tag).attrs["Size"]) >> 20
    except docker.errors.ImageNotFound:
        return 0
    finally:
        client.close()
