"""What a Python test demands: its assertions, and whether one demands less than another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from core.checks.source_lines import dotted

_CHECK_PREFIXES = ("assert", "check_", "verify_", "expect_")
_RAISES = frozenset({"raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "deprecated_call"})
_BROAD = frozenset({"Exception", "BaseException"})
_EXACT_METHODS = frozenset(
    {"assertEqual", "assertEquals", "assertIs", "assertListEqual", "assertDictEqual", "assertSetEqual"}
    | {"assertTupleEqual", "assertMultiLineEqual", "assertSequenceEqual", "assertCountEqual"}
    | {"assert_called_once_with", "assert_has_calls", "assert_called_with", "assert_array_equal"}
)
_LOOSE_METHODS = frozenset(
    {"assertTrue", "assertIsNotNone", "assertNotEqual", "assertIsInstance", "assert_called", "assertIsNot"}
    | {"assertNotIn", "assertNotIsInstance"}
)
_EXACT, _APPROXIMATE, _PARTIAL, _LOOSE, _NOTHING = 4, 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class Assertion:
    text: str
    """The normalised source."""
    line: int
    node: ast.expr
    depth: int
    """Conditions and loops that decide whether it runs."""
    swallowed: bool
    """A failure would be caught and forgotten."""


def assertions_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Assertion]:
    """Everything in a test that can fail it, in source order."""
    return list(_visit(function.body, 0, False))


def _visit(body: list[ast.stmt], depth: int, swallowed: bool) -> Iterator[Assertion]:
    for node in body:
        if isinstance(node, ast.Assert):
            yield Assertion(f"assert {ast.unparse(node.test)}", node.lineno, node.test, depth, swallowed)
        elif isinstance(node, ast.Expr) and _is_check(_awaited(node.value)):
            yield Assertion(ast.unparse(node.value), node.lineno, _awaited(node.value), depth, swallowed)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                if dotted(item.context_expr).rpartition(".")[2] in _RAISES:
                    text = ast.unparse(item.context_expr)
                    yield Assertion(text, node.lineno, item.context_expr, depth, swallowed)
            hidden = swallowed or any(_suppresses(item.context_expr) for item in node.items)
            yield from _visit(node.body, depth, hidden)
        elif isinstance(node, ast.Try):
            hidden = swallowed or any(_catches_failures(handler) for handler in node.handlers)
            yield from _visit(node.body, depth, hidden)
            for handler in node.handlers:
                yield from _visit(handler.body, depth + 1, swallowed)
            yield from _visit(node.orelse, depth, swallowed)
            yield from _visit(node.finalbody, depth, swallowed)
        elif isinstance(node, ast.If | ast.For | ast.AsyncFor | ast.While):
            yield from _visit(node.body, depth + 1, swallowed)
            yield from _visit(node.orelse, depth + 1, swallowed)
        elif isinstance(node, ast.Match):
            for case in node.cases:
                yield from _visit(case.body, depth + 1, swallowed)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _visit(node.body, depth, swallowed)


def _awaited(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Await) else node


def _is_check(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = dotted(node).rpartition(".")[2]
    return name.lstrip("_").startswith(_CHECK_PREFIXES) or name == "fail"


def _suppresses(node: ast.expr) -> bool:
    return dotted(node).rpartition(".")[2] == "suppress" and any(
        dotted(arg).rpartition(".")[2] in _BROAD | {"AssertionError"} for arg in getattr(node, "args", [])
    )


def _catches_failures(handler: ast.ExceptHandler) -> bool:
    """Does this handler catch an AssertionError and not pass it on?"""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {dotted(kind).rpartition(".")[2] if kind else "BaseException" for kind in kinds}
    if not names & (_BROAD | {"AssertionError"}):
        return False
    return not any(isinstance(node, ast.Raise) or _fails(node) for inner in handler.body for node in ast.walk(inner))


def _fails(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and dotted(node).rpartition(".")[2] == "fail")


def is_weaker(now: Assertion, was: Assertion) -> bool:
    """Does `now` demand clearly less than `was`?

    Only clear cases: an assertion that always holds, a looser kind of comparison, a wider exception, a wider
    tolerance. Another expected value is not weaker; whether it is right is for the tests' owner to say.
    """
    strength_now, strength_was = strength(now.node), strength(was.node)
    if strength_now < strength_was:
        return True
    if _wider_exception(now.node, was.node):
        return True
    return _tolerance(now.node) > _tolerance(was.node)


def strength(node: ast.expr) -> int:
    """How much an assertion demands: 4 an exact value, 3 a value within a tolerance, 2 a part or a side, 1 hardly
    anything (truth, a type, "not this"), 0 nothing at all."""
    if _always_true(node):
        return _NOTHING
    if isinstance(node, ast.BoolOp):
        parts = [strength(value) for value in node.values]
        return max(parts) if isinstance(node.op, ast.And) else min(*parts, _PARTIAL)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _PARTIAL
    if isinstance(node, ast.Compare):
        return max(_comparison(op, right) for op, right in zip(node.ops, node.comparators, strict=True))
    if isinstance(node, ast.Call):
        return _call(node)
    return _LOOSE


def _comparison(op: ast.cmpop, right: ast.expr) -> int:
    if isinstance(op, ast.Eq):
        return _APPROXIMATE if dotted(right).rpartition(".")[2] == "approx" else _EXACT
    if isinstance(op, ast.Is):
        return _EXACT
    if isinstance(op, ast.IsNot | ast.NotEq | ast.NotIn):
        return _LOOSE
    return _PARTIAL


def _call(node: ast.Call) -> int:
    name = dotted(node).rpartition(".")[2]
    if name in ("assertTrue", "assertFalse") and node.args:
        # `assertTrue(a == b)` demands what `a == b` demands.
        return strength(node.args[0]) if name == "assertTrue" else _PARTIAL
    if name in _EXACT_METHODS or name in _RAISES:
        return _EXACT
    if name in ("assertAlmostEqual", "assert_allclose", "isclose", "allclose"):
        return _APPROXIMATE
    if name in ("isinstance", "hasattr", "callable", "bool", "len") or name in _LOOSE_METHODS:
        return _LOOSE
    return _PARTIAL


def _always_true(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.Tuple | ast.List):
        return bool(node.elts)
    if isinstance(node, ast.BoolOp):
        truths = [_always_true(value) for value in node.values]
        return any(truths) if isinstance(node.op, ast.Or) else all(truths)
    if (
        isinstance(node, ast.Compare)
        and len(node.ops) == 1
        and isinstance(node.ops[0], ast.Eq | ast.Is | ast.LtE | ast.GtE)
    ):
        return ast.dump(node.left) == ast.dump(node.comparators[0])
    if isinstance(node, ast.Call):
        name, args = dotted(node).rpartition(".")[2], node.args
        if name == "assertTrue" and args:
            return _always_true(args[0])
        if name in _EXACT_METHODS and len(args) >= 2:
            return ast.dump(args[0]) == ast.dump(args[1])
    return False


def _wider_exception(now: ast.expr, was: ast.expr) -> bool:
    """`pytest.raises(ValueError, match="x")` to `raises(Exception)`, or without the match."""
    if not (isinstance(now, ast.Call) and isinstance(was, ast.Call)):
        return False
    if not {dotted(now).rpartition(".")[2], dotted(was).rpartition(".")[2]} <= _RAISES:
        return False
    before, after = _kinds(was), _kinds(now)
    if after & _BROAD and not before & _BROAD:
        return True
    matched = any(keyword.arg == "match" for keyword in was.keywords)
    return after > before or (matched and not any(keyword.arg == "match" for keyword in now.keywords))


def _kinds(node: ast.Call) -> frozenset[str]:
    if not node.args:
        return frozenset()
    first = node.args[0]
    return frozenset(dotted(kind) for kind in (first.elts if isinstance(first, ast.Tuple) else [first]))


def _tolerance(node: ast.expr) -> float:
    """Widest literal tolerance in the expression; fewer `places` are a wider one."""
    widest = 0.0
    for inner in ast.walk(node):
        if isinstance(inner, ast.keyword) and isinstance(inner.value, ast.Constant):
            value = inner.value.value
            if isinstance(value, int | float):
                if inner.arg in ("abs", "rel", "delta", "atol", "rtol", "rel_tol", "abs_tol"):
                    widest = max(widest, float(value))
                elif inner.arg == "places":
                    widest = max(widest, 10.0**-value)
    return widest
