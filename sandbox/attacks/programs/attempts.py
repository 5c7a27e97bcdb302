"""What the attack programs share: try something, keep the system's answer, print all answers at the end.

An answer that begins with `done` means that the attempt worked, which no attempt of these programs may.
"""

import ctypes
import errno
import json
import os
import re
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
ANSWERS = {}
with open("bait.json", encoding="ascii") as file:
    BAIT = json.load(file)
"""What the host has laid out for this run: ports, sockets, files, and a token to mark whatever is made."""


def tried(name, work):
    """Keep what `work()` came to: the name of the error, or `done` and its value."""
    try:
        ANSWERS[name] = f"done {work()!r}"
    except OSError as error:
        ANSWERS[name] = errno.errorcode.get(error.errno, str(error))


def found(name, what):
    """Keep `what` as something that must not be there; empty means that it is not."""
    ANSWERS[name] = f"done {what!r}" if what else "absent"


def opened(path, flags=os.O_RDONLY):
    tried(f"open {path}", lambda: os.close(os.open(path, flags | os.O_NONBLOCK, 0o600)))


def call(name, number, *arguments):
    """A system call by its number of x86_64."""
    ctypes.set_errno(0)
    words = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in arguments]
    code = LIBC.syscall(ctypes.c_long(number), *words)
    ANSWERS[name] = f"done {code}" if code >= 0 else errno.errorcode.get(ctypes.get_errno(), "?")


def connect(name, address, family=2, kind=1):
    import socket

    def work():
        with socket.socket(family, kind) as probe:
            probe.settimeout(1)
            probe.connect(address)
            if kind == socket.SOCK_DGRAM:
                probe.send(b"x")
            return "connected"

    tried(name, work)


def canaries(data):
    """Values in `data` that look like the secret the host planted; compared by hash where that is known."""
    return re.findall(rb"nexus-canary-[0-9a-f]{32}", data)


def report():
    json.dump(ANSWERS, sys.stdout)
