"""The tested process: forked before the request is read, so that it has seen no key, and what it then becomes.

A fork saves a second start of Python. Programs of other languages are executed in it.
"""

from __future__ import annotations

import gc
import os
import resource

from . import child, compact_json, frames, layout, runtimes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

_START_FD = 5


class Tested:
    """The supervisor's side: the process, the pipes from it by what they carry, and the way to start it."""

    __slots__ = ("_config", "_start", "pid", "pipes")

    def __init__(self, pid: int, pipes: dict[int, str], config: int, start: int) -> None:
        self.pid = pid
        self.pipes = pipes
        self._config = config
        self._start = start

    def start(self, language: str, seed: int, limits: Mapping[str, float], config: bytes) -> None:
        """Let it become the program of its language, which reads `config`. Once."""
        frames.write_all(self._config, config)
        os.lseek(self._config, 0, os.SEEK_SET)
        frames.write_all(self._start, frames.with_length(compact_json.dumps([language, seed, dict(limits)])))
        os.close(self._config)
        os.close(self._start)


def fork() -> Tested:
    """Returns in the supervisor alone. To be called before it knows anything that is to be kept from tested code."""
    out_r, out_w = os.pipe()
    err_r, err_w = os.pipe()
    rows_r, rows_w = os.pipe()
    start_r, start_w = os.pipe()
    config = os.memfd_create("config", 0)
    gc.freeze()  # a collection in the child need not touch, and so copy, what both share
    pid = os.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_RDONLY)
        for target, source in enumerate(_above_targets([null, out_w, err_w, config, rows_w, start_r])):
            os.dup2(source, target, inheritable=True)
        os.closerange(_START_FD + 1, 1 << 16)
        _become()
    for fd in (out_w, err_w, rows_w, start_r):
        os.close(fd)
    return Tested(pid, {out_r: "stdout", err_r: "stderr", rows_r: "rows"}, config, start_w)


def _become() -> NoReturn:
    try:
        language, seed, limits = _orders()
        os.setsid()
        _die_first()
        _limit(limits)
        os.chdir(layout.WORK)
        environment = runtimes.environment(language, seed, int(limits["memory_mb"]))
        if language != "python":
            argv = runtimes.command(language)
            os.execve(argv[0], argv, environment)  # noqa: S606 - a fixed program, no shell
        os.environ.clear()
        os.environ.update(environment)
    except BaseException as problem:
        os.write(2, f"the box could not start its program: {problem}\n".encode())
        os._exit(127)
    child.main()


def _orders() -> tuple[str, int, dict[str, float]]:
    orders = compact_json.loads(frames.read_header(_START_FD))
    os.close(_START_FD)
    assert isinstance(orders, list)
    language, seed, limits = orders
    return str(language), int(seed), dict(limits)


def _limit(limits: Mapping[str, float]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if disk := int(limits["disk_mb"]):
        resource.setrlimit(resource.RLIMIT_FSIZE, (disk << 20, disk << 20))
    _lower(resource.RLIMIT_NOFILE, 1024)
    if count := int(limits.get("nproc", 0)):
        resource.setrlimit(resource.RLIMIT_NPROC, (count, count))
    if memory := int(limits.get("address_space_mb", 0)):
        resource.setrlimit(resource.RLIMIT_AS, (memory << 20, memory << 20))
    if data := int(limits.get("data_mb", 0)):
        resource.setrlimit(resource.RLIMIT_DATA, (data << 20, data << 20))


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _die_first() -> None:
    """When memory runs out, the kernel is to end the tested program and not its witness."""
    score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    os.write(score, b"1000")
    os.close(score)


def _above_targets(fds: list[int]) -> list[int]:
    """Copies of the descriptors, numbered past every target, so that no dup2 overwrites a later source."""
    import fcntl

    return [fcntl.fcntl(fd, fcntl.F_DUPFD, 64) for fd in fds]
