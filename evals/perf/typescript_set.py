"""The TypeScript HumanEval set through the door of `execute_typescript`: solutions, stubs and forgeries.

Our solutions must pass, all else must not. A problem that cannot pass is named with its reason.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.code_executor import CodeExecutor
from evals.perf.boxes import started
from evals.perf.measure import Figure
from sandbox.model import ExecutionResult

DATA = Path(__file__).parents[3] / "shared/data/multilingual_humaneval/HumanEval_typescript_v1.jsonl"
_SAMPLES = Path(__file__).parents[1] / "samples"
_FUNCTION = re.compile(r"^const (\w+) = (?:async )?function", re.MULTILINE)
_IMPORT = re.compile(r"^import .*$", re.MULTILINE)
_STUB = '  throw new Error("not written");\n};\n'
_FORGERIES = (
    "  return { asymmetricMatch: () => true } as any;\n};\n",
    "  return new Proxy({}, { get: () => () => true, has: () => true }) as any;\n};\n",
    '  (process as any).reallyExit(0);\n  throw 1;\n};\nprocess.on("exit", () => (process as any).reallyExit(0));\n',
    "  (globalThis as any).process.exit(0);\n  throw 1;\n};\n",
    "  return undefined as any;\n};\n"
    "for (const name of ['is', 'keys', 'entries']) try { (Object as any)[name] = () => true; } catch {}\n",
    '  return undefined as any;\n};\nimport patched from "node:assert";\n'
    "for (const name of Object.keys(patched)) try { (patched as any)[name] = () => {}; } catch {}\n",
    '  return undefined as any;\n};\nimport { afterEach } from "vitest";\n'
    "afterEach(({ task }: any) => { task.result = { state: 'pass' }; task.fails = true; });\n",
)


@dataclass(frozen=True, slots=True)
class Problem:
    task: str
    prompt: str
    test: str

    def solved(self, completion: str) -> str:
        names = ", ".join(dict.fromkeys(_FUNCTION.findall(self.prompt)))
        return f"{self.prompt}{completion}\nexport {{ {names} }};\n"

    @property
    def tests(self) -> str:
        """The set's assertions, which are a program and not written for a strict compiler, as one test."""
        names = ", ".join(dict.fromkeys(_FUNCTION.findall(self.prompt)))
        imports = "\n".join(_IMPORT.findall(self.test))
        body = _IMPORT.sub("", self.test)
        return (
            f'// @ts-nocheck\n{imports}\nimport {{ test }} from "vitest";\nimport {{ {names} }} from "./solution";\n'
            + (f'test("assertions", () => {{\n{body}\n}});\n')
        )


def figures() -> list[Figure]:
    if not DATA.is_file():
        print(f"not measured: the TypeScript set is not at {DATA}", file=sys.stderr)
        return []
    return asyncio.run(_figures(_problems()))


def _problems() -> list[Problem]:
    rows = (json.loads(line) for line in DATA.read_text("utf-8").splitlines())
    return [Problem(row["task_id"], row["prompt"], row["test"]) for row in rows]


async def _figures(every: list[Problem]) -> list[Figure]:
    lines = (_SAMPLES / "humaneval_typescript.jsonl").read_text("utf-8").splitlines()
    written: dict[str, str] = {row["task_id"]: row["completion"] for row in map(json.loads, lines)}
    unsupported: dict[str, str] = json.loads((_SAMPLES / "humaneval_typescript_unsupported.json").read_text("utf-8"))
    known = [one for one in every if one.task in written]
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        async with started("bubblewrap", Path(folder)) as executor:
            ours = await _judge(executor, [(one, written[one.task]) for one in known])
            stubs = await _judge(executor, [(one, _STUB) for one in every])
            forged = await _judge(executor, [(one, _FORGERIES[n % len(_FORGERIES)]) for n, one in enumerate(every)])
    for problem, outcome in zip(known, ours, strict=True):
        if not outcome.ok:
            unsupported[problem.task] = outcome.reason
    for task, reason in unsupported.items():
        print(f"  {task}: {reason}", file=sys.stderr)
    compiled = sum(outcome.verdict != "compile_error" for outcome in stubs)
    told = [_told(outcomes) for outcomes in (ours, stubs, forged)]
    solved, empty, cheated = (sum(one.ok for one in outcomes) for outcomes in (ours, stubs, forged))
    return [
        Figure("TypeScript set: solutions that pass", solved, 155, "", told[0], higher_is_better=True, exact=True),
        Figure("TypeScript set: stubs that compile", compiled, 156, "", told[1], higher_is_better=True, exact=True),
        Figure("TypeScript set: stubs that pass", empty, 0, "", told[1], exact=True),
        Figure("TypeScript set: forgeries that pass", cheated, 0, "", told[2], exact=True),
    ]


async def _judge(executor: CodeExecutor, answers: Sequence[tuple[Problem, str]]) -> list[ExecutionResult]:
    return await asyncio.gather(
        *(executor.execute_typescript(one.solved(completion), one.tests) for one, completion in answers)
    )


def _told(outcomes: Sequence[ExecutionResult]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in Counter(one.verdict for one in outcomes).most_common())
