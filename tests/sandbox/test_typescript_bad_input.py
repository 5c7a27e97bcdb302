"""What goes wrong with TypeScript: each has its verdict and a reason in a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.model import BoxFile, BoxRequest
from tests.support.boxes import TYPESCRIPT_LIMITS, Boxes

SHORT = replace(TYPESCRIPT_LIMITS, timeout_s=4)
IMPORT = 'import { expect, test } from "vitest";\n'


@pytest.mark.parametrize(
    ("tests", "verdict", "reason"),
    [
        (IMPORT + 'test("a", () => { expect(1).toBe(1) ;\n', "compile_error", "solution.test.ts(3,1): error TS1005"),
        (IMPORT, "no_tests", "No test ran"),
        (IMPORT + 'test.skip("a", () => {});\n', "no_tests", "1 test skipped"),
        (IMPORT + 'import { x } from "no-such-package";\ntest("a", () => { expect(x).toBe(1); });\n', "compile_error",
         "no-such-package"),
        ('import { test } from "vitest";\nthrow new Error("at once");\ntest("a", () => {});\n', "runtime_error",
         "could not be loaded"),
        (IMPORT + 'test("a", () => {});\nvoid Promise.reject(new Error("nobody waits"));\n', "runtime_error",
         "nobody waits"),
        (IMPORT + 'test("a", () => { process.exit(0); });\n', "failed", "1 of 1 test failed"),
        (IMPORT + 'test("a", () => { process.kill(process.pid, "SIGKILL"); });\n', "runtime_error", "signal 9"),
        (IMPORT + 'test("a", () => { console.log("line\\n".repeat(2_000_000)); });\n', "output_limit", "printed more"),
    ],
)  # fmt: skip
def test_what_tests_do_wrong_is_said(typescript: Boxes, tests: str, verdict: str, reason: str) -> None:
    outcome = typescript.typescript(tests)
    assert outcome.verdict == verdict, outcome
    assert reason in outcome.reason


def test_thousands_of_lines_come_out_whole(typescript: Boxes) -> None:
    tests = IMPORT + 'test("a", () => { for (let i = 0; i < 5000; i++) console.log(`line ${i}`); });\n'
    outcome = typescript.typescript(tests)
    assert outcome.verdict == "passed" and outcome.stdout.splitlines() == [f"line {n}" for n in range(5000)]


def test_a_loop_without_end_is_a_timeout_and_keeps_what_was_reported(typescript: Boxes) -> None:
    tests = IMPORT + 'test("a", () => {});\ntest("b", () => { for (;;) Math.sqrt(2); });\n'
    outcome = typescript.typescript(tests, limits=SHORT)
    assert outcome.verdict == "timeout", outcome


def test_a_full_heap_is_named_for_what_it_is(typescript: Boxes) -> None:
    tests = IMPORT + (
        'test("a", () => { const kept: string[][] = [];\n'
        "for (let i = 0; ; i++) kept.push(Array.from({ length: 10_000 }, (_, n) => `${i}-${n}`)); });\n"
    )
    outcome = typescript.typescript(tests, limits=replace(TYPESCRIPT_LIMITS, memory_mb=384))
    assert (outcome.verdict, outcome.limit_hit) == ("oom", "memory")


def test_bytes_that_are_no_text_are_an_outcome_and_no_accident(typescript: Boxes) -> None:
    for content in (b"\xff\xfe\x00", b"\0" * 100, bytes(range(256))):
        request = BoxRequest(
            "tests", pristine=(BoxFile("a.test.ts", content),), limits=TYPESCRIPT_LIMITS, language="typescript"
        )
        outcome = typescript.run(request)
        assert outcome.verdict in ("compile_error", "runtime_error", "no_tests"), outcome


def test_a_selected_test_that_is_not_there_is_said(typescript: Boxes) -> None:
    tests = IMPORT + 'test("a", () => {});\n'
    outcome = typescript.typescript(tests, select=("solution.test.ts::b",))
    assert outcome.verdict == "no_tests" and "solution.test.ts::b" in outcome.reason
    assert typescript.typescript(tests, select=("solution.test.ts::a",)).verdict == "passed"
