"""Each isolation backend runs a real canary: an attempt to break out, and tests that pass only inside."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence

from app.doctor.model import Check, Finding, Machine, Result, fail, ok, warn
from config.errors import SandboxUnavailable
from core.project_packages import known_packages
from core.sandbox_runner import SLOTS, BackendName, SandboxRunner
from sandbox.docker_backend import POOL_SIZE
from sandbox.model import BoxFile, BoxRequest, ExecutionResult, Limits

_CANARY = b"""\
import socket

import pytest


def test_code_runs():
    assert sum(range(10)) == 45


def test_there_is_no_network():
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 9), timeout=1)
"""
_REQUEST = BoxRequest("tests", files=(BoxFile("test_canary.py", _CANARY),), limits=Limits(timeout_s=20))
_DEADLINE_S = 60.0
_TRIED = ("docker", "bubblewrap")

CONCLUSION = "sandbox"
"""Id of the result that `conclude` draws from those of the backends."""


def docker(machine: Machine) -> Finding:
    return _examine(machine, "docker")


def bubblewrap(machine: Machine) -> Finding:
    return _examine(machine, "bubblewrap")


def installed(machine: Machine) -> Finding:
    """Whether there is anything to make a box with; whether it confines is for the canaries to say."""
    chosen = machine.settings.sandbox.backend
    found = {"docker": _docker_is_there(machine), "bubblewrap": shutil.which("bwrap") is not None}
    usable = [name for name, there in found.items() if there and chosen in ("auto", name)]
    if usable:
        return ok(f"{usable[0]} is installed")
    wanted = " nor ".join(name for name in found if chosen in ("auto", name))
    return fail(
        f"{'Neither ' if chosen == 'auto' else 'No '}{wanted} is installed, so nothing can be run in a sandbox.",
        "Install and start Docker." if chosen == "docker" else "sudo apt-get install -y bubblewrap",
    )


def _docker_is_there(machine: Machine) -> bool:
    return bool(machine.env.get("DOCKER_HOST")) or os.access("/var/run/docker.sock", os.R_OK | os.W_OK)


def conclude(backends: Sequence[Result], machine: Machine) -> Result:
    """The answer that counts: does the configured backend, or with `auto` any, work?"""
    chosen = machine.settings.sandbox.backend
    in_order_of_trial = sorted(backends, key=lambda one: _TRIED.index(_name(one)))
    wanted = [one for one in in_order_of_trial if chosen in ("auto", _name(one))]
    usable = [one for one in wanted if one.status == "ok"]
    if usable:
        finding = ok(f"{_name(usable[0])} will be used")
    else:
        finding = fail(
            f"No sandbox works here (sandbox.backend: {chosen}), so nothing will be run.",
            " Or: ".join(one.remedy for one in reversed(wanted) if one.remedy),
        )
    return Result(CONCLUSION, finding.status, finding.summary, finding.remedy, 0)


def _name(result: Result) -> str:
    return result.id.removeprefix("sandbox.")


def _examine(machine: Machine, backend: BackendName) -> Finding:
    settings = machine.settings.sandbox.model_copy(update={"backend": backend})
    try:
        outcome = asyncio.run(asyncio.wait_for(_canary(SandboxRunner(settings, machine.paths.cache)), _DEADLINE_S))
    except SandboxUnavailable as error:
        return warn(error.message, error.remedy or "Use the other backend.")
    except TimeoutError:
        return fail(f"The canary did not come back within {_DEADLINE_S:g} s.", "Restart the service behind it.")
    if not outcome.ok:
        broken = [row.test for row in outcome.tests if row.outcome != "passed"]
        return fail(
            f"The canary ended with {outcome.verdict}: {outcome.reason} {', '.join(broken)}".strip(),
            "Do not use this backend; please report what is above.",
        )
    notes = f" {' '.join(outcome.notes)}" if outcome.notes else ""
    return ok(f"confines, and {outcome.passed} canary tests passed in it (profile {outcome.profile[:12]}).{notes}")


async def _canary(runner: SandboxRunner) -> ExecutionResult:
    try:
        await runner.start()  # tries to break out first
        return await runner.run(_REQUEST)
    finally:
        await runner.close()


def limits(machine: Machine) -> Finding:
    """What a box may use, and how many there are at once."""
    chosen = machine.settings.sandbox
    each = (
        f"{chosen.timeout_s:g} s, {chosen.memory_mb} MB of memory, {chosen.pids} processes, {chosen.cpus:g} CPUs, "
        f"{chosen.disk_mb} MB of files, {chosen.output_kb} kB of output"
    )
    return ok(f"a run may take {each}; {SLOTS} run at once, and Docker keeps {POOL_SIZE} started containers ready")


def packages(machine: Machine) -> Finding:
    """Whether code in a box can import what the project here depends on."""
    known = known_packages(machine.project, machine.settings.sandbox, machine.paths.cache)
    return ok(known.notice) if known.level == "info" else warn(known.notice, known.remedy)


SANDBOX_CHECKS: Sequence[Check] = (
    Check("sandbox.docker", docker, deadline_s=_DEADLINE_S + 5),
    Check("sandbox.bubblewrap", bubblewrap, deadline_s=_DEADLINE_S + 5),
)
PACKAGES_CHECK = Check("packages", packages)
LIMITS_CHECK = Check("limits", limits)
