"""Attacks in C#: the walls from inside .NET, its compiler, and verdicts that are not earned (120-138)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from config.errors import SandboxUnavailable
from sandbox.attacks.arena import LIMITS, PROGRAMS, SHORT, Arena, expect, verdict_of
from sandbox.attacks.model import Attack, Category, Escaped, NotApplicable
from sandbox.control import confirmed
from sandbox.model import BoxFile, BoxRequest, ExecutionResult, Limits, SandboxVerdict

_HOME = PROGRAMS / "dotnet"
_TESTS = 4
"""How many the victim has."""
_COMPILES = replace(SHORT, timeout_s=4)
"""For programs that never end, with time for the compiler on a busy machine."""


async def _run(arena: Arena, request: BoxRequest) -> ExecutionResult:
    try:
        return await arena.run(replace(request, language="dotnet"))
    except SandboxUnavailable as missing:
        raise NotApplicable(f"{missing} {missing.remedy}") from missing


async def _program(arena: Arena, name: str, limits: Limits = LIMITS) -> ExecutionResult:
    files = (BoxFile("Program.cs", (_HOME / "bombs" / name).read_bytes()),)
    return await _run(arena, BoxRequest("script", files, entry="Program.cs", limits=limits))


def _refused(name: str) -> Callable[[Arena], Awaitable[None]]:
    """A program of one file: what it shares with its like is added to its end."""

    async def carry_out(arena: Arena) -> None:
        source = (_HOME / "walls" / name).read_bytes() + (_HOME / "walls" / "attempts.cs").read_bytes()
        files = (
            BoxFile("Program.cs", _in_order(source)),
            BoxFile("bait.json", arena.bait.described()),
            BoxFile("token", arena.bait.token.encode("ascii")),
        )
        outcome = await _run(arena, BoxRequest("script", files, entry="Program.cs", limits=LIMITS))
        expect(outcome.ok, f"the attempts did not come to their end: {outcome.reason} {outcome.stderr[-200:]}")
        answers = json.loads(outcome.stdout)
        if worked := [f"{what}: {answer}" for what, answer in answers.items() if str(answer).startswith("done")]:
            raise Escaped("; ".join(worked))

    return carry_out


def _in_order(source: bytes) -> bytes:
    """One file of two: C# wants all its `using` lines before all else."""
    lines = source.splitlines()
    uses = [line for line in lines if line.startswith(b"using ")]
    return b"\n".join([*dict.fromkeys(uses), *(line for line in lines if not line.startswith(b"using "))])


def _ends_as(name: str, *verdicts: SandboxVerdict, limits: Limits = LIMITS) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        outcome = await _program(arena, name, limits)
        expect(outcome.verdict in verdicts, verdict_of(outcome))

    return carry_out


async def _many(arena: Arena) -> None:
    for name in ("processes.cs", "threads.cs"):
        outcome = await _program(arena, name)
        # A runtime that can start no thread of its own may also just end.
        if outcome.verdict not in ("oom", "runtime_error"):
            made, why = outcome.stdout.split() if outcome.ok else ("0", verdict_of(outcome))
            expect(int(made) <= LIMITS.pids and why == "EAGAIN", f"{name} made {made}, ended by {why}")


async def _memory(arena: Arena) -> None:
    managed = await _program(arena, "managed_memory.cs")
    expect(managed.verdict == "oom", verdict_of(managed))
    native = await _program(arena, "native_memory.cs")
    if any("per process" in note for note in native.notes):
        raise NotApplicable("No control group may be made here, so memory outside .NET's heap is not limited.")
    expect(native.verdict == "oom", verdict_of(native))


async def _judged(arena: Arena, solution: bytes, extra: tuple[BoxFile, ...] = ()) -> ExecutionResult:
    tests = BoxFile("SolutionTests.cs", (_HOME / "victim" / "SolutionTests.cs").read_bytes())
    request = BoxRequest(
        "tests", (BoxFile("Solution.cs", solution), *extra), (tests,), language="dotnet", limits=LIMITS
    )
    outcome = await _run(arena, request)
    return await confirmed(request, outcome, lambda each: _run(arena, each)) if outcome.ok else outcome


def _never_passes(folder: str) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        paths = sorted((_HOME / folder).glob("*.cs"))
        outcomes = await asyncio.gather(*(_judged(arena, path.read_bytes()) for path in paths))
        for path, outcome in zip(paths, outcomes, strict=True):
            expect(outcome.verdict != "infra_error", f"{path.stem} was booked as the sandbox's fault: {outcome.reason}")
            expect(outcome.verdict != "compile_error" or folder == "hijack", f"{path.stem} does not compile")
        passed = [path.stem for path, outcome in zip(paths, outcomes, strict=True) if outcome.ok]
        expect(not passed, f"said to have passed: {', '.join(passed)}")

    return carry_out


async def _honest(arena: Arena) -> None:
    outcome = await _judged(arena, (_HOME / "right_add.cs").read_bytes())
    expect(outcome.ok and len(outcome.tests) == _TESTS, verdict_of(outcome))


async def _overwritten(arena: Arena) -> None:
    outcome = await _judged(arena, (_HOME / "overwrite_tests.cs").read_bytes())
    expect(outcome.verdict == "forged", verdict_of(outcome))
    expect(len(outcome.tests) == _TESTS, "the true tests were not run")


async def _build_time(arena: Arena) -> None:
    planted = tuple(
        BoxFile(path.relative_to(_HOME / "build_time").as_posix(), path.read_bytes()) for path in _planted_files()
    )
    outcome = await _judged(arena, b"", planted)
    expect(outcome.verdict == "failed" and len(outcome.tests) == _TESTS, verdict_of(outcome))
    expect(all(row.outcome == "failed" for row in outcome.tests), "a build task was run")
    expect(any("Directory.Build.props" in note for note in outcome.notes), "the planted files were left out unsaid")


def _planted_files() -> list[Path]:
    return sorted(path for path in (_HOME / "build_time").rglob("*") if path.is_file())


def _attack(
    number: int,
    name: str,
    category: Category,
    attempt: str,
    expected: str,
    carry_out: Callable[[Arena], Awaitable[None]],
) -> Attack:
    return Attack(number, f"dotnet_{name}", category, attempt, expected, carry_out)


_WRONG = "never passed"

ATTACKS = (
    _attack(
        120, "network", "network", "C#: TCP, UDP, raw and unix sockets, DNS", "every attempt fails",
        _refused("network.cs"),
    ),
    _attack(
        121, "files", "files", "C#: write the system and the toolchain, read the host's files", "every one is refused",
        _refused("files.cs"),
    ),
    _attack(
        122, "system_calls", "kernel", "C#: mount, unshare, ptrace, bpf, keyctl and their like by P/Invoke",
        "every attempt is refused", _refused("system_calls.cs"),
    ),
    _attack(
        123, "secrets", "privileges", "C#: search environments, processes and descriptors for secrets", "there is none",
        _refused("secrets.cs"),
    ),
    _attack(124, "many", "resources", "C#: processes and threads without end", "stopped at the limit", _many),
    _attack(125, "memory", "resources", "C#: managed and native memory without end", "verdict oom", _memory),
    _attack(
        126, "output", "resources", "C#: print without end", "verdict output_limit",
        _ends_as("output.cs", "output_limit"),
    ),
    _attack(
        127, "endless", "resources", "C#: a loop, an exit that never comes", "verdict timeout",
        _ends_as("ignore_signals.cs", "timeout", limits=_COMPILES),
    ),
    _attack(
        128, "depth", "resources", "C#: recursion without end", "verdict runtime_error",
        _ends_as("depth.cs", "runtime_error"),
    ),
    _attack(
        129, "compiler", "resources", "C#: code that takes a compiler for ever", "stopped at a limit",
        _ends_as("compiler.cs", "timeout", "oom", "compile_error", "runtime_error", limits=_COMPILES),
    ),
    _attack(
        130, "leave_early", "verdict", "C#: exit, FailFast, kill, exec, in constructors and finalisers", _WRONG,
        _never_passes("leave_early"),
    ),
    _attack(
        131, "equal_to_all", "verdict", "C#: return what equals everything", _WRONG, _never_passes("equal_to_all")
    ),
    _attack(132, "forged_text", "verdict", "C#: print and write a report", _WRONG, _never_passes("forged_text")),
    _attack(
        133, "patched", "verdict", "C#: change the runner by reflection, and its machine code", _WRONG,
        _never_passes("patched"),
    ),
    _attack(134, "hijack", "verdict", "C#: declare an Assert and a Fact of one's own", _WRONG, _never_passes("hijack")),
    _attack(
        135, "read_expected", "verdict", "C#: read what the tests expect, from source and attributes", _WRONG,
        _never_passes("read_expected"),
    ),
    _attack(136, "overwrite_tests", "verdict", "C#: overwrite the tests", "forged; the true ones ran", _overwritten),
    _attack(
        137, "build_time", "verdict", "C#: MSBuild tasks, targets, properties, generators, editorconfig",
        "none is run; noted", _build_time,
    ),
    _attack(138, "honest", "verdict", "C#: a right solution, the counter-test", "passed", _honest),
)  # fmt: skip
