"""Outlines of Python, TypeScript and C#, also of broken and huge files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context.symbols import MAX_SOURCE_BYTES, MAX_SYMBOLS, outline, symbols_of

PYTHON = b'''
import os

@cached
def top(a: int, *, b: str = "x") -> dict[str, int]:
    def inner(): ...
    return {}

class Base(Generic[T]):
    """Doc."""
    field: int = 1

    @property
    async def value(self) -> int:
        return 1

    class Nested:
        def deep(self): pass

if os.name:
    def windows() -> None: ...
'''
TYPESCRIPT = b"""
export function load<T>(url: string, opts?: Options): Promise<T> { return fetch(url) }
export const add = (a: number, b: number): number => a + b;
const limit = 3;
export default class Store<T> extends Base<T> implements Reader {
  private items: T[] = [];
  constructor(private readonly db: Db) { super(); }
  async get(id: string): Promise<T | undefined> { return undefined; }
}
interface Reader { read(id: string): string }
export type Id = string | number;
enum Color { Red }
namespace Util { export function help() {} }
"""
CSHARP = b"""
namespace Shop.Core;

[Serializable]
public sealed class Cart<T> : Base, ICart where T : new()
{
    public int Total { get; set; }
    public Cart(int limit) { }
    public async Task<int> AddAsync(string item) => await Do(item);
}
public interface ICart { void Clear(); }
public record Line(string Name, int Count);
public enum Kind { A, B }
"""


def test_python() -> None:
    assert outline("a.py", PYTHON) == (
        'def top(a: int, *, b: str = "x") -> dict[str, int]',
        "class Base(Generic[T])",
        "    async def value(self) -> int",
        "    class Nested",
        "        def deep(self)",
        "def windows() -> None",
    )


def test_typescript() -> None:
    assert outline("a.ts", TYPESCRIPT) == (
        "function load<T>(url: string, opts?: Options): Promise<T>",
        "add = (a: number, b: number): number",
        "class Store<T> extends Base<T> implements Reader",
        "    constructor(private readonly db: Db)",
        "    async get(id: string): Promise<T | undefined>",
        "interface Reader",
        "    read(id: string): string",
        "type Id = string | number",
        "enum Color",
        "namespace Util",
        "    function help()",
    )


def test_tsx_and_javascript_are_read_with_the_same_grammar() -> None:
    source = b"export const App = ({ a }) => <div>{a}</div>;\nfunction f() { return <b/>; }\n"
    assert outline("a.tsx", source) == outline("a.jsx", source) == ("App = ({ a })", "function f()")


def test_csharp() -> None:
    assert outline("A.cs", CSHARP) == (
        "[Serializable] public sealed class Cart<T> : Base, ICart where T : new()",
        "    public int Total",
        "    public Cart(int limit)",
        "    public async Task<int> AddAsync(string item)",
        "public interface ICart",
        "    void Clear()",
        "public record Line(string Name, int Count)",
        "public enum Kind",
    )


def test_a_symbol_spans_its_decorators_and_its_body() -> None:
    top = symbols_of("a.py", PYTHON)[0]
    assert PYTHON.decode().splitlines()[top.first - 1] == "@cached"
    assert PYTHON.decode().splitlines()[top.last - 1] == "    return {}"


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.tsx", "A.cs"])
def test_broken_code_still_gives_what_can_be_read(path: str) -> None:
    source = {"a.py": PYTHON, "a.ts": TYPESCRIPT, "a.tsx": TYPESCRIPT, "A.cs": CSHARP}[path]
    whole = {symbol.name for symbol in symbols_of(path, source)}
    broken = {symbol.name for symbol in symbols_of(path, source + b"\n)))( class {{{ def \xff\xfe\n")}
    assert len(broken & whole) >= len(whole) // 2


@given(st.binary(max_size=300), st.sampled_from(["a.py", "a.ts", "a.tsx", "A.cs"]))
def test_any_bytes_give_an_outline(data: bytes, path: str) -> None:
    assert all("\n" not in line for line in outline(path, data))


def test_sizes_are_capped() -> None:
    assert symbols_of("a.py", b"def f(): pass\n" * (MAX_SOURCE_BYTES // 10)) == ()
    assert len(symbols_of("a.py", b"def f(): pass\n" * 2000)) == MAX_SYMBOLS
    [line] = outline("a.py", b"def f(" + b"a, " * 1000 + b"): pass\n")
    assert len(line) <= 160


def test_deeply_nested_code_does_not_exhaust_the_stack() -> None:
    source = "".join("    " * depth + f"class C{depth}:\n" for depth in range(500)) + "    " * 500 + "pass\n"
    assert len(symbols_of("a.py", source.encode())) <= MAX_SYMBOLS


def test_other_languages_have_no_outline() -> None:
    assert outline("a.go", b"func main() {}\n") == outline("notes.txt", b"def f(): pass\n") == ()
