"""Tests of projects as they are written: vitest, jest and node:test style, components, settings, several files."""

from __future__ import annotations

from sandbox.model import BoxFile, BoxRequest, ExecutionResult
from tests.support.boxes import TYPESCRIPT_LIMITS, Boxes

COUNTER = """
import { useState } from "react";
export function Counter({ start = 0 }: { start?: number }) {
  const [n, setN] = useState(start);
  return <div><p role="status">Count: {n}</p><button onClick={() => setN(n + 1)}>Add</button></div>;
}
"""
COUNTER_TESTS = """
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Counter } from "./solution";
test("counts", async () => {
  render(<Counter start={2} />);
  await userEvent.click(screen.getByRole("button", { name: "Add" }));
  expect(screen.getByRole("status").textContent).toBe("Count: 3");
});
"""


def project(box: Boxes, protected: dict[str, str], files: dict[str, str]) -> ExecutionResult:
    request = BoxRequest(
        "tests",
        tuple(BoxFile(path, text.encode()) for path, text in files.items()),
        tuple(BoxFile(path, text.encode()) for path, text in protected.items()),
        limits=TYPESCRIPT_LIMITS,
        language="typescript",
    )
    return box.run(request)


def outcomes(outcome: ExecutionResult) -> dict[str, str]:
    return {row.test: row.outcome for row in outcome.tests}


def test_a_component_is_tested_in_a_page(typescript: Boxes) -> None:
    assert typescript.typescript(COUNTER_TESTS, solution__tsx=COUNTER).verdict == "passed"
    broken = typescript.typescript(COUNTER_TESTS, solution__tsx=COUNTER.replace("n + 1", "n"))
    assert broken.verdict == "failed"
    assert "expected 'Count: 2' to be 'Count: 3'" in broken.tests[0].message
    assert "solution.test.tsx:9" in broken.tests[0].message


def test_three_styles_of_tests_run_side_by_side(typescript: Boxes) -> None:
    found = project(
        typescript,
        {
            "src/node.test.ts": """
import test, { describe, it, mock } from "node:test";
import assert from "node:assert/strict";
test("plain", async (t) => { await t.test("part", () => { assert.equal(1 + 1, 2); }); });
describe("group", () => { it("inside", (t, done) => { setTimeout(done, 1); }); it.skip("later", () => {}); });
test("wrong", () => { assert.deepEqual([3], [4]); });
test("mocks", () => { const f = mock.fn((x: number) => x); f(2); assert.equal(f.mock.callCount(), 1); });
""",
            "src/jest.test.ts": """
import { name } from "./base";
jest.mock("./base", () => ({ name: () => "mocked" }));
describe("jest", () => {
  it("mocks", () => { expect(name()).toBe("mocked"); });
  it.each([[1, 2], [3, 4]])("each", (a, b) => { expect(a + 1).toBe(b); });
});
""",
            "src/hooks.test.ts": """
import { afterAll, beforeAll, describe, expect, test } from "vitest";
describe("before", () => { beforeAll(() => { throw new Error("no database"); }); test("a", () => {}); });
test.fails("known", () => { expect(1).toBe(2); });
test("leaves", (context) => { context.skip("not here"); });
""",
        },
        {"src/base.ts": 'export const name = (): string => "real";\n'},
    )
    assert outcomes(found) == {
        "src/node.test.ts::plain": "passed",
        "src/node.test.ts::group > inside": "passed",
        "src/node.test.ts::group > later": "skipped",
        "src/node.test.ts::wrong": "failed",
        "src/node.test.ts::mocks": "passed",
        "src/jest.test.ts::jest > mocks": "passed",
        "src/jest.test.ts::jest > each": "passed",
        "src/jest.test.ts::jest > each (2)": "passed",
        "src/hooks.test.ts::before > a": "error",
        "src/hooks.test.ts::known": "passed",
        "src/hooks.test.ts::leaves": "skipped",
    }
    assert found.verdict == "failed" and found.complete


def test_a_projects_own_compiler_settings_count_and_a_candidates_do_not(typescript: Boxes) -> None:
    settings = """{
  // written for an older compiler
  "compilerOptions": {
    "strict": false, "target": "es5", "module": "esnext", "moduleResolution": "node", "baseUrl": ".",
    "paths": { "@/*": ["./src/*"] }
  }
}"""
    tests = """
import { expect, test } from "vitest";
import { twice } from "@/twice";
test("twice", () => { expect(twice(2)).toBe(4); });
"""
    loose = {"src/twice.ts": "export function twice(n) { return 2 * n; }\n"}
    own = project(typescript, {"twice.test.ts": tests, "tsconfig.json": settings}, loose)
    assert own.verdict == "passed", own
    planted = project(
        typescript, {"twice.test.ts": tests.replace("@/", "./src/")}, {**loose, "tsconfig.json": settings}
    )
    assert planted.verdict == "compile_error" and "TS7006" in planted.reason
    assert any("tsconfig.json" in note for note in planted.notes)


def test_what_a_box_holds_can_be_asked(typescript: Boxes) -> None:
    request = BoxRequest("probe", limits=TYPESCRIPT_LIMITS, language="typescript")
    environment = typescript.wait(typescript.backend.run(request))[1]
    assert environment is not None
    assert {"react", "vitest", "@testing-library/react"} <= environment.installed
    assert set(environment.tools) == {"node", "typescript", "vitest"}


def test_a_projects_own_vitest_settings_count_and_a_candidates_do_not(typescript: Boxes) -> None:
    settings = """
import react from "@vitejs/plugin-react";
import path from "node:path";
import { defineConfig } from "vitest/config";
export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "~": path.resolve(__dirname, "./src") } },
  test: { environment: "jsdom", setupFiles: ["./src/setup.ts"] },
});
"""
    tests = """
// @ts-nocheck
import { five } from "~/five";
test("set up", () => { expect([globalThis.ready, five, typeof document]).toEqual([1, 5, "object"]); });
"""
    files = {"src/five.ts": "export const five = 5;\n"}
    setup = {"src/setup.ts": "(globalThis as { ready?: number }).ready = 1;\n"}
    own = project(typescript, {"a.test.ts": tests, "vitest.config.ts": settings, **setup}, files)
    assert own.verdict == "passed", own
    loose = project(typescript, {"a.test.ts": tests, "vitest.config.ts": settings}, {**files, **setup})
    assert loose.verdict == "failed" and "undefined" in loose.tests[0].message
    planted = project(typescript, {"a.test.ts": tests}, {**files, **setup, "vitest.config.ts": settings})
    assert planted.verdict != "passed" and any("vitest.config.ts" in note for note in planted.notes)
