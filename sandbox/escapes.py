"""The program of the self-test: tries to get out, and prints what worked. Run inside a box, never imported.

It reads `facts.json`: paths of host files it must not see, and hashes of the host's environment.
"""

from __future__ import annotations

import ctypes
import glob
import hashlib
import json
import os
import socket

CLONE_NEWUSER = 0x10000000


def main() -> None:
    with open("facts.json", encoding="utf-8") as file:  # noqa: PTH123
        facts = json.load(file)
    attempts = {
        "write to /proc/sys of the host": writes_kernel_settings,
        "open a network connection": connects,
        "read a file of the host": lambda: any(reads(path) for path in facts["files"]),
        "make a user namespace": makes_namespace,
        "read the host's environment": lambda: sees_environment(set(facts["environment"])),
        "write outside its folders": writes_outside,
        "become root": becomes_root,
        "keep capabilities": has_capabilities,
        "run without a system call filter": is_unfiltered,
    }
    print(json.dumps([name for name, attempt in attempts.items() if attempt()]))  # noqa: T201


def writes_kernel_settings() -> bool:
    # Opening is enough to know; nothing is written, for the setting would be the host's.
    return can_open("/proc/sys/kernel/core_pattern", os.O_WRONLY)


def connects() -> bool:
    for address in (("1.1.1.1", 53), ("169.254.169.254", 80), ("172.17.0.1", 22)):
        with socket.socket() as probe:
            probe.settimeout(0.5)
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False


def reads(path: str) -> bool:
    return can_open(path, os.O_RDONLY)


def makes_namespace() -> bool:
    return bool(ctypes.CDLL(None).unshare(CLONE_NEWUSER) == 0)


def sees_environment(hashes: set[str]) -> bool:
    seen = [f"{name}={value}".encode() for name, value in os.environ.items()]
    for path in glob.glob("/proc/[0-9]*/environ"):  # noqa: PTH207
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                seen += file.read().split(b"\0")
        except OSError:
            continue
    return any(hashlib.sha256(entry).hexdigest() in hashes for entry in seen)


def writes_outside() -> bool:
    flags = os.O_WRONLY | os.O_CREAT
    folders = ["", "/usr", "/etc", "/dev", "/opt", *(f"/opt/nexus/{name}" for name in ("lib", "tools", "site"))]
    return any(can_open(f"{folder}/nexus-probe", flags) for folder in folders)


def becomes_root() -> bool:
    try:
        os.setuid(0)
    except OSError:
        return os.geteuid() == 0
    return True


def has_capabilities() -> bool:
    return int(status("CapEff"), 16) != 0 or status("NoNewPrivs") != "1"


def is_unfiltered() -> bool:
    return status("Seccomp") != "2"


def status(field: str) -> str:
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123
        return next((line.split()[1] for line in file if line.startswith(f"{field}:")), "0")


def can_open(path: str, flags: int) -> bool:
    try:
        os.close(os.open(path, flags, 0o600))
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
