"""Runs the real program in processes of its own, with and without a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# -P: as with the installed `nexus`, the current folder must not be a place to import from.
NEXUS = (sys.executable, "-P", "-m", "app")
DEADLINE_S = 60


def clean_env(home: Path, **more: str) -> dict[str, str]:
    """An environment with a Nexus home, and no keys or Nexus variables of the person who runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NEXUS_", "COV")) and not name.endswith("_API_KEY") and name not in ("NO_COLOR", "TERM")
    }
    return {**kept, "NEXUS_HOME": str(home), **more}


def nexus(
    *argv: str, env: Mapping[str, str], stdin: str | bytes | int = subprocess.DEVNULL, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `nexus` to its end. `stdin` is text, bytes or a file descriptor."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    feed = {"input": given} if isinstance(given, bytes) else {"stdin": given}
    done = subprocess.run([*NEXUS, *argv], env=dict(env), cwd=cwd, capture_output=True, timeout=DEADLINE_S, **feed)  # type: ignore[call-overload]
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def start_nexus(*argv: str, env: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start `nexus` with pipes; the caller ends it."""
    return subprocess.Popen(
        [*NEXUS, *argv],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def nexus_in_terminal(*argv: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Run `nexus` on a pseudo-terminal; exit code, and everything that appeared on it."""
    mine, theirs = pty.openpty()
    try:
        process = subprocess.Popen([*NEXUS, *argv], env=dict(env), stdin=theirs, stdout=theirs, stderr=theirs)
    finally:
        os.close(theirs)
    seen = bytearray()
    try:
        while chunk := os.read(mine, 65536):
            seen += chunk
    except OSError:
        pass  # Linux: the other side of the terminal was closed
    finally:
        os.close(mine)
    return process.wait(DEADLINE_S), seen.decode()
