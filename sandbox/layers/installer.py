"""Runs the installer of a language, and turns what it says when it fails into a sentence."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.errors import NexusError, SandboxUnavailable, UsageError
from sandbox.build_step import run_step
from sandbox.toolchains.recipe import Progress

_KEPT_LINES = 40
_STEERING = ("PYTHON", "NODE_", "npm_config_")
"""Variables of the environment that could add programs of their own to the installer."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a failure means. The first one of a table whose `sign` occurs in the output is taken."""

    sign: str
    sentence: str
    remedy: str = ""
    theirs: bool = False
    """The project's declaration is at fault, not this machine."""

    def error(self, line: str) -> NexusError:
        subject = line.partition(self.sign)[2].strip(" :'\"")
        message = self.sentence.replace("{}", subject)
        return UsageError(message, self.remedy) if self.theirs else SandboxUnavailable(message, self.remedy)


NO_NETWORK = "The package index cannot be reached; a layer is built with network, and run without."
DISK_FULL = "The disk is full, so the packages could not be written."
FREE_SPACE = "Free some space; `nexus sandbox prune` removes what is no longer used."


async def install(command: Sequence[str], folder: Path, progress: Progress, complaints: Sequence[Complaint]) -> None:
    """Run an installer in `folder`. Raises UsageError or SandboxUnavailable with the reason when it fails."""
    last: deque[str] = deque(maxlen=_KEPT_LINES)

    def heard(line: str) -> None:
        last.append(line)
        progress(line)

    env = {name: value for name, value in os.environ.items() if not name.startswith(_STEERING)}
    try:
        await run_step(heard, *command, cwd=folder, env=env)
    except SandboxUnavailable as problem:
        for complaint in complaints:
            for line in last:
                if complaint.sign in line:
                    raise complaint.error(line) from problem
        raise
