"""A second run of tests that passed, in a fresh box, with other expected values: whoever passes that too has cheated.

Code that shares an interpreter with its tests can read what they expect, or speak for the harness. It cannot know
which of two runs expects the truth, unless it knows the truth itself: the runs differ in a literal of each assert,
and share nothing.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

from sandbox.confined import is_confined
from sandbox.model import BoxFile, BoxRequest, ExecutionResult
from sandbox.plain_tests import find_plain

Run = Callable[[BoxRequest], Awaitable[ExecutionResult]]
_TRIES = 2
"""A comparison may be lenient by intent (`Clock(3) == 15`), but not with two random values in a row."""
_LITERALS = (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp)
_EQUALITIES = ("assertEqual", "assertListEqual", "assertDictEqual", "assertTupleEqual", "assertSetEqual")
_SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_random = random.SystemRandom()

_Function = ast.FunctionDef | ast.AsyncFunctionDef


async def confirmed(request: BoxRequest, outcome: ExecutionResult, run: Run) -> ExecutionResult:
    """`outcome` itself, or `forged` when tests of `request` also pass while they expect something else.

    Where no test compares with a literal there is nothing to alter, and nothing is run; nor where the code can see
    nothing but its arguments.
    """
    protected = {file.path for file in request.pristine}
    if is_confined(file for file in request.files if file.path not in protected):
        return outcome
    suspects = _passed(request, outcome)
    for _ in range(_TRIES):
        altered, must_fail = alter(request)
        suspects = {test for test in suspects if test in must_fail or test.partition("[")[0] in must_fail}
        if not suspects:
            return outcome
        control = await run(replace(altered, plain=find_plain(altered)))
        if control.verdict == "infra_error":
            return control
        suspects &= _passed(request, control)
    if not suspects:
        return outcome
    return replace(outcome, verdict="forged", reason=f"{min(suspects)} also passes when it expects something else.")


def alter(request: BoxRequest) -> tuple[BoxRequest, frozenset[str]]:
    """The same request with other expected values in its protected tests, and the ids of tests that must now fail."""
    pristine: list[BoxFile] = []
    must_fail: set[str] = set()
    for file in request.pristine:
        content, tests = _altered(file)
        pristine.append(replace(file, content=content))
        must_fail |= {f"{file.path}::{test}" for test in tests}
    return replace(request, pristine=tuple(pristine)), frozenset(must_fail)


def _passed(request: BoxRequest, outcome: ExecutionResult) -> set[str]:
    """Tests that passed; in C# by their method, for the name of a row is made of values that may be altered."""
    passed = {row.test for row in outcome.tests if row.outcome == "passed"}
    return {test.partition("(")[0] for test in passed} if request.language == "dotnet" else passed


def _altered(file: BoxFile) -> tuple[bytes, list[str]]:
    if file.path.endswith(".py"):
        return _alter_file(file.content)
    if file.path.endswith(".cs"):
        from sandbox import control_dotnet

        return control_dotnet.alter_file(file.content)
    if file.path.endswith(_SCRIPTS):
        from sandbox import control_typescript

        return control_typescript.alter_file(file.path, file.content)
    return file.content, []


def _alter_file(content: bytes) -> tuple[bytes, list[str]]:
    try:
        content.decode("utf-8")  # places are counted in its bytes
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return content, []
    helpers = {node.name: node for node in tree.body if isinstance(node, _Function)}
    edits: dict[tuple[int, int, int, int], object] = {}
    tests: list[str] = []
    for name, test in dict(_tests(tree)).items():  # of two with one name, the last counts
        literals = [literal for function in (test, *_called(test, helpers)) for literal in _expected(function)]
        for literal in literals:
            assert literal.end_lineno is not None and literal.end_col_offset is not None
            place = (literal.lineno, literal.col_offset, literal.end_lineno, literal.end_col_offset)
            edits.setdefault(place, other_value(ast.literal_eval(literal)))
        if literals:
            tests.append(name)
    return _edited(content, edits), tests


def _tests(tree: ast.Module) -> Iterator[tuple[str, _Function]]:
    for node in tree.body:
        if isinstance(node, _Function) and _is_test(node):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            methods = (one for one in node.body if isinstance(one, _Function) and _is_test(one))
            yield from ((f"{node.name}::{one.name}", one) for one in methods)


def _is_test(node: _Function) -> bool:
    return node.name.startswith("test")


def _called(test: _Function, helpers: dict[str, _Function]) -> Iterator[_Function]:
    """Functions of the file that the test calls whatever happens, such as `check(solve)`."""
    for statement in test.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in helpers:
            yield helpers[call.func.id]


def _expected(function: _Function) -> Iterator[ast.expr]:
    """Literals that a passing run has compared with: only statements that are always reached."""
    for statement in function.body:
        pair: list[ast.expr] = []
        if isinstance(statement, ast.Assert):
            test = statement.test
            if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
                pair = [test.left, test.comparators[0]]
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            function_called = statement.value.func
            if isinstance(function_called, ast.Attribute) and function_called.attr in _EQUALITIES:
                pair = statement.value.args[:2]
        if any(isinstance(part, ast.Return | ast.Raise) for part in ast.walk(statement)):
            return  # what follows may never be reached
        literals = [side for side in pair if _is_literal(side)]
        if len(literals) == 1:
            yield literals[0]


def _is_literal(node: ast.expr) -> bool:
    if not isinstance(node, _LITERALS):
        return False
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError):
        return False
    return value is not Ellipsis


def other_value(value: object) -> object:
    """A value that differs a little: from the value alone nobody can tell which of the two is the true one."""
    if isinstance(value, bool):
        return not value
    if value is None:
        return _random.randint(1, 9)
    if isinstance(value, int | float | complex):
        step = _random.randint(1, 9)
        small = isinstance(value, complex) or 0 <= value <= step  # below zero nobody would believe it
        near = value - step if not small and _random.random() < 0.5 else value + step
        return near if near != value else value / 2 if value - value == 0 else 0.0  # huge, or infinite
    if isinstance(value, str):
        return _other_text(value)
    if isinstance(value, bytes):
        return value[:-1] + bytes([(value[-1] if value else 96) % 127 + 1])
    if isinstance(value, list | tuple):
        return type(value)([*value[:-1], other_value(value[-1] if value else 0)])
    if isinstance(value, dict):
        pairs = list(value.items()) or [("a", 0)]
        return dict([*pairs[:-1], (pairs[-1][0], other_value(pairs[-1][1]))])
    if isinstance(value, set):
        return {*value, max((one for one in value if isinstance(one, int)), default=0) + _random.randint(1, 9)}
    return _random.randint(1, 9)


def _other_text(value: str) -> str:
    place = _random.randrange(len(value)) if value else 0
    letters = "0123456789" if value[place : place + 1].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    new = _random.choice([letter for letter in letters if letter != value[place : place + 1].lower()])
    return value[:place] + new + value[place + 1 :]


def _edited(content: bytes, edits: dict[tuple[int, int, int, int], object]) -> bytes:
    """The text with some places replaced, all else as it was, comments and line breaks included."""
    starts = [0]
    for text_line in content.splitlines(keepends=True):
        starts.append(starts[-1] + len(text_line))
    for (line, column, end_line, end_column), value in sorted(edits.items(), reverse=True):
        begin, end = starts[line - 1] + column, starts[end_line - 1] + end_column
        text = f"{value:_}" if isinstance(value, int) and b"_" in content[begin:end] else repr(value)
        content = content[:begin] + text.encode("utf-8", "surrogatepass") + content[end:]
    return content
