"""The Docker backend: one hardened container per run, taken from a warm pool, killed and removed after it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, cast

from config.errors import SandboxUnavailable
from sandbox import owner, profile, tools
from sandbox.docker_box import LABEL, OWNER_LABEL, BoxSpec, DockerBox, Recipe, open_box, remove
from sandbox.harness import frames
from sandbox.image_builder import image_tag
from sandbox.model import BoxRequest, ExecutionResult, Language, Limits, OnOutput, OnRow, PythonEnvironment
from sandbox.plain_tests import plain_first
from sandbox.request import effective, encode
from sandbox.verdict import BoxEnd, Findings, result
from sandbox.warm_pool import WarmPool

if TYPE_CHECKING:
    from docker import APIClient

_MOST_READY = 8
POOL_SIZE = min(_MOST_READY, os.cpu_count() or 1)
"""Started containers that wait for their one use: one for each core, which is as many as run at once."""
_API_TIMEOUT_S = 60
_COMPILE_DEADLINE_S = 120
_START_DOCKER = "Start it: sudo systemctl start docker"


class DockerBackend:
    """Runs each request in a container of its own."""

    name = "docker"

    def __init__(self, cache: Path, *, runtime: str = "", warm_limits: Limits | None = None, image: str = ""):
        self._cache = cache
        self._runtime = runtime
        self._images: dict[Language, str] = {"python": image} if image else {}
        """Tags that differ from this version's."""
        self._warm_limits = warm_limits
        self._api: APIClient | None = None
        self._recipes: dict[Language, Recipe] = {}
        self._pool: WarmPool[DockerBox, BoxSpec] = WarmPool(self._open, POOL_SIZE)
        self.profile = ""

    async def start(self) -> None:
        await asyncio.to_thread(self._prepare)
        if self._warm_limits is not None:
            self._pool.warm(BoxSpec.of("python", effective(self._warm_limits), ""))

    def _prepare(self) -> None:
        import docker
        import docker.utils
        import requests

        try:
            api = docker.APIClient(timeout=_API_TIMEOUT_S, **docker.utils.kwargs_from_env(), version="auto")
        except (docker.errors.DockerException, requests.RequestException) as problem:
            raise SandboxUnavailable("Docker does not answer.", _START_DOCKER) from problem
        self._api = api
        try:
            self._check_runtime(api)
            _sweep(api)
        except (docker.errors.DockerException, requests.RequestException) as problem:
            raise SandboxUnavailable(f"Docker does not work: {problem}", _START_DOCKER) from problem
        recipe = self._recipe_of("python")
        shape = recipe.host_config(BoxSpec("python", effective(Limits())))
        self.profile = profile.fingerprint(self.name, recipe.image, shape)

    def _check_runtime(self, api: APIClient) -> None:
        """Raises SandboxUnavailable when the engine lacks the runtime that was asked for: none takes its place."""
        if self._runtime:
            there = sorted(cast("dict[str, object]", api.info().get("Runtimes") or {}))
            if self._runtime not in there:
                raise SandboxUnavailable(
                    f"Docker has no runtime {self._runtime}; it has {', '.join(there)}.",
                    "Install it and name it in /etc/docker/daemon.json, or unset sandbox.docker_runtime.",
                )

    def _recipe_of(self, language: Language) -> Recipe:
        """How boxes of a language are made; looked up once. Raises SandboxUnavailable when its image is missing."""
        import docker.errors
        import requests

        if found := self._recipes.get(language):
            return found
        assert self._api is not None
        api, tag = self._api, self._images.get(language) or image_tag(language)
        try:
            image = str(cast("dict[str, object]", api.inspect_image(tag))["Id"])  # type: ignore[no-untyped-call]
            folder = tools.prepare_tools(
                self._cache, f"docker-{image}", lambda _: True, lambda path: _compile_all(api, image, path)
            )
        except docker.errors.ImageNotFound as missing:
            mend = "nexus sandbox build" if language == "python" else f"nexus sandbox build --language {language}"
            raise SandboxUnavailable(f"The image {tag} is missing.", f"Run: {mend}") from missing
        except (docker.errors.DockerException, requests.RequestException) as problem:
            raise SandboxUnavailable(f"Docker does not work: {problem}", _START_DOCKER) from problem
        self._recipes[language] = Recipe(image, self._runtime, folder)
        return self._recipes[language]

    async def require(self, language: Language) -> None:
        await asyncio.to_thread(self._recipe_of, language)

    async def run(
        self, request: BoxRequest, on_row: OnRow | None = None, on_output: OnOutput | None = None
    ) -> tuple[ExecutionResult, PythonEnvironment | None]:
        return await plain_first(request, self._run_one, on_row, on_output)

    async def _run_one(
        self, request: BoxRequest, on_row: OnRow | None, on_output: OnOutput | None
    ) -> tuple[ExecutionResult, PythonEnvironment | None]:
        limits = effective(request.limits)
        recipe = await asyncio.to_thread(self._recipe_of, request.language)
        key = secrets.token_bytes(frames.KEY_BYTES)
        stream, notes = encode(request, key, {})
        found = Findings(request, frames.FrameReader(key), on_row, on_output)
        box = await self._serve(found, stream, limits)
        outcome = result(
            found,
            box,
            backend=self.name,
            profile=profile.fingerprint(self.profile, recipe.image, limits),
            notes=notes,
            per_process=False,
        )
        return outcome, found.environment

    async def _serve(self, found: Findings, stream: bytes, limits: Limits) -> BoxEnd:
        import docker.errors
        import requests

        request = found.request
        try:
            box = await self._pool.take(BoxSpec.of(request.language, limits, request.extra_site, request.seed))
        except (docker.errors.DockerException, requests.RequestException, OSError) as problem:
            return BoxEnd(failure=f"Docker did not start a container: {_in_words(problem)}")
        try:
            return await box.serve(found, stream, limits.timeout_s)
        finally:
            self._pool.discard(box)

    async def _open(self, spec: BoxSpec) -> DockerBox:
        assert self._api is not None
        return await open_box(self._api, self._recipes[spec.language], spec)

    async def close(self) -> None:
        await self._pool.close()
        if self._api is not None:
            self._api.close()


def _in_words(problem: Exception) -> str:
    """The engine's own sentence, without the address that was asked."""
    import docker.errors
    import requests

    if isinstance(problem, docker.errors.ImageNotFound):
        return "the image is gone; `nexus sandbox build` makes it again"
    if isinstance(problem, docker.errors.APIError):
        return str(problem.explanation or problem).strip().rstrip(".")
    if isinstance(problem, requests.ConnectionError | OSError):
        return "the engine does not answer"
    return str(problem)


def _sweep(api: APIClient) -> None:
    """Remove containers of Nexus processes that are no more."""
    for container in api.containers(all=True, filters={"label": f"{LABEL}=1"}):
        if owner.is_orphan(str((container.get("Labels") or {}).get(OWNER_LABEL, ""))):
            remove(api, str(container["Id"]))


def _compile_all(api: APIClient, image: str, folder: Path) -> None:
    """Byte-compile with the image's interpreter. A failure costs time in every run, nothing else."""
    import docker.errors
    import requests

    config = {
        "NetworkMode": "none",
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "Binds": [f"{folder}:/tools"],
    }
    command = ["python3", "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "/tools"]
    with contextlib.suppress(docker.errors.DockerException, requests.RequestException):
        created = api.create_container(
            image,
            command,
            host_config=config,
            user=f"{os.getuid()}:{os.getgid()}",
            labels={LABEL: "1", OWNER_LABEL: owner.own_mark()},
        )
        try:
            api.start(created["Id"])
            api.wait(created["Id"], timeout=_COMPILE_DEADLINE_S)
        finally:
            remove(api, str(created["Id"]))
