"""The system calls a box may not make: one list, as a BPF program for bubblewrap and as a profile for Docker.

Docker's own profile is an allow-list, and a custom one replaces it; so `seccomp_allowed.txt` is that list (Moby's,
Apache-2.0, for a container without capabilities) and the refusals below are taken from it.
"""

from __future__ import annotations

import errno
import functools
import os
import socket
import tempfile
from pathlib import Path

from config.errors import SandboxUnavailable

_HERE = Path(__file__).parent
DENIED = frozenset((_HERE / "seccomp_denied.txt").read_text("ascii").split())
NEW_NAMESPACES = 0x7E020000
"""Every CLONE_NEW* flag of clone(2), as in Moby's profile."""
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
_32_BITS = 0xFFFFFFFF
SOCKETS_DENIED = (socket.AF_NETLINK, socket.AF_PACKET, 38, 40, 44)
"""Netlink, raw packets, AF_ALG (38), AF_VSOCK (40), AF_XDP (44): ways past the network namespace or into the kernel."""


@functools.cache
def bpf_program() -> bytes:
    """The filter in the form that `bwrap --seccomp` reads. Raises SandboxUnavailable without libseccomp."""
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError) as missing:
        raise SandboxUnavailable(
            "libseccomp is not installed, so system calls could not be filtered.",
            "Run: sudo apt-get install -y libseccomp2",
        ) from missing
    deny, absent = seccomp.ERRNO(errno.EPERM), seccomp.ERRNO(errno.ENOSYS)
    program = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in sorted(DENIED):
        _refuse(program, deny, name)
    # Its flags are behind a pointer, so they cannot be checked; "absent" makes the C library use clone.
    _refuse(program, absent, "clone3")
    for bit in (1 << n for n in range(32) if NEW_NAMESPACES >> n & 1):
        _refuse(program, deny, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, bit, bit))
    for family in SOCKETS_DENIED:
        _refuse(program, deny, "socket", seccomp.Arg(0, seccomp.MASKED_EQ, _32_BITS, int(family)))
    # Of any process but the caller: the supervisor has the same user, and could be starved of descriptors.
    _refuse(program, deny, "prlimit64", seccomp.Arg(0, seccomp.NE, 0))
    for request in (TIOCSTI, TIOCLINUX):
        _refuse(program, deny, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, _32_BITS, request))
    with tempfile.TemporaryFile() as file:
        program.export_bpf(file)
        file.seek(0)
        return file.read()


def _refuse(program: object, action: object, name: str, *conditions: object) -> None:
    try:
        program.add_rule(action, name, *conditions)  # type: ignore[attr-defined]
    except (OSError, ValueError, RuntimeError):
        # Not a system call of this machine's architecture.
        return


@functools.cache
def docker_profile() -> dict[str, object]:
    """The same refusals as a Docker seccomp profile; those of terminals left out, for no container has one."""
    allowed = sorted(
        set((_HERE / "seccomp_allowed.txt").read_text("ascii").split())
        - DENIED
        - {"clone", "clone3", "socket", "prlimit64"}
    )
    rules: list[dict[str, object]] = [
        {"names": allowed, "action": "SCMP_ACT_ALLOW"},
        _rule("clone", "SCMP_ACT_ALLOW", 0, NEW_NAMESPACES, "SCMP_CMP_MASKED_EQ", 0),
        _rule("prlimit64", "SCMP_ACT_ALLOW", 0, 0, "SCMP_CMP_EQ"),
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.ENOSYS},
        *(
            _rule("socket", "SCMP_ACT_ALLOW", 0, family, "SCMP_CMP_EQ")
            for family in range(46)
            if family not in SOCKETS_DENIED
        ),
    ]
    return {"defaultAction": "SCMP_ACT_ERRNO", "architectures": _architectures(), "syscalls": rules}


def _rule(name: str, action: str, index: int, value: int, op: str, value_two: int = 0) -> dict[str, object]:
    argument = {"index": index, "value": value, "valueTwo": value_two, "op": op}
    return {"names": [name], "action": action, "args": [argument]}


def _architectures() -> list[str]:
    """The machine's own only: a 32-bit program has other system call numbers."""
    return {"x86_64": ["SCMP_ARCH_X86_64"], "aarch64": ["SCMP_ARCH_AARCH64"]}.get(os.uname().machine, [])
