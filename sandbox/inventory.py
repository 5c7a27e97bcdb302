"""Everything the sandbox keeps on this machine, what for, and how much disk it takes."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from config.errors import SandboxUnavailable
from sandbox import tools
from sandbox.bubblewrap import BOX_UID
from sandbox.folder_store import FolderStore, size_mb
from sandbox.host_python import find_interpreter
from sandbox.image_builder import IMAGE_LABEL, image_tag
from sandbox.layers import store as layer_store
from sandbox.model import Language
from sandbox.toolchains.recipe import recipes
from sandbox.toolchains.store import toolchains

if TYPE_CHECKING:
    from docker import APIClient

Kind = Literal["image", "toolchain", "layer", "tools"]
_IMAGES = "nexus-sandbox-*"
_ENGINE_TIMEOUT_S = 30
_UNUSED_AFTER_S = 7 * 24 * 3600
"""Tools that no start has used this long belong to a version of Nexus that is gone."""


@dataclass(frozen=True, slots=True)
class Item:
    """One image or folder."""

    kind: Kind
    name: str
    size_mb: int
    purpose: str
    """What still needs it; empty when nothing does."""
    in_use: bool
    """By a box that runs or waits now."""
    place: str
    """Path of the folder, or the image's id."""

    @property
    def is_waste(self) -> bool:
        return not self.purpose and not self.in_use


async def inventory(cache: Path) -> list[Item]:
    """Images first, then folders, each in the order of their names."""
    return await asyncio.to_thread(lambda: [*_images(), *_folders(cache)])


async def remove(item: Item, cache: Path) -> bool:
    """Remove one item. False when something has come to use it, so that it stayed."""
    if item.kind == "image":
        return await asyncio.to_thread(_remove_image, item.place)
    folder = Path(item.place)
    if in_use(folder, mounted()):
        return False
    await FolderStore(folder.parent.name, cache).remove(folder)
    return True


def mounted() -> set[str]:
    """What is mounted anywhere on this machine, in boxes and containers too, as paths within their file systems."""
    roots: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            lines = (process / "mountinfo").read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        roots.update(line.split(" ", 4)[3] for line in lines)
    return roots


def in_use(folder: Path, roots: Iterable[str]) -> bool:
    """Whether the folder, or a part of it, is among `roots`."""
    end = f"/{folder.parent.name}/{folder.name}"
    return any(root.endswith(end) or f"{end}/" in root for root in roots)


def _folders(cache: Path) -> Iterator[Item]:
    roots = mounted()
    current = {recipe.name: recipe.language for recipe in recipes()}
    for folder in toolchains(cache).all():
        yield _item("toolchain", folder, current.get(folder.name, ""), roots)
    for folder in layer_store.layers(cache).all():
        yield _item("layer", folder, ", ".join(use.project for use in layer_store.users_of(folder)), roots)
    own = tools.names_of(_interpreter_tags())
    for kind in ("tools", "sandbox-tools"):
        for folder in FolderStore(kind, cache).all():
            recent = (folder / "complete").stat().st_mtime > time.time() - _UNUSED_AFTER_S
            purpose = "this version of Nexus" if folder.name in own else "used within a week" if recent else ""
            yield _item("tools", folder, purpose, roots)


def _item(kind: Kind, folder: Path, purpose: str, roots: Iterable[str]) -> Item:
    return Item(kind, folder.name, size_mb(folder), purpose, in_use(folder, roots), str(folder))


def _interpreter_tags() -> Iterator[str]:
    """Of the interpreters that boxes have: the host's for bubblewrap, each image's own for Docker."""
    try:
        yield find_interpreter(BOX_UID if os.geteuid() == 0 else os.geteuid()).tag
    except SandboxUnavailable:
        pass
    for image in _images():
        if image.purpose:
            yield f"docker-{image.place}"


def _images() -> Iterator[Item]:
    import docker
    import requests

    try:
        api = _engine()
    except (docker.errors.DockerException, requests.RequestException):
        return
    try:
        languages: list[Language] = ["python", *(recipe.language for recipe in recipes())]
        current = {image_tag(language): language for language in languages}
        used = {str(one["ImageID"]) for one in api.containers(all=True)}
        found = {str(one["Id"]): one for one in _listed(api)}
        for ident, image in found.items():
            names = [tag for tag in cast("list[str]", image.get("RepoTags") or []) if not tag.startswith("<none>")]
            purpose = ", ".join(current[name] for name in names if name in current)
            size = cast("int", image["Size"]) >> 20
            yield Item("image", ", ".join(names) or ident[7:19], size, purpose, ident in used, ident)
    except (docker.errors.DockerException, requests.RequestException):
        return
    finally:
        api.close()


def _listed(api: APIClient) -> Iterator[dict[str, object]]:
    """Our images by name, and those that lost their name to a newer one."""
    yield from cast("list[dict[str, object]]", api.images(filters={"reference": _IMAGES}))
    yield from cast("list[dict[str, object]]", api.images(filters={"label": IMAGE_LABEL, "dangling": True}))


def _remove_image(ident: str) -> bool:
    import docker
    import requests

    try:
        api = _engine()
    except (docker.errors.DockerException, requests.RequestException) as problem:
        raise SandboxUnavailable(f"Docker does not answer: {problem}") from problem
    try:
        api.remove_image(ident)
    except docker.errors.ImageNotFound:
        return True
    except docker.errors.APIError:  # a container, or an image on top of it, needs it
        return False
    finally:
        api.close()
    return True


def _engine() -> APIClient:
    import docker
    import docker.utils

    return docker.APIClient(timeout=_ENGINE_TIMEOUT_S, **docker.utils.kwargs_from_env(), version="auto")
