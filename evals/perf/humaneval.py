"""The 164 HumanEval problems, each in a box of its own: every reference passes, no forged answer does, at what price.

The peer is the paper's own way to judge: a forked process that executes program and test, with nothing around it.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from config.errors import SandboxUnavailable
from config.settings import SandboxSettings
from core.code_executor import CodeExecutor
from core.sandbox_runner import SLOTS, SandboxRunner
from evals.perf.measure import Figure
from sandbox.model import ExecutionResult

DATA = Path(__file__).parents[3] / "shared" / "data" / "humaneval" / "HumanEval.jsonl.gz"
_ANY = "class Any:\n    def __eq__(self, o): return True\n    def __ne__(self, o): return False\n"
_PATCH = (
    "import unittest, _pytest.python as p\np.Function.runtest = lambda self: None\n"
    "unittest.TestCase.run = lambda self, result=None: result\n"
)
_CONFTEST = (
    "import pathlib\npathlib.Path('conftest.py').write_text('''import pytest\n@pytest.hookimpl(wrapper=True)\n"
    "def pytest_runtest_makereport(item, call):\n    r = yield\n    r.outcome = \"passed\"\n    return r\n''')\n"
)


@dataclass(frozen=True, slots=True)
class Problem:
    task: str
    prompt: str
    solution: str
    test: str
    entry_point: str

    @property
    def reference(self) -> str:
        return f"{self.prompt}{self.solution}\n"

    @property
    def tests(self) -> str:
        """The paper's `check`, called by one test; with the names of the prompt, which some of them use."""
        return f"from solution import *\nfrom solution import {self.entry_point}\n{self.test}\n\n" + (
            f"def test_reference():\n    check({self.entry_point})\n"
        )

    def forged(self, sort: str) -> str:
        wrong = f"def {self.entry_point}(*a, **k): return None\n"
        helpers = "".join(f"def {name}(*a, **k): return None\n" for name in ("poly", "encode_cyclic", "encode_shift"))
        return (
            helpers
            + {
                "always-equal objects": f"{_ANY}def {self.entry_point}(*a, **k): return Any()\n",
                "os._exit(0)": "import os\nos._exit(0)\n",
                "patched pytest and unittest": _PATCH + wrong,
                "planted conftest.py": _CONFTEST + wrong,
            }[sort]
        )


FORGERIES = ("always-equal objects", "os._exit(0)", "patched pytest and unittest", "planted conftest.py")


def problems() -> list[Problem]:
    with gzip.open(DATA, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [
        Problem(row["task_id"], row["prompt"], row["canonical_solution"], row["test"], row["entry_point"])
        for row in rows
    ]


def figures() -> list[Figure]:
    if not DATA.is_file():
        print(f"not measured: HumanEval is not at {DATA}", file=sys.stderr)
        return []
    every = problems()
    peer_s, agreed = _peer(every)
    if agreed != len(every):
        raise RuntimeError(f"bare processes pass only {agreed} of {len(every)} references")
    try:
        return asyncio.run(_figures(every, peer_s))
    except SandboxUnavailable as problem:
        print(f"not measured: {problem.message} {problem.remedy}", file=sys.stderr)
        return []


async def _figures(every: list[Problem], peer_s: float) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        runner = SandboxRunner(SandboxSettings(backend="bubblewrap", timeout_s=30), Path(folder))
        try:
            await runner.start()
            executor = CodeExecutor(runner)
            ours_s, passed = await _judge_all(executor, [(one, one.reference) for one in every])
            forged = 0
            for sort in FORGERIES:
                forged += (await _judge_all(executor, [(one, one.forged(sort)) for one in every]))[1]
        finally:
            await runner.close()
    count = len(every)
    each = (
        f"{ours_s / count * 1000:.0f} ms each in two boxes of bubblewrap, {peer_s / count * 1000:.0f} ms in a bare fork"
    )
    return [
        Figure("HumanEval references that pass", passed, count, "", each, higher_is_better=True, exact=True),
        Figure("HumanEval forgeries that pass", forged, 0, "", f"of {count * len(FORGERIES)}", exact=True),
    ]


async def _judge_all(executor: CodeExecutor, answers: Sequence[tuple[Problem, str]]) -> tuple[float, int]:
    """Seconds for all, and how many passed."""
    began = time.perf_counter()
    outcomes: list[ExecutionResult] = await asyncio.gather(
        *(executor.execute_python(text, problem.tests) for problem, text in answers)
    )
    for outcome, (problem, _) in zip(outcomes, answers, strict=True):
        if outcome.verdict == "infra_error":
            raise RuntimeError(f"{problem.task}: {outcome.reason}")
    return time.perf_counter() - began, sum(outcome.ok for outcome in outcomes)


def _peer(every: list[Problem]) -> tuple[float, int]:
    """Seconds for all references in bare forks, as many at once as there are boxes, and how many passed."""
    began = time.perf_counter()
    running, passed = 0, 0
    for problem in every:
        if running == SLOTS:
            passed += os.wait()[1] == 0
            running -= 1
        if os.fork() == 0:
            _execute(problem)
        running += 1
    passed += sum(os.wait()[1] == 0 for _ in range(running))
    return time.perf_counter() - began, passed


def _execute(problem: Problem) -> NoReturn:
    code = 1
    try:
        exec(f"{problem.reference}\n{problem.test}\ncheck({problem.entry_point})", {})
        code = 0
    finally:
        os._exit(code)
