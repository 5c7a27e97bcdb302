"""Python shortcuts that make a check pass without the code being right."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping

from core.checks.findings import Finding
from core.checks.source_lines import dotted, parse_python
from core.checks.test_files import is_test_path, steers_tests
from core.checks.tricks import Trick, find_new_tricks

_SUPPRESSIONS = re.compile(
    r"#.*?(type:\s*ignore|noqa|pylint:\s*disable|pyright:\s*ignore|mypy:\s*ignore|ruff:\s*noqa|flake8:\s*noqa|nosec)",
    re.IGNORECASE,
)
_RUNNERS = frozenset({"pytest", "_pytest", "unittest"})
_RUNNER_VARIABLES = frozenset({"PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_WORKER"})
_PATCHED = frozenset({"pytest", "_pytest", "unittest", "builtins", "__builtins__"})
_BROAD = frozenset({"Exception", "BaseException"})
_HARD_EXITS = frozenset({"os._exit", "os.abort", "os.kill", "signal.raise_signal"})
_EXITS = frozenset({"sys.exit", "exit", "quit", "SystemExit"})


def find_code_cheats(base: Mapping[str, bytes], candidate: Mapping[str, bytes]) -> Iterator[Finding]:
    """Tricks of the candidate that the base did not have."""
    return find_new_tricks(base, candidate, lambda path: path.endswith((".py", ".pyi")), _tricks)


def _tricks(path: str, source: bytes) -> Iterator[Trick]:
    yield from _comments(path, source)
    tree = parse_python(source)
    if tree is None:
        return
    rules: list[Callable[[ast.AST], _Hit | None]] = [_swallowed_error, _hard_exit, _runner_detection]
    if not (is_test_path(path) or steers_tests(path)):
        rules += [_patched_runner, _always_equal]
    for node in ast.walk(tree):
        for rule in rules:
            if hit := rule(node):
                yield _trick(path, node, hit)
    for node in _import_level(tree.body):
        if hit := _exit_at_import(node):
            yield _trick(path, node, hit)


_Hit = tuple[str, str, str]
"""Rule, what is wrong, what to do instead."""


def _trick(path: str, node: ast.AST, hit: _Hit) -> Trick:
    rule, message, fix = hit
    return Trick(rule, ast.unparse(node), path, getattr(node, "lineno", 0), message, fix)


def _comments(path: str, source: bytes) -> Iterator[Trick]:
    try:
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            found = _SUPPRESSIONS.match(token.string) if token.type == tokenize.COMMENT else None
            if found:
                text = token.string.strip()
                yield Trick(
                    "suppression_added",
                    " ".join(text.lower().split()),
                    path,
                    token.start[0],
                    f"`{text}` silences a checker.",
                    "Remove the comment and mend what the checker says.",
                )
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return


def _swallowed_error(node: ast.AST) -> _Hit | None:
    if isinstance(node, ast.Call) and dotted(node).rpartition(".")[2] == "suppress":
        if not any(dotted(arg) in _BROAD for arg in node.args):
            return None
        return "error_swallowed", "`suppress(Exception)` hides every failure.", _NAME_THE_ERROR
    if not isinstance(node, ast.ExceptHandler):
        return None
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    if not any(kind is None or dotted(kind) in _BROAD for kind in kinds):
        return None
    silent = all(
        isinstance(inner, ast.Pass | ast.Continue)
        or (isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant))
        for inner in node.body
    )
    if not silent:
        return None
    caught = f"except {ast.unparse(node.type)}" if node.type else "except"
    return "error_swallowed", f"`{caught}: pass` hides every failure.", _NAME_THE_ERROR


_NAME_THE_ERROR = "Catch the one exception that is expected, and handle it."


def _hard_exit(node: ast.AST) -> _Hit | None:
    if isinstance(node, ast.Call) and dotted(node.func) in _HARD_EXITS:
        what = f"`{ast.unparse(node)}` can end the test process before it reports."
        return "process_exit", what, "Return, or raise an exception."
    return None


def _exit_at_import(node: ast.AST) -> _Hit | None:
    if isinstance(node, ast.Call) and dotted(node.func) in _EXITS:
        what = f"`{ast.unparse(node)}` runs when the module is imported and ends the tests."
        return "exit_at_import", what, 'Move it under `if __name__ == "__main__":`.'
    return None


def _import_level(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Nodes that run on import; functions, and the `__main__` part, do not."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            continue
        nested = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.stmt | ast.ExceptHandler):
                yield from (inner for inner in ast.walk(child) if not isinstance(inner, ast.Lambda))
            elif isinstance(child, ast.ExceptHandler):
                nested += child.body
        yield from _import_level(nested)


def _runner_detection(node: ast.AST) -> _Hit | None:
    fix = "The code must behave the same whether or not it is being tested."
    if isinstance(node, ast.Constant) and node.value in _RUNNER_VARIABLES:
        return "runner_detected", f"`{node.value}` tells the code that it is being tested.", fix
    if isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant) and node.left.value in _RUNNERS:
        where = " ".join(dotted(part.value if isinstance(part, ast.Subscript) else part) for part in node.comparators)
        if "sys.modules" in where or "sys.argv" in where:
            return "runner_detected", f"`{ast.unparse(node)}` looks for the test runner.", fix
    if isinstance(node, ast.Call) and dotted(node.func) in ("sys.modules.get", "sys.modules.__contains__"):
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and first.value in _RUNNERS:
            return "runner_detected", f"`{ast.unparse(node)}` looks for the test runner.", fix
    return None


def _patched_runner(node: ast.AST) -> _Hit | None:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    elif isinstance(node, ast.Call) and dotted(node.func) in ("setattr", "delattr") and node.args:
        root = dotted(node.args[0]).partition(".")[0]
        return _patching(node) if root in _PATCHED else None
    for target in targets:
        inner = target.value if isinstance(target, ast.Subscript) else target
        name = dotted(inner)
        patched = "." in name and name.partition(".")[0] in _PATCHED
        planted = name == "sys.modules" and any(runner in ast.unparse(target) for runner in _RUNNERS)
        if patched or planted:
            return _patching(node)
    return None


def _patching(node: ast.AST) -> _Hit:
    what = f"`{ast.unparse(node)}` changes the test runner or Python itself."
    return "runner_patched", what, "Change the code under test only."


def _always_equal(node: ast.AST) -> _Hit | None:
    if not (isinstance(node, ast.FunctionDef) and node.name in ("__eq__", "__ne__") and node.body):
        return None
    *before, answer = node.body
    bare = all(isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant) for inner in before)
    constant = answer.value if isinstance(answer, ast.Return) and isinstance(answer.value, ast.Constant) else None
    if not bare or constant is None or constant.value is not (node.name == "__eq__"):
        return None
    return "always_equal", f"`{node.name}` gives the same answer for every object.", "Compare the values."
