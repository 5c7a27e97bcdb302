"""`nexus sandbox test`: every attack on each backend of this machine, and the table of what came of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from app.doctor.model import this_machine
from app.event_sink import colour_wanted
from app.output import put, put_json, put_text, say
from config.errors import SandboxUnavailable
from config.version import VERSION
from sandbox.attacks.model import AttackResult
from sandbox.attacks.suite import ATTACKS, BackendName, arena_of, try_all

_BACKENDS: tuple[BackendName, ...] = ("docker", "bubblewrap")
_COLOURS = {"held": "\x1b[32m", "ESCAPED": "\x1b[31m", "not applicable": "\x1b[33m"}
_PLAIN = "\x1b[0m"


def attack(backend: BackendName | None, env: Mapping[str, str], as_json: bool) -> int:
    """Try, print, and return 0, or 5 when something escaped.

    Raises SandboxUnavailable when the named backend, or every one, does not work here.
    """
    machine = this_machine(Path(), env)
    names = (backend,) if backend else _BACKENDS
    runtime = machine.settings.sandbox.docker_runtime
    results, missing = asyncio.run(_try(names, machine.paths.cache, runtime))
    if not results:
        raise missing[min(missing, key=names.index)]
    code = SandboxUnavailable.exit_code if any(one.outcome == "ESCAPED" for one in results) else 0
    if as_json:
        put_json(
            {
                "ok": code == 0,
                "exit_code": code,
                "version": VERSION,
                "attacks": [asdict(one) for one in results],
                "not_here": {name: problem.message for name, problem in missing.items()},
            }
        )
        return code
    colour = colour_wanted(sys.stdout, env)
    for one in results:
        put_text(_row(one, colour))
        put(one.detail or f"{one.attempt} → {one.expected}")
    for name in names:
        put(_tally(name, [one for one in results if one.backend == name], missing.get(name)))
    return code


async def _try(
    names: Sequence[BackendName], cache: Path, runtime: str
) -> tuple[list[AttackResult], dict[BackendName, SandboxUnavailable]]:
    results: list[AttackResult] = []
    missing: dict[BackendName, SandboxUnavailable] = {}
    for name in names:
        try:
            async with arena_of(name, cache, runtime) as arena:
                results += await try_all(arena, _show_progress)
        except SandboxUnavailable as problem:
            missing[name] = problem
    return results, missing


def _show_progress(result: AttackResult) -> None:
    done = next(place for place, one in enumerate(ATTACKS, 1) if one.number == result.number)
    say(f"{result.backend} {done}/{len(ATTACKS)} {result.name}: {result.outcome}, {result.wall_ms / 1000:.1f} s")


def _row(one: AttackResult, colour: bool) -> str:
    mark = f"{_COLOURS[one.outcome]}{one.outcome:14}{_PLAIN}" if colour else f"{one.outcome:14}"
    width = max(len(attack.name) for attack in ATTACKS)
    return f"{one.number:2}  {one.name:{width}}  {one.backend:10}  {mark}  "


def _tally(name: str, results: Sequence[AttackResult], problem: SandboxUnavailable | None) -> str:
    if problem is not None:
        return f"{name}: not tested. {problem.message} {problem.remedy}".rstrip()
    count = {word: sum(one.outcome == word for one in results) for word in ("held", "ESCAPED", "not applicable")}
    took = sum(one.wall_ms for one in results) / 1000
    return (
        f"{name}: {len(results)} attacks, {count['held']} held, {count['ESCAPED']} escaped, "
        f"{count['not applicable']} not applicable, in {took:.0f} s"
    )
