"""The attacks that matter for TypeScript and JavaScript (80-92): the same walls and verdicts, met from Node."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from config.errors import SandboxUnavailable
from sandbox.attacks.arena import PROGRAMS, Arena, expect, verdict_of
from sandbox.attacks.model import Attack, Category, Escaped, NotApplicable
from sandbox.control import confirmed
from sandbox.model import BoxFile, BoxRequest, ExecutionResult, Limits

FOLDER = PROGRAMS / "typescript"
LIMITS = Limits(timeout_s=60, memory_mb=512, pids=96, disk_mb=64, output_kb=256)
SHORT = replace(LIMITS, timeout_s=4)
_TESTS = BoxFile("solution.test.ts", (FOLDER / "victim/solution.test.ts").read_bytes())
_COUNT = 3
_WRONG = "never passed"


async def judged(
    arena: Arena, solution: bytes, extra: tuple[BoxFile, ...] = (), pristine: tuple[BoxFile, ...] = ()
) -> ExecutionResult:
    """Run the victim's tests against a solution; `extra` are files of the candidate."""
    files = (BoxFile("solution.ts", solution), *extra)
    request = BoxRequest("tests", files, (_TESTS, *pristine), limits=LIMITS, language="typescript")
    outcome = await _run(arena, request)
    return await confirmed(request, outcome, arena.run) if outcome.ok else outcome


async def _run(arena: Arena, request: BoxRequest) -> ExecutionResult:
    try:
        return await arena.run(request)
    except SandboxUnavailable as missing:
        raise NotApplicable(str(missing)) from missing


async def _script(arena: Arena, name: str, limits: Limits = LIMITS) -> ExecutionResult:
    files = (
        BoxFile("main.ts", (FOLDER / name).read_bytes()),
        BoxFile("attempts.ts", (FOLDER / "attempts.ts").read_bytes()),
        BoxFile("bait.json", arena.bait.described()),
        BoxFile("token", arena.bait.token.encode("ascii")),
    )
    return await _run(arena, BoxRequest("script", files, entry="main.ts", limits=limits, language="typescript"))


def _refused(name: str) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        outcome = await _script(arena, f"{name}.ts")
        if not outcome.ok:
            raise Escaped(f"the attempts did not come to their end: {outcome.reason} {outcome.stderr[-200:]}")
        answers = json.loads(outcome.stdout)
        worked = [f"{what}: {answer}" for what, answer in answers.items() if str(answer).startswith("done")]
        expect(not worked, "; ".join(worked))

    return carry_out


def _never_passes(folder: str) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        passed = []
        paths = sorted((FOLDER / folder).glob("*.ts"))
        outcomes = await asyncio.gather(*(judged(arena, path.read_bytes()) for path in paths))
        for path, outcome in zip(paths, outcomes, strict=True):
            expect(outcome.verdict != "infra_error", f"{path.stem} was booked as the sandbox's fault: {outcome.reason}")
            if outcome.ok:
                passed.append(path.stem)
        expect(not passed, f"said to have passed: {', '.join(passed)}")

    return carry_out


async def _planted(arena: Arena) -> None:
    root = FOLDER / "planted"
    files = sorted(path for path in root.rglob("*") if path.is_file())
    extra = tuple(BoxFile(path.relative_to(root).as_posix(), path.read_bytes()) for path in files)
    wrong = await judged(arena, (FOLDER / "wrong_add.ts").read_bytes(), extra)
    expect(wrong.verdict == "failed" and len(wrong.tests) == _COUNT, verdict_of(wrong))
    expect("PLANTED" not in wrong.stdout + wrong.stderr, "planted code was run")
    expect(any("vitest.config.ts" in note for note in wrong.notes), "the planted configuration was left out in silence")


async def _overwritten(arena: Arena) -> None:
    outcome = await judged(arena, (FOLDER / "overwrite_tests.ts").read_bytes())
    expect(outcome.verdict == "forged", verdict_of(outcome))
    expect(not any(row.outcome == "passed" for row in outcome.tests), "an overwritten test was run")


def _ends(name: str, verdicts: tuple[str, ...], limits: Limits = LIMITS) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        outcome = await _script(arena, f"exhaustion/{name}.ts", limits)
        expect(outcome.verdict in verdicts, verdict_of(outcome))

    return carry_out


async def _memory(arena: Arena) -> None:
    await _ends("heap", ("oom",))(arena)
    await _ends("buffers", ("oom",))(arena)


def _attack(
    number: int, name: str, category: Category, attempt: str, expected: str, how: Callable[[Arena], Awaitable[None]]
) -> Attack:
    return Attack(number, f"typescript_{name}", category, attempt, expected, how)


_NONE_WORKS = "every attempt is refused"

ATTACKS = (
    _attack(80, "network", "network", "connect, look up, fetch; reach the host", _NONE_WORKS, _refused("network")),
    _attack(81, "files", "files", "change system, harness, toolchain; read the host's", _NONE_WORKS, _refused("files")),
    _attack(
        82,
        "processes",
        "privileges",
        "read the reporter's memory and descriptors, open its inspector, end process 1",
        _NONE_WORKS,
        _refused("processes"),
    ),
    _attack(
        83, "environment", "privileges", "read every variable and command line", "no secret", _refused("environment")
    ),
    _attack(
        84,
        "leave_early",
        "verdict",
        "process.exit and reallyExit, signals, at import, in calls, later",
        _WRONG,
        _never_passes("leave_early"),
    ),
    _attack(
        85,
        "equal_to_all",
        "verdict",
        "asymmetricMatch, Proxy, valueOf, equality testers",
        _WRONG,
        _never_passes("equal_to_all"),
    ),
    _attack(
        86,
        "forged_text",
        "verdict",
        "print and write reports, send vitest's own messages",
        _WRONG,
        _never_passes("forged_text"),
    ),
    _attack(
        87, "patched", "verdict", "patch matchers, assert, prototypes, the runner", _WRONG, _never_passes("patched")
    ),
    _attack(
        88, "planted", "verdict", "plant vitest, npm and compiler configuration, packages", "no say; noted", _planted
    ),
    _attack(89, "overwrite_tests", "verdict", "overwrite the tests", "forged; the true ones were run", _overwritten),
    _attack(
        90, "read_expected", "verdict", "read expected values from disk", _WRONG, _never_passes("read_expected")
    ),
    _attack(
        91, "processes_without_end", "resources", "start processes and threads", "contained",
        _ends("fork_bomb", ("timeout", "oom", "runtime_error"), SHORT),
    ),
    _attack(92, "memory", "resources", "fill the heap, and buffers outside it", "oom", _memory),
    _attack(
        93, "output", "resources", "print without end", "stopped at the limit", _ends("output", ("output_limit",))
    ),
    _attack(94, "busy_loop", "resources", "loop without end", "timeout", _ends("endless", ("timeout",), SHORT)),
)  # fmt: skip
