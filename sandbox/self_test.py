"""Proves, before first use, that a backend really confines: real attempts to get out, made from inside.

A container engine can be there and yet not confine (nested, misconfigured, another security policy). The proof is
kept per backend, profile and boot.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from sandbox import owner
from sandbox.backend import Backend
from sandbox.model import BoxFile, BoxRequest, Limits
from sandbox.profile import fingerprint

_PROGRAM = Path(__file__).with_name("escapes.py")
_LIMITS = Limits(timeout_s=30, memory_mb=256, pids=32, disk_mb=16, output_kb=64)
_SHORTEST_SECRET = 6
_HOST_FILES = ("/etc/shadow", "/var/run/docker.sock", "/run/docker.sock", "/proc/kcore", "/dev/mem", "/dev/kmsg")


async def find_escapes(backend: Backend, cache: Path) -> tuple[str, ...]:
    """What code in a box of this backend was able to do and must not; empty when it confines.

    A proof for the same program, profile and boot is taken from the cache.
    """
    proof = (
        cache / "sandbox-proofs" / fingerprint(backend.name, backend.profile, owner.boot_id(), _PROGRAM.read_bytes())
    )
    if proof.is_file():
        return ()
    bait = cache / f"bait-{secrets.token_hex(8)}"
    bait.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    bait.write_text("host file\n")
    bait.chmod(0o644)
    packages = bait.with_suffix(".packages")
    packages.mkdir(mode=0o777)
    packages.chmod(0o777)  # so that only the box can keep its code from writing there
    try:
        outcome, _ = await backend.run(_request(bait, packages))
    finally:
        bait.unlink()
        shutil.rmtree(packages)
    if not outcome.ok:
        return (f"not even run the self-test: {outcome.reason}",)
    escapes = tuple(str(name) for name in json.loads(outcome.stdout))
    if not escapes:
        proof.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        proof.touch(mode=0o600)
    return escapes


def _request(bait: Path, packages: Path) -> BoxRequest:
    facts = {"files": [str(bait), *_HOST_FILES], "environment": list(_secret_hashes())}
    files = (BoxFile("main.py", _PROGRAM.read_bytes()), BoxFile("facts.json", json.dumps(facts).encode("ascii")))
    return BoxRequest("script", files, limits=_LIMITS, extra_site=str(packages))


def _secret_hashes() -> Iterator[str]:
    """Hashes, so that looking for a leak does not make one."""
    for name, value in os.environb.items():
        if len(value) >= _SHORTEST_SECRET and name not in (b"PATH", b"LANG", b"LC_ALL", b"HOME", b"PYTHONPATH"):
            yield hashlib.sha256(name + b"=" + value).hexdigest()
