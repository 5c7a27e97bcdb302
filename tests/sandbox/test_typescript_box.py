"""TypeScript in real boxes: programs, tests, components, and what goes wrong with them."""

from __future__ import annotations

import pytest

from sandbox.model import BoxFile, BoxRequest, ExecutionResult
from tests.support.boxes import TYPESCRIPT_LIMITS, Boxes, having

ADD = "export function add(a: number, b: number): number { return a + b; }\n"
ADD_TESTS = """
import { describe, expect, test } from "vitest";
import { add } from "./solution";
describe("add", () => {
  test("adds", () => { expect(add(1, 2)).toBe(3); });
  test.skip("is not finished", () => {});
});
"""


def program(box: Boxes, code: str | bytes, **files: str) -> ExecutionResult:
    laid = [BoxFile("main.ts", code.encode() if isinstance(code, str) else code)]
    laid += [BoxFile(name.replace("__", "."), text.encode()) for name, text in files.items()]
    return box.run(BoxRequest("script", tuple(laid), entry="main.ts", limits=TYPESCRIPT_LIMITS, language="typescript"))


def test_tests_of_a_typescript_module_are_reported_one_by_one_in_both_boxes(boxes: Boxes) -> None:
    outcome = having(boxes, "typescript").typescript(ADD_TESTS, solution__ts=ADD)
    assert outcome.verdict == "passed", outcome
    assert {row.test: row.outcome for row in outcome.tests} == {
        "solution.test.ts::add > adds": "passed",
        "solution.test.ts::add > is not finished": "skipped",
    }


def test_a_failing_test_says_what_it_expected_and_where(typescript: Boxes) -> None:
    outcome = typescript.typescript(ADD_TESTS, solution__ts=ADD.replace("a + b", "a - b"))
    assert outcome.verdict == "failed"
    message = next(row.message for row in outcome.tests if row.outcome == "failed")
    assert "expected -1 to be 3" in message and "solution.test.ts:5" in message


def test_what_does_not_type_check_does_not_compile(typescript: Boxes) -> None:
    outcome = typescript.typescript(ADD_TESTS, solution__ts=ADD.replace("): number", "): string"))
    assert outcome.verdict == "compile_error"
    assert "solution.ts(1,53): error TS2322" in outcome.reason


def test_a_program_of_several_files_runs(typescript: Boxes) -> None:
    lib = "export enum Colour { Red = 3 }\nexport const twice = (n: number): number => 2 * n;\n"
    outcome = program(
        typescript, 'import { Colour, twice } from "./lib";\nconsole.log(twice(Colour.Red));\n', lib__ts=lib
    )
    assert (outcome.verdict, outcome.stdout) == ("passed", "6\n")


@pytest.mark.parametrize(
    ("code", "verdict", "reason"),
    [
        ("const x: number = ;\n", "compile_error", "main.ts"),
        ('const x: number = "a";\nconsole.log(x);\n', "compile_error", "TS2322"),
        ('throw new Error("no such luck");\n', "runtime_error", "no such luck"),
        ("process.exit(3);\n", "runtime_error", "status 3"),
        ('import { gone } from "no-such-package";\nconsole.log(gone);\n', "compile_error", "no-such-package"),
        (b"const name: string = '\xff\xfe';\nconsole.log(name.length);\n", "passed", ""),
    ],
)
def test_each_way_a_program_ends_has_its_verdict(
    typescript: Boxes, code: str | bytes, verdict: str, reason: str
) -> None:
    outcome = program(typescript, code)
    assert outcome.verdict == verdict, outcome
    assert reason in outcome.reason + outcome.stderr
