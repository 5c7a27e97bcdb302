"""Ways to get green in TypeScript and C# without being right, each caught, and honest edits left alone."""

from __future__ import annotations

import pytest

from core.checks.anti_cheat import find_cheats
from core.checks.findings import Finding

TS_PATH, CS_PATH = "src/cart.test.ts", "Shop.Tests/CartTests.cs"
TS = """\
import { describe, expect, it } from "vitest";
import { Cart, add } from "./cart";

describe("Cart", () => {
  it("adds", () => {
    expect(add(1, 2)).toBe(3);
    expect(add(0, 0)).toEqual(0);
  });
  it.each([[1, 2], [2, 4]])("doubles %i", (n, twice) => {
    expect(add(n, n)).toBe(twice);
  });
});

test("refuses", () => {
  expect(() => add(-1, 0)).toThrow("negative");
});
"""
CS = """\
using Xunit;

public class CartTests
{
    [Fact]
    public void Adds()
    {
        Assert.Equal(3, Cart.Add(1, 2));
        Assert.Equal(0, Cart.Add(0, 0));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    public void Doubles(int n, int twice) => Assert.Equal(twice, Cart.Add(n, n));

    [Fact]
    public void Refuses() => Assert.Throws<ArgumentException>(() => Cart.Add(-1, 0));
}
"""
TEXTS = {TS_PATH: TS, CS_PATH: CS}


def find(base: dict[str, str], candidate: dict[str, str]) -> tuple[Finding, ...]:
    return find_cheats(
        {path: text.encode() for path, text in base.items()}, {path: text.encode() for path, text in candidate.items()}
    )


def rules(base: dict[str, str], candidate: dict[str, str]) -> set[str]:
    return {each.rule.removeprefix("anti_cheat.") for each in find(base, candidate) if each.blocking}


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        (TS_PATH, "    expect(add(0, 0)).toEqual(0);\n", "", "assertion_removed"),
        (TS_PATH, "expect(add(1, 2)).toBe(3)", "expect(add(1, 2)).toBeDefined()", "assertion_weakened"),
        (TS_PATH, "expect(add(1, 2)).toBe(3)", "expect(3).toBe(3)", "assertion_weakened"),
        (TS_PATH, "toBe(3)", "not.toBe(4)", "assertion_weakened"),
        (TS_PATH, "toEqual(0)", "toEqual(expect.anything())", "assertion_weakened"),
        (TS_PATH, 'toThrow("negative")', "toThrow()", "assertion_weakened"),
        (TS_PATH, 'it("adds"', 'it.skip("adds"', "skip_added"),
        (TS_PATH, 'it("adds"', 'it.todo("adds"', "skip_added"),
        (TS_PATH, 'it("adds"', 'it.only("adds"', "skip_added"),
        (TS_PATH, 'it("adds"', 'xit("adds"', "skip_added"),
        (TS_PATH, 'it("adds"', 'it.skipIf(true)("adds"', "skip_added"),
        (TS_PATH, 'it("adds", ', 'it("adds", { skip: true }, ', "skip_added"),
        (TS_PATH, 'describe("Cart"', 'describe.skip("Cart"', "skip_added"),
        (TS_PATH, 'it("adds"', 'it("sums"', "test_renamed"),
        (
            TS_PATH,
            '("refuses", () => {\n  expect(() => add(-1, 0)).toThrow("negative");\n}',
            '("x", () => {}',
            "test_removed",
        ),
        (TS_PATH, "[[1, 2], [2, 4]]", "[[1, 2]]", "test_removed"),
        (CS_PATH, "        Assert.Equal(0, Cart.Add(0, 0));\n", "", "assertion_removed"),
        (CS_PATH, "Assert.Equal(3, Cart.Add(1, 2))", "Assert.NotNull(Cart.Add(1, 2))", "assertion_weakened"),
        (CS_PATH, "Assert.Equal(3, Cart.Add(1, 2))", "Assert.True(true)", "assertion_weakened"),
        (CS_PATH, "Throws<ArgumentException>", "ThrowsAny<Exception>", "assertion_weakened"),
        (CS_PATH, "[Fact]\n    public void Adds", '[Fact(Skip = "flaky")]\n    public void Adds', "skip_added"),
        (CS_PATH, "public class", "[Ignore]\npublic class", "skip_added"),
        (CS_PATH, "    [Fact]\n    public void Adds", "    public void Adds", "test_removed"),
        (CS_PATH, "    [InlineData(2, 4)]\n", "", "test_removed"),
        (CS_PATH, "void Adds", "void Sums", "test_renamed"),
    ],
)
def test_a_test_that_demands_less_is_caught(path: str, old: str, new: str, rule: str) -> None:
    assert TEXTS[path].count(old) == 1
    assert rule in rules({path: TEXTS[path]}, {path: TEXTS[path].replace(old, new)})


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (TS_PATH, "toEqual(0)", "toStrictEqual(0)"),
        (TS_PATH, "  it.each", '  it("is new", () => { expect(add(2, 2)).toBe(4); });\n  it.each'),
        (TS_PATH, "    expect(add(1, 2))", "    // what carts do; it.skip is not used\n    expect(add(1, 2))"),
        (TS_PATH, '"./cart"', '"./shop/cart"'),
        (
            CS_PATH,
            "    [Theory]",
            "    [Fact]\n    public void More() => Assert.Equal(4, Cart.Add(2, 2));\n\n    [Theory]",
        ),
        (CS_PATH, "Assert.Equal(0, Cart", "Assert.StrictEqual(0, Cart"),
    ],
)
def test_an_honest_change_of_tests_is_left_alone(path: str, old: str, new: str) -> None:
    assert rules({path: TEXTS[path]}, {path: TEXTS[path].replace(old, new)}) == set()


@pytest.mark.parametrize(
    ("path", "code", "rule"),
    [
        ("src/a.ts", "if (process.env.VITEST) answer = 3;", "runner_detected"),
        ("src/a.ts", 'const inTest = process.env["JEST_WORKER_ID"] !== undefined;', "runner_detected"),
        ("src/a.ts", 'if (process.env.NODE_ENV === "test") answer = 3;', "runner_detected"),
        ("src/a.ts", "if (import.meta.vitest) answer = 3;", "runner_detected"),
        ("src/a.ts", 'import { expect } from "vitest";', "runner_detected"),
        ("src/a.js", 'const { expect } = require("@jest/globals");', "runner_detected"),
        ("src/a.ts", 'if (new Error().stack.includes("cart.test.ts")) answer = 3;', "runner_detected"),
        ("src/a.ts", "process.exit(0);", "process_exit"),
        ("src/a.ts", "globalThis.expect = () => new Proxy({}, {});", "runner_patched"),
        ("src/a.ts", "Object.is = () => true;", "runner_patched"),
        ("src/a.ts", 'Object.defineProperty(Array.prototype, "length", {});', "runner_patched"),
        ("src/a.ts", "export const answer = { asymmetricMatch() { return true; } };", "always_equal"),
        ("src/a.ts", "try { save(); } catch {}", "error_swallowed"),
        ("src/a.ts", "save().catch(() => {});", "error_swallowed"),
        ("src/a.ts", "// @ts-ignore\nsave();", "suppression_added"),
        ("src/a.tsx", "const A = () => <b>{/* eslint-disable-line */}</b>;", "suppression_added"),
        ("src/A.cs", "class A { void F() { Environment.Exit(0); } }", "process_exit"),
        ("src/A.cs", "class A { void F() { var s = new StackTrace(); } }", "runner_detected"),
        ("src/A.cs", "using Xunit;", "runner_detected"),
        ("src/A.cs", 'class A { bool T => Name.Contains("testhost"); }', "runner_detected"),
        ("src/A.cs", "class A { public override bool Equals(object o) => true; }", "always_equal"),
        ("src/A.cs", "class A { public static bool operator ==(A l, A r) { return true; } }", "always_equal"),
        ("src/A.cs", "namespace Xunit { class Assert { } }", "runner_patched"),
        ("src/A.cs", "class A { [ModuleInitializer] internal static void F() { } }", "runner_changed"),
        ("src/A.cs", "class A { void F() { try { G(); } catch (Exception) { } } }", "error_swallowed"),
        ("src/A.cs", "#pragma warning disable CS0168\nclass A { }", "suppression_added"),
    ],
)
def test_a_shortcut_in_code_is_caught_when_it_is_new(path: str, code: str, rule: str) -> None:
    assert rule in rules({}, {path: code})
    assert rules({path: code}, {path: code + "\n"}) == set()
    assert rules({"old/" + path: code}, {path: code}) == set()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("src/a.ts", 'const words = "process.exit(0); it.skip";'),
        ("src/a.ts", "try { save(); } catch (problem) { report(problem); }"),
        ("src/a.ts", "const mode = process.env.NODE_ENV ?? 'production';"),
        ("src/a.ts", 'const only = { only: true };\nconst glob = "**/*.test.ts";'),
        ("src/A.cs", "class A { void F() { try { G(); } catch (IOException) { } } }"),
        ("src/A.cs", 'class A { public bool Equals(A other) => other.B == B; string S => "Environment.Exit(0)"; }'),
    ],
)
def test_honest_code_is_left_alone(path: str, code: str) -> None:
    assert rules({}, {path: code}) == set()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("vitest.config.ts", "export default {}"),
        ("web/jest.config.js", "module.exports = {}"),
        ("Directory.Build.props", "<Project />"),
        (".editorconfig", "[*.cs]\ndotnet_diagnostic.CS0162.severity = none\n"),
        ("tests.runsettings", "<RunSettings />"),
        ("package.json", '{"jest": {"testMatch": []}}'),
        ("package.json", '{"scripts": {"pretest": "node patch.js"}}'),
        ("package.json", '{"name": "vitest"}'),
        ("Shop.csproj", '<Project><Target Name="x"><Exec Command="true" /></Target></Project>'),
        ("Shop.csproj", '<Project><UsingTask TaskName="x" /></Project>'),
    ],
)
def test_a_planted_setting_that_bends_builds_or_tests_is_caught(path: str, text: str) -> None:
    assert rules({}, {path: text}) == {"runner_changed"}
    assert rules({path: text}, {path: text}) == set()


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("package.json", None, '{"name": "shop", "scripts": {"test": "vitest run"}, "dependencies": {"react": "19"}}'),
        ("package.json", '{"scripts": {"test": "x"}}', '{"scripts": {"test": "x", "build": "tsc"}, "type": "module"}'),
        ("tsconfig.json", None, '{"compilerOptions": {"strict": true}}'),
        ("Shop.Tests/Shop.Tests.csproj", None, "<Project><IsTestProject>true</IsTestProject></Project>"),
    ],
)
def test_a_plain_project_file_of_any_language_is_welcome(path: str, before: str | None, after: str) -> None:
    assert rules({path: before} if before else {}, {path: after}) == set()


def test_the_script_that_tests_a_project_stays_as_it_was() -> None:
    before, after = '{"scripts": {"test": "vitest run"}}', '{"scripts": {"test": "true"}}'
    assert rules({"package.json": before}, {"package.json": after}) == {"runner_changed"}


def test_a_test_file_that_moved_whole_is_the_same_and_one_that_is_gone_is_not() -> None:
    assert rules({TS_PATH: TS}, {"test/cart.test.ts": TS}) == set()
    assert rules({CS_PATH: CS}, {}) == {"test_removed"}
