"""Fetches the wheels of a Python project. Nothing is built from source: that would run code of its authors."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox.layers.declared import Declared
from sandbox.layers.installer import DISK_FULL, FREE_SPACE, NO_NETWORK, Complaint, install
from sandbox.toolchains.recipe import Progress

_COMPLAINTS = (
    Complaint("No space left on device", DISK_FULL, FREE_SPACE),
    Complaint("Failed to establish a new connection", NO_NETWORK),
    Complaint("Connection to ", NO_NETWORK),
    Complaint("ProxyError", NO_NETWORK),
    Complaint("DO NOT MATCH THE HASHES", "A package is not the one whose hash the requirements name.", theirs=True),
    Complaint(
        "No matching distribution found for ",
        "There is no wheel of {} for the Python of the box: it does not exist, or only as source, "
        "and source is never built here.",
        "Correct its name or version, or name a version that has wheels.",
        theirs=True,
    ),
    Complaint("ResolutionImpossible", "The requirements contradict each other; pip says above which.", theirs=True),
)


async def fetch(declared: Declared, python: tuple[int, int], scratch: Path, target: Path, progress: Progress) -> None:
    """Install into `target` what `declared` names, for that version of Python.

    Raises UsageError when the declaration cannot be met, and SandboxUnavailable when this machine cannot meet it.
    """
    version = f"{python[0]}.{python[1]}"
    interpreter = sys.executable if sys.version_info[:2] == python else shutil.which(f"python{version}")
    command = _pip()
    if interpreter:
        # Not only for its version: pip evaluates the conditions of requirements for the Python that it runs on.
        command += ["--python", interpreter]
    command += ["install", "--only-binary", ":all:", "--target", str(target), "--no-input", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--no-warn-script-location", "--no-warn-conflicts", "--retries", "2"]
    command += ["--requirement", "requirements.txt", "--constraint", "constraints.txt"]
    if not interpreter:
        own = f"{sys.version_info[0]}.{sys.version_info[1]}"
        progress(f"No Python {version} is here: conditions on the Python version are decided as for Python {own}.")
        command += ["--python-version", version, "--implementation", "cp"]
    await install(command, scratch, progress, _COMPLAINTS)


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-I", "-m", "pip"]
    if found := shutil.which("pip") or shutil.which("pip3"):
        return [found]
    raise SandboxUnavailable("pip is not installed.", "Run: sudo apt-get install -y python3-pip")
