"""Honest equality in test files: `==`, `!=` and `in` there ask the operands more than once.

An object whose `__eq__` always says yes passes most tests ever written. So a comparison that holds is repeated,
mixed with comparisons that cannot hold; a value that claims those too fails the test. Values of C types cannot lie
(their methods cannot be replaced) and cost one check.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import types
import unittest
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

from _pytest.assertion import rewrite
from _pytest.config import Config

from . import liars

_NAME = "@nexus"
_TRUTH = "nexus_truth"
_OPERATORS: dict[type[ast.cmpop], str] = {ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in"}


def install(protected: Iterable[str]) -> None:
    """Put the honest comparison into pytest's rewriting of test modules and into unittest's assert methods."""
    files = frozenset(protected)

    def rewrite_test(fn: Path, config: Config) -> tuple[bytes, types.CodeType]:
        source = fn.read_bytes() if str(fn) not in files else _from_memory(fn)
        tree = ast.parse(source, filename=str(fn))
        mark_truths(tree)
        rewrite.rewrite_asserts(tree, source, str(fn), config)
        code = compile(make_honest(tree), str(fn), "exec", dont_inherit=True)
        liars.trust(code)
        return importlib.util.source_hash(source), code

    rewrite._rewrite_test = rewrite_test
    rewrite._read_pyc = _no_cache
    _wrap_unittest()


def run_source(source: str, name: str) -> None:
    """Run a control test through the same transformations as a test module."""
    tree = ast.parse(f"import pytest, unittest\n{source}\n", filename=name)
    mark_truths(tree)
    rewrite.rewrite_asserts(tree, source.encode(), name)
    exec(compile(make_honest(tree), name, "exec", dont_inherit=True), {})  # noqa: S102 - inside the box


def make_honest(tree: ast.Module) -> ast.Module:
    """Replace single comparisons by calls, and bring the function into the module's reach."""
    _Replace().visit(tree)
    place = 0
    for statement in tree.body:
        text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (text or future):
            break
        place += 1
    bring = ast.ImportFrom(module=liars.__name__, names=[ast.alias("compare", _NAME)], level=0)
    bring.lineno = bring.end_lineno = 1
    bring.col_offset = bring.end_col_offset = 0
    # Only the new nodes: pytest leaves ends open in some of its own, and filling them in from outside breaks them.
    tree.body.insert(place, ast.fix_missing_locations(bring))
    return tree


def mark_truths(tree: ast.Module) -> None:
    """Mark the comparisons whose value an assert takes as true or false, before pytest takes the assert apart.

    The mark is on the operator, the one node that pytest's rewriting carries over.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            for comparison in _truths(node.test):
                comparison.ops = [type(op)() for op in comparison.ops]
                for op in comparison.ops:
                    setattr(op, _TRUTH, True)


def _truths(test: ast.expr) -> Iterator[ast.Compare]:
    if isinstance(test, ast.Compare):
        yield test
    elif isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _truths(value)
    elif isinstance(test, ast.UnaryOp):
        yield from _truths(test.operand)


class _Replace(ast.NodeTransformer):
    """`a == b` becomes `compare("==", a, b, is_truth)`."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        sort = _OPERATORS.get(type(node.ops[0]))
        if len(node.ops) != 1 or sort is None:
            return node
        is_truth = ast.Constant(getattr(node.ops[0], _TRUTH, False))
        arguments: list[ast.expr] = [ast.Constant(sort), node.left, node.comparators[0], is_truth]
        call = ast.copy_location(ast.Call(ast.Name(_NAME, ast.Load()), arguments, []), node)
        return ast.fix_missing_locations(call)


def _from_memory(path: Path) -> bytes:
    import importlib.machinery

    return importlib.machinery.SourceFileLoader("protected", str(path)).get_data(str(path))


def _no_cache(source: Path, pyc: Path, trace: Callable[[str], None] = print) -> None:
    """Rewritten bytecode on disk could come from the code under test."""


def _wrap_unittest() -> None:
    pairs = {
        "assertEqual": "==",
        "assertNotEqual": "!=",
        "assertSequenceEqual": "==",
        "assertListEqual": "==",
        "assertTupleEqual": "==",
        "assertSetEqual": "==",
        "assertDictEqual": "==",
        "assertCountEqual": "count",
        "assertIn": "in",
        "assertNotIn": "not in",
    }
    for name, sort in pairs.items():
        method = cast("Callable[..., None]", getattr(unittest.TestCase, name))
        setattr(unittest.TestCase, name, _checked(method, sort))


def _checked(method: Callable[..., None], sort: str) -> Callable[..., None]:
    @functools.wraps(method)
    def checked(self: unittest.TestCase, first: object, second: object, *args: object, **kwargs: object) -> None:
        __tracebackhide__ = True
        method(self, first, second, *args, **kwargs)
        liars.confirm(sort, first, second)

    return checked
