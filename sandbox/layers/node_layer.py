"""Fetches the packages of a Node project with `npm ci`, and runs none of their install scripts."""

from __future__ import annotations

from pathlib import Path

from sandbox.layers.installer import DISK_FULL, FREE_SPACE, NO_NETWORK, Complaint, install
from sandbox.toolchains.recipe import Progress

_COMPLAINTS = (
    Complaint("ENOSPC", DISK_FULL, FREE_SPACE),
    *(Complaint(sign, NO_NETWORK) for sign in ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET")),
    Complaint("EINTEGRITY", "A package is not the one whose hash package-lock.json names.", theirs=True),
    Complaint(
        "code EUSAGE",
        "package.json and package-lock.json do not agree.",
        "Run: npm install --package-lock-only",
        theirs=True,
    ),
    Complaint("404 Not Found - GET ", "A package does not exist in that version: {}.", theirs=True),
)


async def fetch(scratch: Path, target: Path, progress: Progress) -> None:
    """Install into `target`/node_modules what the files in `scratch` name.

    Raises UsageError when that cannot be had, and SandboxUnavailable when this machine cannot get it.
    """
    options = (
        "--ignore-scripts",
        "--include=dev",
        "--no-audit",
        "--no-fund",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
    )
    await install(("npm", "ci", *options), scratch, progress, _COMPLAINTS)
    (scratch / "node_modules").rename(target / "node_modules")
