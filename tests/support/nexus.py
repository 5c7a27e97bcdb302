"""Runs the real `nexus` program against a test server, and reads what it said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# -P: as with the installed `nexus`, the current folder must not be a place to import from.
NEXUS = (sys.executable, "-P", "-m", "app")


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


def environment(home: Path, base_url: str = "", **more: str) -> dict[str, str]:
    """A clean environment for a nexus process: its own home, a priced test model, bubblewrap."""
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


def start(args: Sequence[str], cwd: Path, env: Mapping[str, str], **options: Any) -> subprocess.Popen[str]:
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


def nexus(args: Sequence[str], cwd: Path, env: Mapping[str, str], timeout_s: float = 120) -> Finished:
    """Run nexus to its end."""
    process = start(args, cwd, env)
    out, err = process.communicate(timeout=timeout_s)
    return Finished(process.returncode, out, err)
