"""The C# form of HumanEval through the product's door: solutions known to be right, stubs, and forgeries."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from core.code_executor import CodeExecutor
from evals.perf.boxes import started
from evals.perf.measure import Figure

DATA = Path(__file__).parents[3] / "shared" / "data" / "multilingual_humaneval" / "HumanEval_csharp_v1.jsonl"
_SAMPLES = Path(__file__).parents[1] / "samples"
_STUB = "throw new NotImplementedException();\n        }\n"
_FORGED = "Environment.Exit(0); throw null;\n        }\n"
_CHECK = re.compile(r"var (result\d+) = compareLogic\.Compare\((\w+), (\w+)\);\s*if \(!\1\.AreEqual\) \{[^}]*\}")
_LIBRARY = "using KellermanSoftware.CompareNetObjects;\n"


@dataclass(frozen=True, slots=True)
class _Problem:
    task: str
    prompt: str
    test: str

    def solution(self, completion: str) -> str:
        return f"{self.prompt.replace(_LIBRARY, '')}{completion}    }}\n}}\n"

    @property
    def tests(self) -> str:
        """The set's own checks as one test, each comparison an assertion: they are written for a package."""
        uses = self.prompt.partition("namespace")[0].replace(_LIBRARY, "")
        body = _CHECK.sub(
            r"Xunit.Assert.Equal(\3, \2);", self.test.replace("CompareLogic compareLogic = new CompareLogic();", "")
        )
        method = body.replace("public static void Main(string[] args)", "[Xunit.Fact] public void Reference()")
        return f"{uses}namespace Checks\n{{\n    using static Solution.Program;\n    public class Of\n    {{\n{method}"


def figures() -> list[Figure]:
    if not DATA.is_file():
        print(f"not measured: HumanEval for C# is not at {DATA}", file=sys.stderr)
        return []
    return asyncio.run(_figures())


async def _figures() -> list[Figure]:
    rows = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
    every = {row["task_id"]: _Problem(row["task_id"], row["prompt"], row["test"]) for row in rows}
    lines = (_SAMPLES / "humaneval_csharp.jsonl").read_text("utf-8").splitlines()
    known = {row["task_id"]: row["completion"] for row in map(json.loads, lines)}
    right = await _judged("solutions", [(every[task], text) for task, text in known.items()])
    stubs = await _judged("stubs", [(one, _STUB) for one in every.values()])
    forged = await _judged("forgeries", [(one, _FORGED) for one in every.values()])
    wrong = stubs["passed"] + forged["passed"]
    compiled = len(every) - stubs["compile_error"]
    detail = f"{compiled} of {len(every)} problems compile; stubs: {_words(stubs)}; forgeries: {_words(forged)}"
    return [
        Figure("HumanEval C#: solutions that pass", right["passed"], len(known), "", _words(right), True, exact=True),
        Figure("HumanEval C#: stubs and forgeries that pass", wrong, 0, "", detail, exact=True),
    ]


async def _judged(what: str, answers: list[tuple[_Problem, str]]) -> Counter[str]:
    """How often each verdict was given."""
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        async with started("bubblewrap", Path(folder)) as executor:
            verdicts = await asyncio.gather(*(_verdict(executor, problem, text) for problem, text in answers))
    print(f"  {what}: {_words(Counter(verdicts))}", file=sys.stderr)
    return Counter(verdicts)


async def _verdict(executor: CodeExecutor, problem: _Problem, completion: str) -> str:
    outcome = await executor.execute_dotnet(problem.solution(completion), problem.tests, timeout_s=60)
    if not outcome.ok:
        print(f"  {problem.task}: {outcome.verdict}: {outcome.reason}", file=sys.stderr)
    return outcome.verdict


def _words(verdicts: Counter[str]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
