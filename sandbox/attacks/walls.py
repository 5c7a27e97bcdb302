"""Attacks on the walls: network, files, kernel, privileges (1-42, 75)."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

from config.errors import UsageError
from sandbox.attacks.arena import LIMITS, Arena, expect, verdict_of
from sandbox.attacks.model import Attack, Category, Escaped, NotApplicable
from sandbox.model import BoxFile, BoxRequest

_BAD_PATHS: tuple[str, ...] = ("../x.py", "../../etc/x", "/etc/x.py", "a/../../x.py", "a\0b", "", ".", "./x.py")
_BAD_PATHS += ("x\n.py", "..", "a/..", "\u202ex.py", "a//b.py", "a\\b.py")
_BAD_SELECTIONS = ("-p evil", "--collect-only", "-x", "../test_x.py", "/etc/test_x.py")
_MACHINE = "x86_64"


def _refused(name: str) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        await arena.refused(f"{name}.py")

    return carry_out


def _refused_calls(name: str) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        if os.uname().machine != _MACHINE:
            raise NotApplicable(f"The program makes system calls by the numbers of {_MACHINE}.")
        await arena.refused(f"{name}.py")

    return carry_out


async def _artefact(arena: Arena, name: str) -> None:
    """The program puts something else in the place of protected files, and leaves more of it about."""
    outcome = await arena.script(f"{name}.py", protected=True)
    expect(outcome.verdict == "forged", f"the replaced files went unnoticed: {verdict_of(outcome)}")
    expect(arena.bait.secret not in repr(outcome), "the content of a host file came out with the result")


async def _symlink_output(arena: Arena) -> None:
    await _artefact(arena, "symlink_output")


async def _special_output(arena: Arena) -> None:
    await _artefact(arena, "special_output")


async def _tar_slip(arena: Arena) -> None:
    await _artefact(arena, "tar_slip")


async def _symlink_swap(arena: Arena) -> None:
    await _artefact(arena, "symlink_swap")


async def _path_traversal(arena: Arena) -> None:
    for path in _BAD_PATHS:
        await _not_run(arena, BoxRequest("script", (BoxFile(path, b""),), limits=LIMITS), path)
        await _not_run(arena, BoxRequest("script", pristine=(BoxFile(path, b""),), limits=LIMITS), path)
        await _not_run(arena, BoxRequest("script", entry=path, limits=LIMITS), path)
    for name in _BAD_SELECTIONS:
        await _not_run(arena, BoxRequest("tests", select=(name,), limits=LIMITS), name)


async def _not_run(arena: Arena, request: BoxRequest, name: str) -> None:
    try:
        outcome = await arena.run(request)
    except UsageError:
        return
    raise Escaped(f"{name!r} was taken into the box: {verdict_of(outcome)}")


async def _residue(arena: Arena) -> None:
    left = await arena.script("leave_residue.py")
    expect(left.ok, f"the first run did not come to its end: {left.reason}")
    await arena.refused("find_residue.py")


_CALLS = {"kernel_sockets", "foreign_calling_convention", "personality", "machine_control", "io_uring", "keyrings"}
_CALLS |= {"mounts", "new_namespaces", "foreign_namespaces", "kernel_probes", "open_by_handle", "release_agent"}
_CALLS |= {"become_root", "trace_supervisor"}
_OWN = {
    "symlink_output": _symlink_output,
    "special_output": _special_output,
    "path_traversal_input": _path_traversal,
    "tar_slip": _tar_slip,
    "symlink_swap": _symlink_swap,
    "next_run_residue": _residue,
}


def _attack(number: int, name: str, category: Category, attempt: str, expected: str) -> Attack:
    plain = _refused_calls(name) if name in _CALLS else _refused(name)
    return Attack(number, name, category, attempt, expected, _OWN.get(name, plain))


_UNREACHABLE = "every attempt fails; the host's listeners see nobody"
_REFUSED = "every attempt is refused"

ATTACKS = (
    _attack(1, "tcp_internet", "network", "connect to public addresses, TCP, UDP and IPv6", _UNREACHABLE),
    _attack(2, "dns_lookup", "network", "resolve names, and ask name servers directly", "no name is resolved"),
    _attack(3, "cloud_metadata", "network", "reach the metadata services of clouds", _UNREACHABLE),
    _attack(4, "host_gateway", "network", "reach the host by its bridge and its own addresses", _UNREACHABLE),
    _attack(5, "host_loopback", "network", "reach a service on the host's loopback", _UNREACHABLE),
    _attack(6, "raw_sockets", "network", "open raw ICMP, IP and packet sockets", _REFUSED),
    _attack(7, "kernel_sockets", "network", "open netlink, vsock, alg and xdp sockets, also with high bits", _REFUSED),
    _attack(
        8, "abstract_unix_socket", "network", "connect to the host's abstract socket", "it is neither seen nor met"
    ),
    _attack(9, "engine_sockets", "network", "find the sockets of Docker, containerd and D-Bus", "there are none"),
    _attack(
        10, "network_tools", "network", "bash /dev/tcp, curl, wget, ssh, nc, ping, git, apt-get", "all of them fail"
    ),
    _attack(11, "write_system", "files", "write, change, move and remove system files and the harness", _REFUSED),
    _attack(12, "read_shadow", "files", "read password hashes, host keys, sudoers", "denied or absent"),
    _attack(13, "read_host_files", "files", "read the host's home, project, keys and a planted file", "none is there"),
    _attack(
        14,
        "symlink_output",
        "files",
        "replace protected files by links to the host's",
        "noticed; nothing of their content comes out",
    ),
    _attack(
        15,
        "special_output",
        "files",
        "replace them by a pipe, a socket, a hard link, a device",
        "noticed; nobody blocks on them",
    ),
    _attack(
        16,
        "path_traversal_input",
        "files",
        "lay out files named ../x, /etc/x, with NUL, as options",
        "never enters a box",
    ),
    _attack(17, "tar_slip", "files", "leave archives with ../ and absolute names", "nothing is unpacked on the host"),
    _attack(18, "symlink_swap", "files", "swap a protected file for a link all the time", "noticed; no host file read"),
    _attack(19, "mknod", "files", "make device nodes in every folder that can be written", _REFUSED),
    _attack(20, "device_nodes", "files", "open disks, memory, kvm, fuse, tun", "none is there"),
    _attack(21, "next_run_residue", "files", "leave files and shared memory for the next run", "it finds nothing"),
    _attack(22, "core_pattern", "kernel", "open core_pattern and its like for writing", _REFUSED),
    _attack(23, "kernel_settings", "kernel", "open all of /proc/sys and /sys for writing; sysrq, kcore", _REFUSED),
    _attack(24, "release_agent", "kernel", "write control files, make and mount control groups", _REFUSED),
    _attack(25, "mounts", "kernel", "mount, umount, pivot_root, chroot, the newer mount calls", _REFUSED),
    _attack(26, "new_namespaces", "kernel", "unshare, clone and clone3 with every kind of namespace", _REFUSED),
    _attack(27, "foreign_namespaces", "kernel", "enter the namespaces of process 1", _REFUSED),
    _attack(28, "kernel_probes", "kernel", "bpf, perf_event_open, userfaultfd, kcmp, syslog", _REFUSED),
    _attack(29, "io_uring", "kernel", "set up and enter io_uring", _REFUSED),
    _attack(30, "keyrings", "kernel", "add, request and list keys", _REFUSED),
    _attack(31, "machine_control", "kernel", "load modules, kexec, reboot, swap, set clock and host name", _REFUSED),
    _attack(32, "open_by_handle", "kernel", "open files of the host by handle", _REFUSED),
    _attack(33, "type_into_terminal", "kernel", "push characters into a terminal", "refused, or there is none"),
    _attack(34, "personality", "kernel", "switch address randomization off", _REFUSED),
    _attack(35, "become_root", "privileges", "setuid, setgid, setgroups, capset, ambient capabilities", _REFUSED),
    _attack(36, "setuid_programs", "privileges", "run su, sudo, mount and all that has the bit", "none gains anything"),
    _attack(37, "privileges", "privileges", "look at own capabilities, filter, groups", "none, filtered, nobody"),
    _attack(38, "trace_supervisor", "privileges", "trace, read, signal and starve process 1", "refused; it goes on"),
    _attack(39, "secret_in_environment", "privileges", "read every environment and command line", "no host value"),
    _attack(40, "planted_secret", "privileges", "search all files and mounts for a planted secret", "it is nowhere"),
    _attack(41, "inherited_descriptors", "privileges", "use descriptors that came along", "only its own pipes"),
    _attack(42, "visible_processes", "privileges", "list and signal processes of others", "only its own are there"),
    _attack(75, "foreign_calling_convention", "kernel", "the same calls through int 0x80 and x32", _REFUSED),
)
