"""One single-use container: started, waiting for its request on stdin, and gone after it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sandbox import owner, seccomp
from sandbox.backend import GRACE_S
from sandbox.harness import layout, runtimes
from sandbox.model import Language, Limits
from sandbox.verdict import BoxEnd, Findings

if TYPE_CHECKING:
    import socket

    from docker import APIClient

LABEL = "nexus.sandbox"
OWNER_LABEL = "nexus.sandbox.owner"
INSIDE_UID = 65534
_EXIT_WAIT_S = 5
_CHUNK = 1 << 16
_STDOUT = 1
_INODES = 50_000
_OPEN_FILES = 4096


@dataclass(frozen=True, slots=True)
class BoxSpec:
    """What has to be known when the container is made; boxes of one spec can stand in for each other."""

    language: Language
    limits: Limits
    site: str = ""
    seed: int = 0

    @classmethod
    def of(cls, language: Language, limits: Limits, site: str, seed: int = 0) -> BoxSpec:
        # Time and output are the supervisor's business, not the container's.
        return cls(language, replace(limits, timeout_s=0, output_kb=0), site, seed)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What all boxes of one language share."""

    image: str
    runtime: str
    tools: Path

    def host_config(self, spec: BoxSpec) -> dict[str, object]:
        """The engine's HostConfig: the hardening profile."""
        limits = spec.limits
        disk, memory = limits.disk_mb << 20, limits.memory_mb << 20
        binds = [f"{self.tools / 'lib'}:{layout.LIBRARY}:ro", f"{self.tools / 'tools'}:{layout.TOOLS}:ro"]
        if spec.site:
            binds.append(f"{spec.site}:{layout.SITE}:ro")
        owned = f"uid={INSIDE_UID},gid={INSIDE_UID},nr_inodes={_INODES},nosuid,nodev,exec"
        config: dict[str, object] = {
            "NetworkMode": "none",
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges", f"seccomp={json.dumps(seccomp.docker_profile())}"],
            # The supervisor is one of them.
            "PidsLimit": limits.pids + 1 if limits.pids else None,
            "NanoCpus": int(min(limits.cpus, os.cpu_count() or 1) * 1e9),
            "Memory": memory,
            "MemorySwap": memory,
            "Tmpfs": {layout.WORK: f"size={disk},{owned}", layout.TMP: f"size={disk // 2},{owned}"},
            "ShmSize": min(disk, 64 << 20),
            "Ulimits": [_ulimit("core", 0), _ulimit("nofile", _OPEN_FILES)],
            "IpcMode": "private",
            "LogConfig": {"Type": "none"},
            "Binds": binds,
        }
        return config | {"Runtime": self.runtime} if self.runtime else config


def _ulimit(name: str, value: int) -> dict[str, object]:
    return {"Name": name, "Soft": value, "Hard": value}


class DockerBox:
    """A started container and the stream into it. Make one with `open_box`."""

    def __init__(self, api: APIClient, ident: str, keep: object) -> None:
        self._api = api
        self._ident = ident
        self._keep = keep  # the response that owns the socket; closing it closes the stream
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def connect(self, raw: socket.socket) -> None:
        raw.setblocking(False)
        self._reader, self._writer = await asyncio.open_connection(sock=raw)

    @property
    def alive(self) -> bool:
        """False once the daemon has closed the stream. A box that has not been used yet never speaks."""
        return not self._reader.at_eof()

    async def serve(self, found: Findings, stream: bytes, timeout_s: float) -> BoxEnd:
        """Send the request, feed `found` with the answer, and say how the box ended."""
        errors = bytearray()
        try:
            async with asyncio.timeout(timeout_s + GRACE_S):
                await asyncio.gather(self._send(stream), self._receive(found, errors))
        except TimeoutError:
            return BoxEnd(killed_late=True)
        except OSError as problem:
            return BoxEnd(failure=f"the connection to the container broke: {problem}")
        if found.end is not None and found.end["finished"]:
            return BoxEnd()
        out_of_memory = await asyncio.to_thread(self._ran_out_of_memory)
        if found.end is None and not found.broken and not out_of_memory:
            last = errors.decode("utf-8", "replace").strip().splitlines()
            return BoxEnd(failure=f"the container was lost: {last[-1] if last else 'no report'}")
        return BoxEnd(out_of_memory=out_of_memory)

    async def _send(self, stream: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._writer.write(stream)
            await self._writer.drain()

    async def _receive(self, found: Findings, errors: bytearray) -> None:
        """Take Docker's multiplexed stream apart: eight bytes of header before each piece."""
        while True:
            try:
                head = await self._reader.readexactly(8)
                kind, size = struct.unpack(">BxxxL", head)
                piece = await self._reader.readexactly(size)
            except asyncio.IncompleteReadError:
                return
            if kind == _STDOUT:
                found.feed(piece)
            elif len(errors) < _CHUNK:
                errors += piece

    def _ran_out_of_memory(self) -> bool:
        import docker.errors
        import requests

        try:
            self._api.wait(self._ident, timeout=_EXIT_WAIT_S)
            state = cast("dict[str, object]", self._api.inspect_container(self._ident)["State"])
        except (docker.errors.DockerException, requests.RequestException):
            return False
        return bool(state.get("OOMKilled"))

    async def destroy(self) -> None:
        """Kill and remove the container; nothing of it is kept."""
        self._writer.close()
        await asyncio.to_thread(remove, self._api, self._ident)


def remove(api: APIClient, ident: str) -> None:
    import docker.errors
    import requests

    with contextlib.suppress(docker.errors.DockerException, requests.RequestException):
        api.remove_container(ident, force=True, v=True)


async def open_box(api: APIClient, recipe: Recipe, spec: BoxSpec) -> DockerBox:
    """Create, attach, start. Raises docker's own errors."""
    ident, keep, raw = await asyncio.to_thread(_create, api, recipe, spec)
    box = DockerBox(api, ident, keep)
    await box.connect(raw)
    return box


def _create(api: APIClient, recipe: Recipe, spec: BoxSpec) -> tuple[str, object, socket.socket]:
    created = api.create_container(
        recipe.image,
        ["python3", *layout.START],
        # Of what an image may set, these two could bring in code before the supervisor's.
        environment={"PYTHONPATH": "", "PYTHONHOME": "", **runtimes.environment("python", spec.seed)},
        host_config=recipe.host_config(spec),
        user=f"{INSIDE_UID}:{INSIDE_UID}",
        hostname="box",
        stdin_open=True,
        working_dir=layout.WORK,
        labels={LABEL: "1", OWNER_LABEL: owner.own_mark()},
    )
    ident = str(created["Id"])
    try:
        # Before the start, so that not one byte of the report can be missed.
        keep = api.attach_socket(ident, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        api.start(ident)
    except BaseException:
        remove(api, ident)
        raise
    return ident, keep, cast("socket.socket", keep._sock)
