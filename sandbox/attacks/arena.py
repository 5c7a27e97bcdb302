"""What an attack works with: one backend, the bait, and the doors through which programs get into a box."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sandbox.attacks.bait import Bait
from sandbox.attacks.model import Escaped
from sandbox.backend import Backend
from sandbox.control import confirmed
from sandbox.model import BoxFile, BoxRequest, ExecutionResult, Limits

PROGRAMS = Path(__file__).with_name("programs")
LIMITS = Limits(timeout_s=20, memory_mb=256, pids=48, disk_mb=32, output_kb=256)
SHORT = replace(LIMITS, timeout_s=1.5)
"""For programs that would never end; of the same shape, so that a warm box fits."""
_DATA = (BoxFile("data.json", b"{}"), BoxFile("other.json", b"{}"))


def program(name: str) -> bytes:
    return (PROGRAMS / name).read_bytes()


def variants(folder: str) -> Iterator[tuple[str, bytes]]:
    """Name and text of each program in a folder of variants."""
    for path in sorted((PROGRAMS / folder).glob("*.py")):
        yield path.stem, path.read_bytes()


@dataclass(frozen=True, slots=True)
class Arena:
    """One backend under attack."""

    backend: Backend
    bait: Bait
    make: Callable[[Path], Backend]
    """Another, independent backend of the same sort, from the folder it keeps its files in; not started."""
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(max(2, os.cpu_count() or 1)))

    async def run(self, request: BoxRequest) -> ExecutionResult:
        """One run in a fresh box. A failure of the sandbox itself is tried once more, as in every run of Nexus."""
        async with self.slots:
            outcome, _ = await self.backend.run(request)
            if outcome.verdict == "infra_error":
                outcome, _ = await self.backend.run(request)
        return outcome

    async def script(self, name: str, limits: Limits = LIMITS, *, protected: bool = False) -> ExecutionResult:
        """Run one program, with the bait beside it; `protected` lays out files that it may not change."""
        files = (
            BoxFile("main.py", program(name)),
            BoxFile("attempts.py", program("attempts.py")),
            BoxFile("bait.json", self.bait.described()),
            BoxFile("token", self.bait.token.encode("ascii")),
        )
        return await self.run(BoxRequest("script", files, _DATA if protected else (), limits=limits))

    async def refused(self, name: str) -> None:
        """Run a program that prints the answers to its attempts. Raises Escaped when one of them worked."""
        outcome = await self.script(name)
        if not outcome.ok:
            raise Escaped(f"the attempts did not come to their end: {outcome.reason} {outcome.stderr[-200:]}")
        answers = json.loads(outcome.stdout)
        if worked := [f"{what}: {answer}" for what, answer in answers.items() if str(answer).startswith("done")]:
            raise Escaped("; ".join(worked))

    async def judged(
        self, solution: bytes, extra: tuple[BoxFile, ...] = (), pristine: tuple[BoxFile, ...] = ()
    ) -> ExecutionResult:
        """Run the victim's tests against a solution; `extra` are files of the candidate."""
        tests = BoxFile("test_solution.py", program("victim/test_solution.py"))
        files = (BoxFile("solution.py", solution), *extra)
        request = BoxRequest("tests", files, (tests, *pristine), limits=LIMITS)
        outcome = await self.run(request)
        return await confirmed(request, outcome, self.run) if outcome.ok else outcome

    async def never_passes(self, folder: str) -> None:
        """Every variant in a folder is a wrong solution. Raises Escaped when one of them is said to have passed."""
        passed = []
        for name, text in variants(folder):
            outcome = await self.judged(text)
            expect(outcome.verdict != "infra_error", f"{name} was booked as the sandbox's fault: {outcome.reason}")
            if outcome.ok:
                passed.append(name)
        expect(not passed, f"said to have passed: {', '.join(passed)}")


def expect(condition: bool, otherwise: str) -> None:
    """Raises Escaped with the words of `otherwise` unless the condition holds."""
    if not condition:
        raise Escaped(otherwise)


def verdict_of(outcome: ExecutionResult) -> str:
    return f"{outcome.verdict}: {outcome.reason}"
