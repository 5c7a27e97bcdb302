"""Rewrites the syntax tree of a test file so that its comparisons ask `liars.compare`.

Works on the C classes of `_ast` alone: the module `ast` costs every box 10 ms.
"""

from __future__ import annotations

import _ast

from . import liars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "@nexus"
_TRUTH = "nexus_truth"
_OPERATORS: dict[type[_ast.AST], str] = {_ast.Eq: "==", _ast.NotEq: "!=", _ast.In: "in", _ast.NotIn: "not in"}


def parse(source: str | bytes, name: str) -> _ast.Module:
    """Raises SyntaxError, or ValueError for bytes that are no text."""
    tree = compile(source, name, "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, _ast.Module)
    return tree


def make_honest(tree: _ast.Module) -> _ast.Module:
    """Replace single comparisons by calls, and bring the function into the module's reach."""
    _replace_in(tree)
    place = 0
    for statement in tree.body:
        text = isinstance(statement, _ast.Expr) and isinstance(statement.value, _ast.Constant)
        future = isinstance(statement, _ast.ImportFrom) and statement.module == "__future__"
        if not (text or future):
            break
        place += 1
    name = _ast.alias("compare", _NAME)
    bring = _ast.ImportFrom(module=liars.__name__, names=[name], level=0)
    for node in (name, bring):
        node.lineno = node.end_lineno = 1
        node.col_offset = node.end_col_offset = 0
    tree.body.insert(place, bring)
    return tree


def mark_truths(tree: _ast.Module) -> None:
    """Mark the comparisons whose value an assert takes as true or false, before pytest takes the assert apart.

    The mark is on the operator, the one node that pytest's rewriting carries over.
    """
    for node in _walk(tree):
        if isinstance(node, _ast.Assert):
            for comparison in _truths(node.test):
                comparison.ops = [type(op)() for op in comparison.ops]
                for op in comparison.ops:
                    setattr(op, _TRUTH, True)


def _truths(test: _ast.expr) -> Iterator[_ast.Compare]:
    if isinstance(test, _ast.Compare):
        yield test
    elif isinstance(test, _ast.BoolOp):
        for value in test.values:
            yield from _truths(value)
    elif isinstance(test, _ast.UnaryOp):
        yield from _truths(test.operand)


def _walk(tree: _ast.AST) -> Iterator[_ast.AST]:
    left = [tree]
    while left:
        node = left.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                left.extend(item for item in value if isinstance(item, _ast.AST))
            elif isinstance(value, _ast.AST):
                left.append(value)


def _replace_in(node: _ast.AST) -> None:
    """`a == b` becomes `compare("==", a, b, is_truth)`, from the inside out."""
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            value[:] = [_replaced(item) if isinstance(item, _ast.AST) else item for item in value]
        elif isinstance(value, _ast.AST):
            setattr(node, name, _replaced(value))


def _replaced(node: _ast.AST) -> _ast.AST:
    _replace_in(node)
    if not isinstance(node, _ast.Compare):
        return node
    sort = _OPERATORS.get(type(node.ops[0]))
    if len(node.ops) != 1 or sort is None:
        return node
    compare, text = _ast.Name(_NAME, _ast.Load()), _ast.Constant(sort)
    is_truth = _ast.Constant(getattr(node.ops[0], _TRUTH, False))
    call = _ast.Call(compare, [text, node.left, node.comparators[0], is_truth], [])
    # Only the new nodes: pytest leaves ends open in some of its own, and filling them in from outside breaks them.
    for new in (compare, text, is_truth, call):
        new.lineno, new.col_offset = node.lineno, node.col_offset
        new.end_lineno, new.end_col_offset = node.end_lineno, node.end_col_offset
    return call
