"""`nexus --headless` in a TypeScript and in a C# repository: real protocol, real toolchains, real boxes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from config.settings import SandboxSettings
from core.code_executor import CodeExecutor
from core.sandbox_runner import SandboxRunner
from sandbox.model import ExecutionResult
from tests.support.bad_input import ended_badly
from tests.support.nexus import environment, nexus
from tests.support.openai_script import Script
from tests.support.openai_server import OpenAIServer
from tests.support.other_projects import NET, REACT, Sample, need_toolchain, nexus_without_toolchains
from tests.support.project import FILES, git

SAMPLES = pytest.mark.parametrize("sample", [REACT, NET], ids=["react", "csharp"])
DEADLINE_S = 400


@SAMPLES
def test_hollow_tests_are_refused_a_failing_attempt_is_repaired_and_the_work_delivered(
    sample: Sample, tmp_path: Path, nexus_home: Path
) -> None:
    need_toolchain(sample.language)
    project = sample.make(tmp_path / "shop")
    with OpenAIServer(Script.of(sample.script)) as server:
        env = environment(nexus_home, server.base_url, NEXUS_LIMITS__MUTANTS="2")
        done = nexus(["--headless", sample.request, "--json", "--yes"], project, env, DEADLINE_S)
    assert done.code == 0, (done.err, done.out[-3000:])
    assert (done.last["verdict"], done.last["retries"], done.last["first_try"]) == ("verified", 1, False)
    *refused, last = done.of("verdict.reached")
    assert [words in verdict["reason"] for verdict, words in zip(refused, sample.refused, strict=True)] == [True, True]
    assert last["verified"] and not any(verdict["verified"] for verdict in refused)
    assert last["mutants_total"] == 2
    assert last["mutants_killed"] >= 1  # which two it is depends on the run, and one may change nothing that is tested
    assert tuple(done.last["files"]) == sample.delivered
    assert git(project, "log", "--format=%s", "-1").strip() == "Add discounts"
    assert git(project, "status", "--porcelain") == ""


@SAMPLES
def test_without_its_toolchain_a_request_is_refused_before_a_model_is_asked(
    sample: Sample, tmp_path: Path, nexus_home: Path
) -> None:
    project = sample.make(tmp_path / "shop")
    with OpenAIServer(Script.of(sample.script)) as server:
        env = environment(nexus_home, server.base_url)
        done = nexus_without_toolchains(["--headless", sample.request, "--json", "--yes"], project, env)
        assert server.requests == 0
    name = {"typescript": "The TypeScript toolchain is not built.", "dotnet": "The .NET toolchain is not built."}
    last = ended_badly(done, 5, name[sample.language])
    assert f"nexus sandbox build --language {sample.language}" in last["remedy"]


def test_the_tests_of_a_repository_in_two_languages_are_judged_together(tmp_path: Path) -> None:
    need_toolchain("typescript")
    root = tmp_path / "both"
    files = {**{f"api/{name}": text for name, text in FILES.items() if name != "pyproject.toml"}, **REACT.files}
    files |= {"pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["api"]\n'}
    files |= {
        "src/wrong.test.ts": 'import { expect, it } from "vitest";\nit("adds", () => { expect(1 + 1).toBe(3); });\n'
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    config = ("pyproject.toml", "package.json", "tsconfig.json")

    async def run(*select: str) -> ExecutionResult:
        runner = SandboxRunner(SandboxSettings(backend="bubblewrap"), tmp_path / "cache")
        await runner.start()
        try:
            pristine = {name: files[name].encode() for name in config}
            return await CodeExecutor(runner).execute_project(root, pristine=pristine, select=select)
        finally:
            await runner.close()

    every = asyncio.run(run())
    assert {row.test: row.outcome for row in every.tests} == {
        "api/tests/test_prices.py::test_total": "passed",
        "src/Cart.test.tsx::lists what is in it": "passed",
        "src/wrong.test.ts::adds": "failed",
    }
    assert (every.verdict, every.reason) == ("failed", "TypeScript: 1 of 2 tests failed.")
    some = asyncio.run(run("api/tests/test_prices.py"))
    assert (some.verdict, [row.test for row in some.tests]) == ("passed", ["api/tests/test_prices.py::test_total"])


def test_doctor_says_which_toolchain_the_project_here_lacks(tmp_path: Path, nexus_home: Path) -> None:
    project = REACT.make(tmp_path / "shop")
    done = nexus_without_toolchains(["doctor", "--json"], project, environment(nexus_home))
    found = {check["id"]: check for check in json.loads(done.out)["checks"]}
    assert {name: found[f"language.{name}"]["status"] for name in ("python", "typescript", "dotnet")} == {
        "python": "ok",
        "typescript": "fail",
        "dotnet": "warn",
    }
    assert "not built; the project here is written in TypeScript" in found["language.typescript"]["summary"]
    assert found["language.dotnet"]["remedy"] == "Run: nexus sandbox build --language dotnet"
