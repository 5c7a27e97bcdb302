"""Answers to HumanEval that are made to pass without being right: none of them does."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from core.code_executor import SOLUTION, TESTS
from core.sandbox_runner import SandboxRunner
from evals.perf.humaneval_judge import judge_all
from evals.perf.humaneval_problems import DATA, FORGERIES, Problem, problems
from evals.perf.measure import Figure
from sandbox.control import confirmed
from sandbox.model import BoxFile, BoxRequest, ExecutionResult
from sandbox.plain_tests import find_plain


def figures() -> list[Figure]:
    if not DATA.is_file():
        print(f"not measured: HumanEval is not at {DATA}", file=sys.stderr)
        return []
    every = problems()
    answers = [(one, one.forged(sort)) for sort in FORGERIES for one in every]
    seconds, passed = asyncio.run(judge_all("forgeries", answers, _verdict_only))
    return [
        Figure("HumanEval forgeries that pass", passed, 0, "", f"of {len(answers)}, in {seconds:.0f} s", exact=True)
    ]


async def _verdict_only(runner: SandboxRunner, problem: Problem, text: str) -> ExecutionResult:
    """As the executor judges, without the second run that finds the words for what failed."""
    files = (BoxFile(SOLUTION, text.encode()),)
    pristine = (BoxFile(TESTS, problem.tests.encode()),)
    request = BoxRequest("tests", files, pristine, select=(TESTS,), limits=runner.limits)
    outcome = await runner.run(replace(request, plain=find_plain(request)))
    return await confirmed(request, outcome, runner.run) if outcome.ok else outcome
