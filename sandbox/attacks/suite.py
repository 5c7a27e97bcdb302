"""Tries every attack on a backend, one after the other, and looks after each whether the host is unchanged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from sandbox.attacks import dotnet, exhaustion, forgery, infrastructure, typescript, walls
from sandbox.attacks.arena import LIMITS, Arena
from sandbox.attacks.bait import Bait
from sandbox.attacks.host_state import changes, look, traces
from sandbox.attacks.model import Attack, AttackOutcome, AttackResult, Escaped, NotApplicable
from sandbox.backend import Backend

_OWN = (*walls.ATTACKS, *exhaustion.ATTACKS, *forgery.ATTACKS, *infrastructure.ATTACKS)
_ALL = (*_OWN, *typescript.ATTACKS, *dotnet.ATTACKS)
ATTACKS: tuple[Attack, ...] = tuple(sorted(_ALL, key=lambda one: one.number))
BackendName = Literal["docker", "bubblewrap"]
_SETTLES_S = 5.0
"""How long a box may take to be gone after its result is there; Docker removes containers in the background."""


def backend_of(name: str, cache: Path, runtime: str = "") -> Backend:
    """A backend of that name, not started."""
    if name == "docker":
        from sandbox.docker_backend import DockerBackend

        return DockerBackend(cache, runtime=runtime, warm_limits=LIMITS)
    from sandbox.bubblewrap import Bubblewrap

    return Bubblewrap(cache)


@asynccontextmanager
async def arena_of(name: BackendName, cache: Path, runtime: str = "") -> AsyncIterator[Arena]:
    """A started backend with its bait laid out; both are gone afterwards. Raises SandboxUnavailable."""

    backend = backend_of(name, cache, runtime)
    try:
        await backend.start()
        bait = Bait()
        try:
            yield Arena(backend, bait, lambda folder: backend_of(name, folder))
        finally:
            bait.clear()
    finally:
        await backend.close()


async def try_all(
    arena: Arena, on_result: Callable[[AttackResult], None], attacks: Iterable[Attack] = ATTACKS
) -> list[AttackResult]:
    """Each attack's result, also as it comes."""
    found = []
    for attack in attacks:
        result = await try_one(arena, attack)
        on_result(result)
        found.append(result)
    return found


async def try_one(arena: Arena, attack: Attack) -> AttackResult:
    """Carry one attack out; what it changed on the host counts against it as much as what it says."""
    began = time.monotonic()
    watched = (*arena.bait.files, Path(__file__))
    before = await asyncio.to_thread(look, watched)
    outcome, detail = await _outcome(arena, attack)
    if harm := await _harm(arena, before_and_after=lambda: changes(before, look(watched))):
        outcome, detail = "ESCAPED", "; ".join(harm)
    return AttackResult(
        number=attack.number,
        name=attack.name,
        category=attack.category,
        attempt=attack.attempt,
        expected=attack.expected,
        backend=arena.backend.name,
        outcome=outcome,
        detail=detail,
        wall_ms=int((time.monotonic() - began) * 1000),
    )


async def _outcome(arena: Arena, attack: Attack) -> tuple[AttackOutcome, str]:
    try:
        await attack.carry_out(arena)
    except Escaped as how:
        return "ESCAPED", str(how)
    except NotApplicable as why:
        return "not applicable", str(why)
    return "held", ""


async def _harm(arena: Arena, before_and_after: Callable[[], Sequence[str]]) -> list[str]:
    give_up = time.monotonic() + _SETTLES_S
    while True:
        found = [*await asyncio.to_thread(before_and_after), *await asyncio.to_thread(traces, arena.bait.token)]
        if not found or time.monotonic() > give_up:
            return [*found, *arena.bait.touched]
        await asyncio.sleep(0.05)
