"""Tests with a known answer, mixed in among the real ones under random names.

A program that makes failing tests pass (a patched pytest, a forged report) makes these pass too, and is found out.
"""

from __future__ import annotations

from . import dice

_PYTHON_PASSING = (
    "assert {a} + {b} == {sum}",
    "unittest.TestCase().assertEqual({a} * 2, {twice})",
    "with pytest.raises(ValueError):\n    raise ValueError({a})",
)
_PYTHON_FAILING = (
    "assert False",
    "assert {a} + {b} == {twice}",
    "assert {a} == {b}",
    "unittest.TestCase().assertEqual({a}, {b})",
    "unittest.TestCase().assertTrue({a} == {b})",
    "raise ValueError({a})",
    "with pytest.raises(KeyError):\n    pass",
    "class Liar:\n    def __eq__(self, other): return True\nassert Liar() == {a}",
    "assert {a} in [{b}, {twice}]",
)
_PLAIN_PASSING = (
    "assert {a} + {b} == {sum}",
    "assert {a} in ({a}, {b})",
    "assert not {a} == {b}",
)
_PLAIN_FAILING = tuple(text for text in _PYTHON_FAILING if "unittest" not in text and "pytest" not in text)
_TYPESCRIPT_PASSING = (
    "expect({a} + {b}).toBe({sum})",
    "expect([{a}, {b}]).toEqual([{a}, {b}])",
    "assert.strictEqual({a} + {b}, {sum})",
    "assert.deepStrictEqual([{a}], [{a}])",
    "expect(() => {{ throw new Error('{a}') }}).toThrow('{a}')",
)
_TYPESCRIPT_FAILING = (
    "expect({a}).toBe({b})",
    "expect([{a}]).toEqual([{b}])",
    "expect(new Map([[1, {a}]])).toStrictEqual(new Map([[1, {b}]]))",
    "expect(() => {a}).toThrow()",
    "expect([{a}]).toContain({b})",
    "expect({a} === {b}).toBeTruthy()",
    "assert.equal({a}, {b})",
    "assert.deepEqual([{a}], [{b}])",
    "assert.deepStrictEqual({{ a: {a} }}, {{ a: {b} }})",
    "assert.ok({a} === {b})",
    "assert({a} === {b})",
    "throw new Error('{a}')",
    "expect({{ asymmetricMatch: () => true }}).toEqual({a})",
)
_DOTNET_PASSING = (
    "Assert.Equal({a} + {b}, {sum});",
    "Assert.True({a} * 2 == {twice});",
    "Assert.Throws<ArgumentException>(() => {{ throw new ArgumentException(); }});",
    "Assert.Equal(new[] {{ {a}, {b} }}, new List<int> {{ {a}, {b} }});",
)
_DOTNET_FAILING = (
    "Assert.True(false);",
    "Assert.Equal({a} + {b}, {twice});",
    "Assert.Equal(new[] {{ {a}, {b} }}, new List<int> {{ {b}, {a} }});",
    "Assert.Null((object){a});",
    "Assert.Contains({a}, new[] {{ {b}, {twice} }});",
    "throw new ArgumentException();",
    "Assert.Throws<ArgumentException>(() => {{ }});",
    "Assert.Equal((object){a}, new Liar()); }} class Liar {{ public override bool Equals(object o) => true; "
    "public override int GetHashCode() => 0;",
    "Assert.Equal(new Liar {{ N = {a} }}, new Liar {{ N = {b} }}); }} class Liar {{ public int N; "
    "public override bool Equals(object o) => o is Liar; public override int GetHashCode() => 0;",
)
_TEMPLATES = {
    "python": (_PYTHON_PASSING, _PYTHON_FAILING),
    "plain": (_PLAIN_PASSING, _PLAIN_FAILING),
    "typescript": (_TYPESCRIPT_PASSING, _TYPESCRIPT_FAILING),
    "dotnet": (_DOTNET_PASSING, _DOTNET_FAILING),
}
"""`plain`: for Python's tests that no framework runs."""


class Canaries:
    """Program text by name, and which of them must pass. Only the text ever leaves the supervisor."""

    __slots__ = ("must_pass", "sources")

    def __init__(self, sources: dict[str, str], must_pass: dict[str, bool]) -> None:
        self.sources = sources
        self.must_pass = must_pass


def make_canaries(language: str, count: int = 9) -> Canaries:
    """Canaries in `language` with random names and numbers; about two in three must fail, at least one of each sort."""
    wanted = dice.shuffled([True, False, *(dice.below(3) == 0 for _ in range(count - 2))])
    sources: dict[str, str] = {}
    must_pass: dict[str, bool] = {}
    passing, failing = _TEMPLATES[language]
    left = dice.shuffled(failing) * 2
    for passes in wanted:
        name = f"test_{dice.bits(48):012x}"
        a = dice.between(1000, 1_000_000)
        b = a + dice.between(1, 1000)
        text = dice.choice(passing) if passes else left.pop()
        sources[name] = text.format(a=a, b=b, sum=a + b, twice=2 * a)
        must_pass[name] = passes
    return Canaries(sources, must_pass)
