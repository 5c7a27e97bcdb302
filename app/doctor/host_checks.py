"""Python, SQLite, git, disk, installed packages and the terminal."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from app.doctor.model import Check, Finding, Machine, fail, ok, warn

_OLDEST_PYTHON = (3, 11)
_MB = 1024 * 1024
_STOLEN_LITELLM = ("1.82.7", "1.82.8")
_KNOWN_PTH = ("distutils-precedence.pth", "_virtualenv.pth", "__editable__", "a1_coverage.pth", "easy-install.pth")


def python_version(machine: Machine) -> Finding:
    shown = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < _OLDEST_PYTHON:
        return fail(f"{shown} is too old.", "Install Python 3.11 or newer.")
    return ok(shown)


def sqlite_version(machine: Machine) -> Finding:
    version = sqlite3.sqlite_version_info
    if has_wal_reset_bug(version):
        return warn(
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug, which can damage a database in a rare race.",
            "Nexus writes from one thread per process and checks the file after an unclean exit; "
            "a Python with SQLite 3.51.3 or newer removes the risk.",
        )
    return ok(f"SQLite {sqlite3.sqlite_version}")


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """3.7.0 to 3.51.2, except the two branches that got the fix (sqlite.org, release 3.51.3)."""
    if (3, 44, 6) <= version < (3, 45, 0) or (3, 50, 7) <= version < (3, 51, 0):
        return False
    return (3, 7, 0) <= version < (3, 51, 3)


def git(machine: Machine) -> Finding:
    program = shutil.which("git", path=machine.env.get("PATH"))
    if program is None:
        return warn(
            "git is not installed; work is delivered without commits or branches.", "sudo apt-get install -y git"
        )
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=5, check=False)
    if answer.returncode != 0:
        return fail(f"git does not run (exit code {answer.returncode}).", "Install git again.")
    return ok(answer.stdout.strip())


def disk(machine: Machine) -> Finding:
    folder = nearest_existing(machine.paths.data)
    free = shutil.disk_usage(folder).free // _MB
    shown = f"{free:,} MB free at {folder}"
    if free < 200:
        return fail(f"Only {shown}.", "Free some space, or point NEXUS_HOME to another disk.")
    if free < 1024:
        return warn(f"Only {shown}.", "Free some space; a long run keeps its outputs there.")
    return ok(shown)


def packages(machine: Machine) -> Finding:
    """Code that runs at every start of this Python, and releases known to steal credentials."""
    try:
        version = metadata.version("litellm")
    except metadata.PackageNotFoundError:
        return fail("The litellm package is missing.", "Install Nexus again.")
    if version in _STOLEN_LITELLM:
        return fail(
            f"litellm {version} was published by an attacker and steals credentials.",
            "Remove this environment, replace the keys it could see, and install Nexus again.",
        )
    if foreign := sorted(_foreign_pth_files()):
        return warn(
            f"Files that run code whenever this Python starts: {', '.join(foreign)}.",
            "Look into them; remove what you did not install.",
        )
    return ok(f"litellm {version}, no foreign start-up files")


def _foreign_pth_files() -> Iterator[str]:
    folders = {Path(place) for place in sys.path if place.endswith(("site-packages", "dist-packages"))}
    for folder in folders:
        for file in folder.glob("*.pth"):
            if not file.name.startswith(_KNOWN_PTH) and _runs_code(file):
                yield str(file)


def _runs_code(file: Path) -> bool:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith(("import ", "import\t")) for line in lines)


def terminal(machine: Machine) -> Finding:
    env = machine.env
    encoding = locale.getpreferredencoding(False)
    if encoding.lower().replace("-", "") != "utf8":
        return warn(f"The locale's encoding is {encoding}, not UTF-8.", "export LANG=C.UTF-8")
    # The original streams: a full screen puts its own in their place.
    screen = next((stream for stream in (sys.__stdout__, sys.__stderr__) if stream and stream.isatty()), None)
    if screen is None:
        return ok("not a terminal; headless output only")
    kind = env.get("TERM", "")
    if kind in ("", "dumb"):
        return warn("TERM is not set, so there is no colour.", "export TERM=xterm-256color")
    size = os.get_terminal_size(screen.fileno())
    shown = f"{kind}, {size.columns}x{size.lines}, {_colours(env, kind)}{_transport(env)}"
    if size.columns < 80 or size.lines < 24:
        return warn(f"{shown}: smaller than 80x24, tables will be cut.", "Make the window larger.")
    return ok(shown)


def _colours(env: Mapping[str, str], kind: str) -> str:
    if env.get("NO_COLOR"):
        return "no colour (NO_COLOR)"
    if env.get("COLORTERM") in ("truecolor", "24bit"):
        return "true colour"
    return "256 colours" if "256" in kind else "16 colours"


def _transport(env: Mapping[str, str]) -> str:
    return "".join(
        f", {name}" for name, key in (("SSH", "SSH_CONNECTION"), ("tmux", "TMUX"), ("screen", "STY")) if env.get(key)
    )


def nearest_existing(path: Path) -> Path:
    """The folder itself, or the closest one above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


HOST_CHECKS = (
    Check("host.python", python_version),
    Check("host.sqlite", sqlite_version),
    Check("host.git", git),
    Check("host.disk", disk),
    Check("host.packages", packages),
    Check("host.terminal", terminal),
)
