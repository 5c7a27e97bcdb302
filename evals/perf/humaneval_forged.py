"""Answers to HumanEval that are made to pass without being right: none of them does."""

from __future__ import annotations

import asyncio
import sys

from config.errors import SandboxUnavailable
from evals.perf.humaneval_judge import judge_all
from evals.perf.humaneval_problems import DATA, FORGERIES, problems
from evals.perf.measure import Figure


def figures() -> list[Figure]:
    if not DATA.is_file():
        print(f"not measured: HumanEval is not at {DATA}", file=sys.stderr)
        return []
    every = problems()
    answers = [(one, one.forged(sort)) for sort in FORGERIES for one in every]
    try:
        seconds, passed = asyncio.run(judge_all("forgeries", answers))
    except SandboxUnavailable as problem:
        print(f"not measured: {problem.message} {problem.remedy}", file=sys.stderr)
        return []
    return [
        Figure("HumanEval forgeries that pass", passed, 0, "", f"of {len(answers)}, in {seconds:.0f} s", exact=True)
    ]
