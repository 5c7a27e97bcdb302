"""The bubblewrap backend: namespaces, a read-only root, a system call filter, control groups where allowed.

Root gives up its identity first: a box made by uid 0 could write to /proc/sys of the host.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from config.errors import SandboxUnavailable
from sandbox import cgroups, owner, profile, seccomp, tools
from sandbox.backend import GRACE_S
from sandbox.harness import frames, layout, runtimes
from sandbox.host_python import Interpreter, compile_all, find_interpreter
from sandbox.model import BoxRequest, ExecutionResult, Language, Limits, OnOutput, OnRow, PythonEnvironment
from sandbox.plain_tests import plain_first
from sandbox.readable import readable_by
from sandbox.request import effective, encode
from sandbox.toolchains import store
from sandbox.verdict import BoxEnd, Findings, result

BOX_UID = 65420
"""Host user that boxes run as when Nexus is root; nothing else uses it, and it owns no file."""
_INSIDE_UID = "65534"
_CHUNK = 1 << 16
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime")
_BOX = "nexus-box "
"""What bwrap is called in the list of processes, followed by the mark of the process the box belongs to."""
_NPROC_PER_BOX = (5, 14)
"""Kernel from which RLIMIT_NPROC counts per user namespace, not per user of the host."""
_NODE_RESERVES_MB = 768
"""Memory that Node asks for to write to as it starts, and leaves untouched."""
_INSTALL = "Run: sudo apt-get install -y bubblewrap"


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class _FirstProcess:
    """The first process of a box's pid namespace, by the number the host knows it by; all others end with it.

    It usually ends with bwrap's outer process. A box that is cut off while it starts has not asked for that yet.
    """

    pid: int
    handle: int
    """Stands for that very process, also after its number was given to another one."""

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        os.close(self.handle)


class Bubblewrap:
    """Runs each request in its own set of namespaces."""

    name = "bubblewrap"

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._uid = BOX_UID if os.geteuid() == 0 else os.geteuid()
        self._program = ""
        self._interpreter: Interpreter | None = None
        self._tools: Path | None = None
        self.profile = ""

    async def start(self) -> None:
        await asyncio.to_thread(self._prepare)

    def _prepare(self) -> None:
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxUnavailable("bubblewrap is not installed.", _INSTALL)
        self._program = program
        _sweep()
        cgroups.sweep()
        self._interpreter = find_interpreter(self._uid)
        self._tools = tools.prepare_tools(
            self._cache,
            self._interpreter.tag,
            lambda path: readable_by(self._uid, path),
            functools.partial(compile_all, self._interpreter.executable),
        )
        template = self._arguments(Limits(), "", "", seccomp_fd=-1, info_fd=-1)[1:]
        self.profile = profile.fingerprint(
            self.name, _version(program), template, seccomp.bpf_program().hex(), cgroups.available()
        )

    async def require(self, language: Language) -> None:
        await asyncio.to_thread(self._toolchain, language)

    async def run(
        self, request: BoxRequest, on_row: OnRow | None = None, on_output: OnOutput | None = None
    ) -> tuple[ExecutionResult, PythonEnvironment | None]:
        return await plain_first(request, self._run_one, on_row, on_output)

    async def _run_one(
        self, request: BoxRequest, on_row: OnRow | None, on_output: OnOutput | None
    ) -> tuple[ExecutionResult, PythonEnvironment | None]:
        limits = effective(request.limits)
        toolchain = self._toolchain(request.language)
        # Not in a thread: a cancellation would lose sight of the group that the thread makes all the same.
        group = cgroups.create(limits)
        key = secrets.token_bytes(frames.KEY_BYTES)
        try:
            stream, notes = encode(request, key, self._process_limits(request.language, limits, group))
            found = Findings(request, frames.FrameReader(key), on_row, on_output)
            box = await self._run_box(found, stream, limits, group, toolchain)
        finally:
            if group is not None:
                await asyncio.to_thread(group.remove)
        if group is None:
            notes = (*notes, "No control group could be made here: memory is limited per process, CPU is not limited.")
        outcome = result(
            found,
            box,
            backend=self.name,
            profile=profile.fingerprint(self.profile, toolchain, limits),
            notes=notes,
            per_process=group is None,
        )
        return outcome, found.environment

    def _toolchain(self, language: Language) -> str:
        """Host folder of a language's toolchain; empty for Python. Raises SandboxUnavailable."""
        return "" if language == "python" else str(store.find(language, self._cache))

    def _process_limits(self, language: Language, limits: Limits, group: cgroups.Group | None) -> dict[str, int]:
        """Limits for the supervisor to set on the tested process, where the system offers nothing better."""
        extra: dict[str, int] = {}
        # Node and .NET reserve far more address space than they ever use.
        if group is None and limits.memory_mb and language == "python":
            extra["address_space_mb"] = limits.memory_mb
        if group is None and limits.memory_mb and language == "typescript":
            extra["data_mb"] = limits.memory_mb + _NODE_RESERVES_MB
        if limits.pids and _kernel() >= _NPROC_PER_BOX:
            extra["nproc"] = limits.pids
        return extra

    async def _run_box(
        self, found: Findings, stream: bytes, limits: Limits, group: cgroups.Group | None, toolchain: str
    ) -> BoxEnd:
        with contextlib.ExitStack() as open_fds:
            errors_fd = open_fds.enter_context(_memory_file(b""))  # not a file: disks can be full
            filter_fd = open_fds.enter_context(_memory_file(seccomp.bpf_program()))
            info_r, info_w = os.pipe()
            open_fds.callback(os.close, info_r)
            program, arguments, identity = self._command(limits, found.request.extra_site, toolchain, filter_fd, info_w)
            # Tasks of their own: a cancellation in the middle of the start must not lose sight of what was started.
            start = asyncio.create_task(
                asyncio.create_subprocess_exec(
                    *arguments,
                    executable=program,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=errors_fd,
                    # All of it is readable in the box, as /proc/1/environ.
                    env=runtimes.environment("python", found.request.seed),
                    cwd="/",
                    pass_fds=(filter_fd, info_w),
                    start_new_session=True,
                    **identity,
                )
            )
            start.add_done_callback(lambda _: os.close(info_w))
            first = asyncio.create_task(asyncio.to_thread(_first_process, info_r, group))
            try:
                try:
                    process = await asyncio.shield(start)
                except OSError as problem:
                    return BoxEnd(failure=f"bubblewrap did not start: {problem}")
                return await self._converse(process, found, stream, limits, group, first, errors_fd)
            finally:
                await _end(start, first)

    async def _converse(
        self,
        process: asyncio.subprocess.Process,
        found: Findings,
        stream: bytes,
        limits: Limits,
        group: cgroups.Group | None,
        first: asyncio.Task[_FirstProcess | None],
        errors_fd: int,
    ) -> BoxEnd:
        late = False
        try:
            async with asyncio.timeout(limits.timeout_s + GRACE_S):
                if group is not None and await asyncio.shield(first) is None:
                    return BoxEnd(failure=f"bubblewrap did not start: {_tail(errors_fd)}")
                await asyncio.gather(_send(process, stream), _receive(process, found))
        except TimeoutError:
            late = True
        peak = group.peak_kb() if group is not None else 0
        memory = group.out_of_memory() if group is not None else False
        if found.end is None and not found.broken and not late and not memory:
            return BoxEnd(failure=f"the box was lost: {_tail(errors_fd) or 'no report'}")
        return BoxEnd(out_of_memory=memory, killed_late=late, peak_kb=peak)

    def _command(
        self, limits: Limits, site: str, toolchain: str, seccomp_fd: int, info_fd: int
    ) -> tuple[str, list[str], _Identity]:
        """The program to start, its arguments with the name it is called by, and the user to start it as."""
        if os.geteuid() != 0 or not site or readable_by(self._uid, Path(site)):
            user: _Identity = {"user": BOX_UID, "group": BOX_UID, "extra_groups": []} if os.geteuid() == 0 else {}
            return self._program, self._arguments(limits, site, toolchain, seccomp_fd, info_fd), user
        # Packages below a private folder, such as /root: a mount namespace of the launcher's own shows them.
        target = tools.shared_folder("site")
        launcher = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py"))]
        shown = self._arguments(limits, str(target), toolchain, seccomp_fd, info_fd)
        return sys.executable, [*launcher, site, str(target), str(BOX_UID), self._program, *shown], {}

    def _arguments(self, limits: Limits, site: str, toolchain: str, seccomp_fd: int, info_fd: int) -> list[str]:
        assert self._interpreter is not None and self._tools is not None
        python = self._interpreter
        disk = limits.disk_mb << 20
        arguments = [
            _BOX + owner.own_mark(),
            *("--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1"),
            *("--cap-drop", "ALL", "--uid", _INSIDE_UID, "--gid", _INSIDE_UID, "--hostname", "box"),
            *("--ro-bind", "/usr", "/usr"),
            *_top_level_links(),
            *(part for name in _ETC for part in ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")),
            *("--ro-bind", str(self._tools / "etc" / "passwd"), "/etc/passwd"),
            *("--ro-bind", str(self._tools / "etc" / "group"), "/etc/group"),
        ]
        if not python.prefix.is_relative_to("/usr"):
            arguments += ["--ro-bind", str(python.prefix), str(python.prefix)]
        arguments += ["--ro-bind", str(self._tools / "lib"), layout.LIBRARY]
        arguments += ["--ro-bind", str(self._tools / "tools"), layout.TOOLS]
        if toolchain:
            arguments += ["--ro-bind", toolchain, layout.TOOLCHAIN]
            arguments += ["--symlink", layout.PACKAGES, "/node_modules"]  # where Node looks at last, from any folder
        if site:
            arguments += ["--ro-bind", site, layout.SITE]
        # Settings of the box's own namespaces, such as pid_max, would be writable in a plain /proc.
        arguments += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
        for size, folder in ((disk, layout.WORK), (disk // 2, layout.TMP), (min(disk, 64 << 20), "/dev/shm")):  # noqa: S108
            arguments += ["--size", str(size), "--tmpfs", folder]
        arguments += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", layout.WORK]
        if _can_disable_userns(self._program):
            arguments.append("--disable-userns")
        arguments += ["--seccomp", str(seccomp_fd), "--info-fd", str(info_fd)]
        return [*arguments, "--", str(python.executable), *layout.START]

    async def close(self) -> None:
        """Nothing outlives a run."""


def _sweep() -> None:
    """End what a killed Nexus left of boxes that were just starting: they wait for their outer process for ever."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            name = os.fsdecode((folder / "cmdline").read_bytes().partition(b"\0")[0])
            if name.startswith(_BOX) and owner.is_orphan(name.removeprefix(_BOX)):
                os.kill(int(folder.name), signal.SIGKILL)


def _top_level_links() -> list[str]:
    """/bin, /lib and their like, as they are on the host: links into /usr, or folders."""
    arguments: list[str] = []
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            arguments += ["--ro-bind", name, name]
    return arguments


@functools.cache
def _can_disable_userns(program: str) -> bool:
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=10, check=False)
    return "--disable-userns" in shown.stdout + shown.stderr


@functools.cache
def _version(program: str) -> str:
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
    return shown.stdout.strip()


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(char for char in minor if char.isdigit()) or 0)


@contextlib.contextmanager
def _memory_file(data: bytes) -> Iterator[int]:
    fd = os.memfd_create("box", os.MFD_CLOEXEC)
    try:
        frames.write_all(fd, data)
        os.lseek(fd, 0, os.SEEK_SET)
        yield fd
    finally:
        os.close(fd)


async def _end(start: asyncio.Task[asyncio.subprocess.Process], first: asyncio.Task[_FirstProcess | None]) -> None:
    """Leave nothing of a box, however far it came."""
    await asyncio.wait({start})
    process = start.result() if start.exception() is None else None
    if process is not None and process.returncode is None:
        # Not process.kill(): that polls first, and would take the status from asyncio's own waiter.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if (inside := await first) is not None:
        inside.end()
    if process is not None:
        await process.wait()


async def _send(process: asyncio.subprocess.Process, stream: bytes) -> None:
    assert process.stdin is not None
    # A box that ends early breaks the pipe; its report, or the lack of one, says why.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(stream)
        await process.stdin.drain()
        process.stdin.close()


async def _receive(process: asyncio.subprocess.Process, found: Findings) -> None:
    assert process.stdout is not None
    while chunk := await process.stdout.read(_CHUNK):
        found.feed(chunk)


def _first_process(info_fd: int, group: cgroups.Group | None) -> _FirstProcess | None:
    """What bwrap says about the box it made, which is then in its group; None when it did not come that far.

    Blocks until then. The request is sent only afterwards, so no tested code can outrun it.
    """
    parts = []
    while part := os.read(info_fd, _CHUNK):
        parts.append(part)
    try:
        pid = int(json.loads(b"".join(parts))["child-pid"])
        first = _FirstProcess(pid, os.pidfd_open(pid))
    except (ValueError, KeyError, OSError):
        return None
    try:
        if group is not None:
            group.add(pid)
    except OSError:
        first.end()
        return None
    return first


def _tail(fd: int) -> str:
    size = os.fstat(fd).st_size
    text = os.pread(fd, 2000, max(0, size - 2000)).decode("utf-8", "replace").strip()
    return text.splitlines()[-1] if text else ""
