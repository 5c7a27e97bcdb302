"""Attacks that try to use the machine up, or never to end (43-60)."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from sandbox.attacks.arena import LIMITS, SHORT, Arena, expect, variants, verdict_of
from sandbox.attacks.model import Attack, Escaped, NotApplicable
from sandbox.model import BoxFile, BoxRequest, ExecutionResult, Limits, SandboxVerdict

MOST_FILES = 60_000
"""A box may hold so many files at most; a little more than the limit, for it is looked at in intervals."""
_SETTLES_S = 5.0
_CPU_SLACK = 1.5


def _counted(name: str, most: int) -> Callable[[Arena], Awaitable[None]]:
    """The program makes as many as it can, and prints how many and why it had to stop."""

    async def carry_out(arena: Arena) -> None:
        outcome = await arena.script(f"{name}.py")
        if outcome.verdict == "oom":
            return
        made, why = outcome.stdout.split() if outcome.ok else ("0", verdict_of(outcome))
        expect(int(made) <= most and why == "EAGAIN", f"made {made}, ended by {why}")
        await arena.refused("privileges.py")  # the machine takes new boxes at once

    return carry_out


def _refused(name: str) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        await arena.refused(f"{name}.py")

    return carry_out


def _ends_as(
    name: str,
    *verdicts: SandboxVerdict,
    limits: Limits = LIMITS,
    check: Callable[[ExecutionResult], None] | None = None,
) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        began = time.monotonic()
        outcome = await arena.script(f"{name}.py", limits)
        took_s = time.monotonic() - began
        expect(outcome.verdict in verdicts, verdict_of(outcome))
        expect(took_s < limits.timeout_s + _SETTLES_S, f"the result took {took_s:.1f} s")
        if check is not None:
            check(outcome)

    return carry_out


async def _memory_of_many(arena: Arena) -> None:
    outcome = await arena.script("memory_of_many.py", replace(LIMITS, timeout_s=3))
    if any("per process" in note for note in outcome.notes):
        raise NotApplicable("No control group may be made here, so memory is only limited per process.")
    expect(outcome.verdict == "oom", verdict_of(outcome))


async def _inodes(arena: Arena) -> None:
    outcome = await arena.script("inodes.py")
    if outcome.ok:
        made, why = outcome.stdout.split()
        expect(int(made) <= MOST_FILES and why == "ENOSPC", f"made {made} files, ended by {why}")
    else:
        expect(outcome.limit_hit in ("files", "memory"), verdict_of(outcome))


def _cut(outcome: ExecutionResult) -> None:
    most = LIMITS.output_kb * 1024
    expect(outcome.truncated and max(len(outcome.stdout), len(outcome.stderr)) <= most, "the output was not cut")


def _is_text(outcome: ExecutionResult) -> None:
    for text in (outcome.stdout, outcome.stderr):
        expect(text.encode("utf-8").decode("utf-8") == text, "the output is not text")


def _said_it_ended(outcome: ExecutionResult) -> None:
    expect(outcome.stdout == "ended\n" and outcome.wall_ms < 5000, f"it took {outcome.wall_ms} ms")


async def _burn_cpu(arena: Arena) -> None:
    outcome = await arena.script("burn_cpu.py", SHORT)
    expect(outcome.verdict == "timeout", verdict_of(outcome))
    if any("CPU is not limited" in note for note in outcome.notes):
        raise NotApplicable("No control group may be made here, so CPU is not limited.")
    most_ms = min(LIMITS.cpus, os.cpu_count() or 1) * outcome.wall_ms * _CPU_SLACK
    expect(outcome.cpu_ms <= most_ms, f"it used {outcome.cpu_ms} ms of CPU in {outcome.wall_ms} ms")


async def _endless_depth(arena: Arena) -> None:
    for name, text in variants("endless_depth"):
        outcome = await arena.run(BoxRequest("script", (BoxFile("main.py", text),), limits=SHORT))
        if outcome.verdict not in ("runtime_error", "timeout", "oom", "compile_error"):
            raise Escaped(f"{name}: {verdict_of(outcome)}")


_FLOOD = replace(LIMITS, timeout_s=15)

ATTACKS = (
    Attack(43, "fork_bomb", "resources", "fork without end", "EAGAIN at the limit", _counted("fork_bomb", LIMITS.pids)),
    Attack(
        44,
        "thread_bomb",
        "resources",
        "start threads without end",
        "EAGAIN at the limit",
        _counted("thread_bomb", LIMITS.pids),
    ),
    Attack(45, "memory", "resources", "take four times the memory", "verdict oom", _ends_as("memory", "oom")),
    Attack(46, "memory_of_many", "resources", "take it in eight processes", "verdict oom", _memory_of_many),
    Attack(47, "fill_folders", "resources", "fill /work, /tmp, /dev/shm", "ENOSPC or EFBIG", _refused("fill_folders")),
    Attack(48, "inodes", "resources", "make 200,000 files", "ENOSPC, or stopped at the limit", _inodes),
    Attack(49, "sparse_file", "resources", "a file of 1 TB, sparse or set aside", "EFBIG", _refused("sparse_file")),
    Attack(50, "open_files", "resources", "open 100,000 files", "EMFILE", _refused("open_files")),
    Attack(
        51, "busy_loop", "resources", "loop for ever", "verdict timeout", _ends_as("busy_loop", "timeout", limits=SHORT)
    ),
    Attack(
        52,
        "ignore_signals",
        "resources",
        "ignore every signal, in a session of its own",
        "verdict timeout; nothing left",
        _ends_as("ignore_signals", "timeout", limits=SHORT),
    ),
    Attack(53, "burn_cpu", "resources", "burn CPU in twelve children", "no more CPU than allowed", _burn_cpu),
    Attack(
        54,
        "flood_stdout",
        "resources",
        "print 1 GB",
        "verdict output_limit, cut",
        _ends_as("flood_stdout", "output_limit", limits=_FLOOD, check=_cut),
    ),
    Attack(
        55,
        "flood_stderr",
        "resources",
        "1 GB on stderr, no line end",
        "verdict output_limit, cut",
        _ends_as("flood_stderr", "output_limit", limits=_FLOOD, check=_cut),
    ),
    Attack(
        56,
        "strange_bytes",
        "resources",
        "print invalid UTF-8, NUL, escapes",
        "text, and the verdict of the program",
        _ends_as("strange_bytes", "passed", check=_is_text),
    ),
    Attack(
        57,
        "hold_stdout",
        "resources",
        "leave a child that holds stdout open",
        "the result is there at once",
        _ends_as("hold_stdout", "passed", check=_said_it_ended),
    ),
    Attack(
        58,
        "daemon",
        "resources",
        "fork twice, setsid, become another program",
        "gone with the box",
        _ends_as("daemon", "passed", check=_said_it_ended),
    ),
    Attack(59, "zip_bomb", "resources", "unpack 1 GB of zeros", "ENOSPC or EFBIG", _refused("zip_bomb")),
    Attack(
        60, "endless_depth", "resources", "recursion, backtracking, nesting", "an error or a timeout", _endless_depth
    ),
)
