"""Stubs and mutants of TypeScript and C#: what they keep, what they take away, and that they still parse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checks.languages import CHECKS, checks_of
from core.checks.mutants import Mutant
from core.checks.syntax.trees import parse

TS, CS = "src/cart.tsx", "src/Cart.cs"
OLD_TS = b"""\
export const TAX = 0.2;
export const twice = (x: number) => x * 2;
export class Cart {
  items: number[] = [];
  add(price: number) { this.items.push(price); }
}
"""
NEW_TS = b"""\
export const TAX = 0.25;
export const LIMIT = 7;
export const twice = (x: number) => { return x + x; };
export class Cart {
  items: number[] = [];
  add(price: number) { this.items.push(price); }
  get size() { return this.items.length; }
}
export class Gift extends Cart {
  constructor(private note: string) { super(); this.add(0); }
}
export function Badge({ n }: { n: number }) {
  return <b onClick={() => go(n)}>{n > 3 ? "many" : n}</b>;
}
api.get("/carts", (asked, reply) => { reply.send(1); });
export const Memo = memo(function Memo() { return <i />; });
"""
OLD_CS = b"""\
namespace Shop;
public class Cart {
  const int Limit = 3;
  int count = 2;
  public int Count => count;
  public int Sum(int one) => one * 2;
  public int Sum(string one) { return 1; }
}
"""
NEW_CS = b"""\
namespace Shop;
public class Cart {
  const int Limit = 4;
  int count = 2;
  public int Count => count + 1;
  public int Sum(int one) { return one * 3; }
  public int Sum(string one) { return 2; }
  public Cart(int count) : base(count) { this.count = count; }
  public bool Try(string text, out int value) { value = 1; return text != ""; }
  public async Task Load() { await Go(); }
  public async Task<int> Fetch() => await Get();
  public string Name { get { return "x"; } set => Put(value); }
}
struct Price { public int Cents; public Price(int cents) { Cents = cents; } }
"""


def stub(path: str, before: bytes | None, after: bytes) -> str:
    checks = checks_of(path)
    assert checks is not None
    text = checks.stub(before, after, path)
    assert text is not None and not parse(path, text).has_error
    return text.decode()


def test_what_was_there_before_is_in_the_stub_as_it_was() -> None:
    text = stub(TS, OLD_TS, NEW_TS)
    assert "TAX = 0.2;" in text
    assert "twice = (x: number) => x * 2;" in text
    assert "add(price: number) { this.items.push(price); }" in text
    text = stub(CS, OLD_CS, NEW_CS)
    for old in ("Limit = 3;", "Count => count;", "Sum(int one) => one * 2;", "Sum(string one) { return 1; }"):
        assert old in text


def test_what_is_new_is_in_the_stub_under_its_name_and_does_nothing() -> None:
    text = stub(TS, OLD_TS, NEW_TS)
    assert "LIMIT = 7;" in text
    assert "get size() { return undefined as any; }" in text
    assert "constructor(private note: string) { super(); }" in text
    assert "Badge({ n }: { n: number }) { return undefined as any; }" in text
    assert 'api.get("/carts", (asked, reply) => { return undefined as any; });' in text
    assert "memo(function Memo() { return undefined as any; })" in text
    text = stub(CS, OLD_CS, NEW_CS)
    assert "public Cart(int count) : base(count) { }" in text
    assert "public async Task Load() { }" in text
    assert "public async Task<int> Fetch() { return default!; }" in text
    assert "Name { get { return default!; } set { } }" in text


def test_what_may_not_leave_without_an_assignment_throws_in_the_stub() -> None:
    text = stub(CS, OLD_CS, NEW_CS)
    assert "out int value) { throw new global::System.NotImplementedException(); }" in text
    assert "public Price(int cents) { throw new global::System.NotImplementedException(); }" in text


def test_a_new_parameter_does_not_lose_the_old_behaviour() -> None:
    after = b"export function f(a: number, b = 1) { return a + b; }\n"
    assert stub("a.ts", b"export function f(a: number) { return a; }\n", after).endswith("b = 1) { return a; }\n")


def test_plain_javascript_gets_no_types() -> None:
    assert "export const f = (x) => { return undefined; };\n" in stub("a.js", None, b"export const f = (x) => x;\n")


def test_the_type_check_does_not_refuse_a_stub_for_what_it_uses_no_more() -> None:
    assert stub("a.ts", None, b"export const f = (x: A) => x;\n").startswith("// @ts-nocheck\n")
    assert stub("a.ts", None, b"#!/usr/bin/env node\nconst f = () => 1;\n").splitlines()[1] == "// @ts-nocheck"


def test_declarations_alone_are_the_same_code_in_the_stub() -> None:
    for path, text in (("a.ts", b"export type A = { n: number };\n"), ("a.cs", b"public record A(int N);\n")):
        checks = checks_of(path)
        assert checks is not None and checks.same_code(stub(path, None, text).encode(), text)


@pytest.mark.parametrize(("path", "text"), [(TS, NEW_TS), (CS, NEW_CS)])
def test_the_throwing_stub_has_no_body_left(path: str, text: bytes) -> None:
    checks = checks_of(path)
    assert checks is not None
    bare = checks.throwing_stub(text, path)
    assert bare is not None and not parse(path, bare).has_error
    for gone in (b"push(price)", b"reply.send", b"one * 3", b"await", b"count + 1"):
        assert gone not in bare


def mutants(path: str, before: bytes | None, after: bytes, limit: int = 99) -> tuple[Mutant, ...]:
    checks = checks_of(path)
    assert checks is not None
    return checks.mutants(before, after, path, limit, seed=1)


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        ("a.ts", "export const f = (a: number) => a >= 10;", {"a > 10", "a < 10", "a >= 11", "a >= 9"}),
        ("a.ts", "export function f(a: any) { return a === 1 && !a; }", {"a !== 1", "=== 1 || !a", "return undefined"}),
        ("a.tsx", "const F = () => <b>{n > 3 && x}</b>;", {"n >= 3", "n > 4", "n > 3 || x"}),
        ("a.ts", "function f(x: A) { if (x.ok) { x.n += 2; } }", {"!(x.ok)", "x.n -= 2", "x.n += 3"}),
        ("a.cs", "class A { int F(int a) => a + 1; }", {"a - 1", "a + 2", "=> default!"}),
        ("a.cs", "class A { bool F(A a) { if (!a.B) { a.C++; } return true; } }", {"(a.B)", "a.C--", "return false"}),
        ("a.cs", "class A { void F(List<int> a) { a.Add(1); } decimal P => 1.5m; }", {"{ ; }", "2.5m", "a.Add(0)"}),
    ],
)
def test_each_operator_value_and_statement_can_go_wrong(path: str, line: str, expected: set[str]) -> None:
    texts = [mutant.content.decode() for mutant in mutants(path, None, line.encode())]
    for part in expected:
        assert any(part in text for text in texts), (part, texts)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.ts", 'import { a } from "./a";'),
        ("a.ts", "type A = { n: 1 | 2; ok: true };"),
        ("a.ts", 'function f() { throw new Error("a" + 1); }'),
        ("a.ts", "function f() { console.log(1 + 2); }"),
        ("a.cs", "using System;"),
        ("a.cs", "[Limit(3)] class A : B { }"),
        ("a.cs", 'class A { void F() { _logger.LogInformation("x", 1); } }'),
        ("a.cs", 'class A { public override string ToString() => "a" + 1; }'),
    ],
)
def test_what_no_test_is_expected_to_notice_stays(path: str, line: str) -> None:
    assert mutants(path, None, line.encode()) == ()


@pytest.mark.parametrize(("path", "old", "new"), [(TS, OLD_TS, NEW_TS), (CS, OLD_CS, NEW_CS)])
def test_mutants_stand_on_changed_lines_parse_and_are_the_same_again(path: str, old: bytes, new: bytes) -> None:
    found = mutants(path, old, new)
    lines, before = new.splitlines(), old.splitlines()
    assert len(found) > 8
    for mutant in found:
        assert lines[mutant.line - 1] not in before
        assert mutant.content != new and not parse(path, mutant.content).has_error
    assert mutants(path, old, new) == found
    assert len(mutants(path, old, new, limit=3)) == 3


@given(before=st.binary(max_size=60), after=st.binary(max_size=60), language=st.sampled_from(["a.ts", "a.tsx", "a.cs"]))
def test_any_bytes_have_a_stub_and_no_error(before: bytes, after: bytes, language: str) -> None:
    checks = checks_of(language)
    assert checks is not None
    assert checks.stub(before, after, language) is not None
    checks.throwing_stub(after, language)
    mutants(language, before, after)


def test_there_are_checks_for_every_language_of_the_boxes() -> None:
    assert {checks.language for checks in CHECKS.values()} == {"python", "typescript", "dotnet"}
