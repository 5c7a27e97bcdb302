"""Starts a program as another user who sees one folder of root's that its path would deny them.

A private mount namespace shows the folder at a place anyone can reach; run by path, as root, with no other module:
`python -I -S launcher.py SOURCE TARGET UID PROGRAM NAME ARGUMENT...`, NAME being what the program is called.
"""

from __future__ import annotations

import ctypes
import os
import sys

CLONE_NEWNS = 0x20000
MS_RDONLY, MS_BIND, MS_REC, MS_PRIVATE, MS_REMOUNT = 1, 4096, 16384, 1 << 18, 32


def main() -> None:
    source, target, uid, program, *named = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    _must(libc.unshare(CLONE_NEWNS))
    _must(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
    _must(libc.mount(os.fsencode(source), os.fsencode(target), None, MS_BIND, None))
    _must(libc.mount(None, os.fsencode(target), None, MS_BIND | MS_REMOUNT | MS_RDONLY, None))
    os.setgroups([])
    os.setresgid(int(uid), int(uid), int(uid))
    os.setresuid(int(uid), int(uid), int(uid))
    os.execv(program, named)  # noqa: S606 - an argument list, no shell


def _must(code: int) -> None:
    if code != 0:
        number = ctypes.get_errno()
        raise SystemExit(f"{os.strerror(number)} ({number})")


if __name__ == "__main__":
    main()
