"""Runs the real `nexus` program in processes of its own, with and without a terminal, and reads what it said."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# -P: as with the installed `nexus`, the current folder must not be a place to import from.
NEXUS = (sys.executable, "-P", "-m", "app")
DEADLINE_S = 120


@dataclass(frozen=True)
class Finished:
    """How a `nexus` process ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every line of stdout as JSON; fails when one is not."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.events[-1]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["kind"] == kind]


def clean_env(home: Path, **more: str) -> dict[str, str]:
    """An environment with a Nexus home, and no keys or Nexus variables of the person who runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NEXUS_", "COV")) and not name.endswith("_API_KEY") and name not in ("NO_COLOR", "TERM")
    }
    return {**kept, "NEXUS_HOME": str(home), **more}


def environment(home: Path, base_url: str = "", **more: str) -> dict[str, str]:
    """What a run needs and nothing else: its own home, a priced test model, bubblewrap."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home.parent),
        "NEXUS_HOME": str(home),
        "LANG": "C.UTF-8",
        "NEXUS_SANDBOX__BACKEND": "bubblewrap",
        **more,
    }
    if base_url:
        env |= {
            "OPENAI_API_KEY": "test-key",
            "NEXUS_MODEL": "openai/test-model",
            "NEXUS_MODELS__BASE_URL": base_url,
            "NEXUS_MODELS__INPUT_USD_PER_MTOK": "1",
            "NEXUS_MODELS__OUTPUT_USD_PER_MTOK": "2",
        }
    return env


def start(args: Sequence[str], cwd: Path | None, env: Mapping[str, str], **options: Any) -> subprocess.Popen[str]:
    """Start `nexus` with pipes and an empty standard input; the caller ends it."""
    return subprocess.Popen(
        [*NEXUS, *args],
        cwd=cwd,
        env=dict(env),
        text=True,
        stdin=options.pop("stdin", subprocess.DEVNULL),
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=options.pop("stderr", subprocess.PIPE),
        **options,
    )


def run_nexus(
    *argv: str,
    env: Mapping[str, str],
    stdin: str | bytes | int = subprocess.DEVNULL,
    cwd: Path | None = None,
    timeout_s: float = DEADLINE_S,
) -> Finished:
    """Run `nexus` to its end. `stdin` is text, bytes or a file descriptor."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    feed: dict[str, Any] = {"input": given} if isinstance(given, bytes) else {"stdin": given}
    done = subprocess.run(
        [*NEXUS, *argv], env=dict(env), cwd=cwd, capture_output=True, timeout=timeout_s, check=False, **feed
    )
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


def nexus(args: Sequence[str], cwd: Path, env: Mapping[str, str], timeout_s: float = DEADLINE_S) -> Finished:
    """Run `nexus` in a project to its end."""
    return run_nexus(*args, env=env, cwd=cwd, timeout_s=timeout_s)


def in_terminal(*argv: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Run `nexus` on a pseudo-terminal; exit code, and everything that appeared on it."""
    mine, theirs = pty.openpty()
    try:
        process = subprocess.Popen([*NEXUS, *argv], env=dict(env), stdin=theirs, stdout=theirs, stderr=theirs)
    finally:
        os.close(theirs)
    try:
        text = read_terminal(mine)
    finally:
        os.close(mine)
    return process.wait(DEADLINE_S), text


def read_terminal(screen: int) -> str:
    """Everything that appears on a pseudo-terminal until its other side is closed."""
    seen = bytearray()
    try:
        while chunk := os.read(screen, 65536):
            seen += chunk
    except OSError:
        pass  # how Linux says that the other side was closed
    return seen.decode()
