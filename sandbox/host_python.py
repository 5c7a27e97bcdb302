"""The interpreter that a bubblewrap box runs: one of the host's, for the box has no image of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox.readable import readable_by

_MINIMUM = (3, 11)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python of the host that the box's user can read."""

    executable: Path
    prefix: Path
    tag: str


def find_interpreter(uid: int) -> Interpreter:
    """The first of Nexus's own base interpreter and the system's that is new enough and readable for `uid`."""
    own = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    candidates = [(own, Path(sys.base_prefix), sys.version_info[:2])]
    system = Path("/usr/bin/python3")
    if system.exists():
        candidates.append((system.resolve(), Path("/usr"), _system_version(system)))
    for executable, prefix, version in candidates:
        if version >= _MINIMUM and readable_by(uid, executable) and readable_by(uid, prefix):
            return Interpreter(executable, prefix, f"cpython-{version[0]}{version[1]}")
    raise SandboxUnavailable(
        "No Python 3.11 or newer is readable for the sandbox's user.", "Run: sudo apt-get install -y python3"
    )


def _system_version(executable: Path) -> tuple[int, int]:
    """Version in the name that /usr/bin/python3 points to, such as python3.11."""
    name = executable.resolve().name.removeprefix("python")
    major, _, minor = name.partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)


def compile_all(interpreter: Path, folder: Path) -> None:
    """Byte-compile a folder, in a form that is used without looking at the time of the source."""
    subprocess.run(
        [str(interpreter), "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)],
        check=False,  # only a matter of speed
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
    )
