"""Mutants of Python code. Docstrings, log and error texts, type hints and `__repr__` are left alone."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.checks.mutants import Mutant, spread
from core.checks.source_lines import changed_lines, dotted, parse_python

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_QUIET_CALLS = frozenset({"print", "warn", "debug", "info", "warning", "error", "exception", "critical", "log"})
_QUIET_FUNCTIONS = frozenset({"__repr__", "__str__", "__hash__", "__del__"})


@dataclass(frozen=True, slots=True)
class _Change:
    """A node, and how a copy of it is made wrong."""

    node: ast.expr | ast.stmt
    description: str
    replacement: ast.expr | ast.stmt

    @property
    def line(self) -> int:
        return self.node.lineno


def make_mutants(before: bytes | None, after: bytes, path: str, limit: int, seed: int) -> tuple[Mutant, ...]:
    """Up to `limit` mutants of the changed lines, spread over them; the same for the same seed.

    Each compiles and means something else than `after`. None for unreadable code or a file without such lines.
    """
    tree = parse_python(after)
    if tree is None or limit <= 0:
        return ()
    lines = changed_lines(before, after)
    changes = [change for change in _changes(tree) if change.line in lines]
    mutants: list[Mutant] = []
    seen = {ast.dump(tree)}
    for change in spread(changes, seed):
        if len(mutants) == limit:
            break
        content = _splice(after, change)
        mutated = parse_python(content) if content is not None else None
        if content is None or mutated is None or ast.dump(mutated) in seen:
            continue
        seen.add(ast.dump(mutated))
        mutants.append(Mutant(path, change.line, change.description, content))
    return tuple(sorted(mutants, key=lambda mutant: (mutant.line, mutant.description)))


def _splice(source: bytes, change: _Change) -> bytes | None:
    """Put the replacement where the node stands; the rest of the file keeps every byte."""
    lines = source.splitlines(keepends=True)
    node = change.node
    if node.end_lineno is None or node.end_col_offset is None:
        return None
    bom = 3 if source.startswith(b"\xef\xbb\xbf") else 0
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset + (bom if node.lineno == 1 else 0)
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset + (bom if node.end_lineno == 1 else 0)
    text = ast.unparse(change.replacement)
    if isinstance(node, ast.expr):
        text = f"({text})"
    elif "\n" in text:
        return None
    return source[:start] + text.encode() + source[end:]


# --- where a change can be noticed -----------------------------------------------------------------------


def _changes(tree: ast.Module) -> Iterator[_Change]:
    for node in _live(tree):
        for operator in _OPERATORS:
            yield from operator(node)


def _live(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes that tests can be expected to notice."""
    for child in _children(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child.name in _QUIET_FUNCTIONS:
            continue
        if isinstance(child, ast.JoinedStr) or _is_quiet(child) or _is_main_guard(child):
            continue
        yield child
        yield from _live(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Children without type hints and decorators."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "type_comment"):
            continue
        if isinstance(value, ast.AST):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, ast.AST))


def _is_quiet(node: ast.AST) -> bool:
    """A docstring, a log line or the text of an error."""
    if isinstance(node, ast.Raise):
        return True
    if isinstance(node, ast.Expr):
        value = node.value
        return isinstance(value, ast.Constant) or (
            isinstance(value, ast.Call) and dotted(value).rpartition(".")[2] in _QUIET_CALLS
        )
    return False


def _is_main_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


# --- the operators ---------------------------------------------------------------------------------------


def _flip_comparison(node: ast.AST) -> Iterator[_Change]:
    if not isinstance(node, ast.Compare):
        return
    for place, op in enumerate(node.ops):
        for flipped in _COMPARISONS[type(op)]:
            changed = copy.deepcopy(node)
            changed.ops[place] = flipped()
            yield _Change(node, f"`{_symbol(op)}` became `{_symbol(flipped())}`", changed)


def _flip_arithmetic(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC and not _is_text(node):
        changed = copy.deepcopy(node)
        changed.op = _ARITHMETIC[type(node.op)]()
        yield _Change(node, f"`{_symbol(node.op)}` became `{_symbol(changed.op)}`", changed)
    if isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC and not _is_string(node.value):
        step = copy.deepcopy(node)
        step.op = _ARITHMETIC[type(node.op)]()
        yield _Change(node, f"`{_symbol(node.op)}=` became `{_symbol(step.op)}=`", step)


def _shift_constant(node: ast.AST) -> Iterator[_Change]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield _Change(node, f"`{node.value}` became `{not node.value}`", ast.Constant(not node.value))
    elif isinstance(node.value, int | float):
        for step in (1, -1):
            yield _Change(node, f"`{node.value}` became `{node.value + step}`", ast.Constant(node.value + step))


def _swap_and_or(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, ast.BoolOp):
        changed = copy.deepcopy(node)
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        was, now = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        yield _Change(node, f"`{was}` became `{now}`", changed)


def _negate_condition(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.Constant):
        test = node.test
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yield _Change(test, f"`not` was dropped from `{_short(test)}`", test.operand)
        else:
            yield _Change(test, f"`{_short(test)}` was negated", ast.UnaryOp(ast.Not(), test))


def _return_nothing(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield _Change(node.value, f"`return {_short(node.value)}` became `return None`", ast.Constant(None))


def _remove_statement(node: ast.AST) -> Iterator[_Change]:
    """A call or an update that is not done; a plain assignment would only end in a NameError."""
    removable = isinstance(node, ast.AugAssign | ast.Delete | ast.Continue | ast.Break) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await)
    )
    stored = isinstance(node, ast.Assign) and all(isinstance(to, ast.Attribute | ast.Subscript) for to in node.targets)
    if (removable or stored) and isinstance(node, ast.stmt):
        yield _Change(node, f"`{_short(node)}` was removed", ast.Pass())


_OPERATORS: tuple[Callable[[ast.AST], Iterator[_Change]], ...] = (
    _flip_comparison,
    _flip_arithmetic,
    _shift_constant,
    _swap_and_or,
    _negate_condition,
    _return_nothing,
    _remove_statement,
)


def _symbol(op: ast.cmpop | ast.operator) -> str:
    if isinstance(op, ast.cmpop):
        return ast.unparse(ast.Compare(ast.Name("a"), [op], [ast.Name("b")]))[2:-2]
    return ast.unparse(ast.BinOp(ast.Name("a"), op, ast.Name("b")))[2:-2]


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 40 else f"{text[:39]}…"


def _is_text(node: ast.BinOp) -> bool:
    """`"a" + b` or `"%s" % b`: arithmetic on it is a TypeError, which any test notices."""
    return _is_string(node.left) or _is_string(node.right)


def _is_string(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_text(node)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
