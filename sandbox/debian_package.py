"""One package of a Debian release other than the machine's own, from the mirror that the machine's apt uses."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox.build_step import run_step
from sandbox.toolchains.recipe import Progress

_ETC = Path("/etc/apt")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_ONE_LINE = re.compile(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+\S+\s+.*\bmain\b", re.MULTILINE)
_FIELD = re.compile(r"^URIs:\s*(\S+)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DebianPackage:
    """Pinned: what comes has to be this very file."""

    suite: str
    name: str
    version: str
    sha256: str


async def unpack(package: DebianPackage, folder: Path, progress: Progress) -> Path:
    """Download a package and unpack it below `folder`, without installing it.

    Raises SandboxUnavailable when apt knows no Debian mirror, or something else comes.
    """
    mirror = await asyncio.to_thread(_mirror)
    state, root = folder / "apt", folder / "root"
    await asyncio.to_thread(_prepare, state, root, f"{mirror} {package.suite} main")
    options = {
        "Dir::Etc::SourceList": state / "one.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": state / "state",
        "Dir::State::Lists": state / "lists",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "root",
    }
    apt = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    await run_step(progress, "apt-get", *apt, "update")
    await run_step(progress, "apt-get", *apt, "download", f"{package.name}={package.version}", cwd=folder)
    archive, digest = await asyncio.to_thread(_downloaded, folder)
    if digest != package.sha256:
        raise SandboxUnavailable(f"What came as {package.name} is not what it has to be: its SHA-256 is {digest}.")
    await run_step(progress, "dpkg", "-x", str(archive), str(root))
    return root


def _prepare(state: Path, root: Path, source: str) -> None:
    for part in ("lists/partial", "cache/archives/partial", "state"):
        (state / part).mkdir(parents=True)
    root.mkdir()
    signed = f"[signed-by={_KEYRING}] " if _KEYRING.is_file() else ""
    (state / "one.list").write_text(f"deb {signed}{source}\n", "ascii")


def _downloaded(folder: Path) -> tuple[Path, str]:
    archive = next(folder.glob("*.deb"))
    return archive, hashlib.sha256(archive.read_bytes()).hexdigest()


def _mirror() -> str:
    """Address of the first Debian archive in apt's configuration. Raises SandboxUnavailable."""
    for text in _configured():
        for address in (*_FIELD.findall(text), *_ONE_LINE.findall(text)):
            if address.rstrip("/").endswith("/debian"):
                return str(address)
    raise SandboxUnavailable(
        "apt's configuration names no Debian archive.", "Add one to /etc/apt/sources.list.d, then build again."
    )


def _configured() -> Iterator[str]:
    for path in (*sorted((_ETC / "sources.list.d").glob("*.sources")), _ETC / "sources.list"):
        if path.is_file():
            yield path.read_text("utf-8", "replace")
    for path in sorted((_ETC / "sources.list.d").glob("*.list")):
        yield path.read_text("utf-8", "replace")
