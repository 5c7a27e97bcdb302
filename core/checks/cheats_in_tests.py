"""Existing Python tests that an attempt removed, hid or made easier to pass.

Tests are compared by qualified name, wherever they live now: a test moved whole is the same test. Each assertion is
reduced to what it demands, so reformatting or reordering is not a change.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from core.checks.findings import Finding
from core.checks.source_lines import dotted, parse_python
from core.checks.strictness import Assertion, assertions_of, is_weaker
from core.checks.test_files import is_test_module, is_test_path

TestFunction = ast.FunctionDef | ast.AsyncFunctionDef

SKIP_MARKS = frozenset({"skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure", "SkipTest"})
_LEAVING_CALLS = frozenset(
    {"pytest.skip", "pytest.xfail", "pytest.exit", "pytest.importorskip", "self.skipTest"}
    | {"sys.exit", "os._exit", "exit", "quit"}
)


@dataclass(frozen=True, slots=True)
class Test:
    """One test function with what surrounds it."""

    __test__ = False
    path: str
    name: str
    """`Class.test_name` or `test_name`."""
    node: TestFunction
    marks: tuple[ast.expr, ...]
    """Decorators of the function and of its classes."""
    hidden: int
    """How many `if` or `try` statements decide whether it exists."""


def find_test_cheats(base: Mapping[str, bytes], candidate: Mapping[str, bytes]) -> Iterator[Finding]:
    """Compare every test file of `base` with the candidate."""
    fresh = (path for path in candidate if path not in base and is_test_module(path))
    moved_to = {test.name: test for path in fresh for test in _tests_at(candidate, path)}
    bodies = {_body(test.node): test for path in candidate for test in _tests_at(candidate, path, strict=False)}
    for path in sorted(base):
        if not (path.endswith(".py") and is_test_path(path)) or base[path] == candidate.get(path):
            continue
        before = {test.name: test for test in _tests_at(base, path)}
        if before and path in candidate and parse_python(candidate[path]) is None:
            yield _finding("test_file_unreadable", path, 0, f"{path} had tests and cannot be read as Python any more.")
            continue
        after = {test.name: test for test in _tests_at(candidate, path)}
        for name, old in before.items():
            new = after.get(name) or moved_to.get(name)
            yield from _gone(old, bodies.get(_body(old.node))) if new is None else _compare(old, new)
        yield from _module_level(path, base[path], candidate.get(path))


def _tests_at(files: Mapping[str, bytes], path: str, strict: bool = True) -> Iterator[Test]:
    tree = parse_python(files.get(path)) if path.endswith(".py") and is_test_path(path) else None
    if tree is not None:
        yield from _walk(tree.body, path, "", (), 0, strict)


def _walk(
    body: list[ast.stmt], path: str, owner: str, marks: tuple[ast.expr, ...], hidden: int, strict: bool
) -> Iterator[Test]:
    """Test functions at module and class level. `strict` leaves out what pytest and unittest do not collect."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test") or not strict:
                yield Test(path, owner + node.name, node, (*marks, *node.decorator_list), hidden)
        elif isinstance(node, ast.ClassDef):
            if _is_collected(node) or not strict:
                inner = (*marks, *node.decorator_list)
                yield from _walk(node.body, path, f"{owner}{node.name}.", inner, hidden, strict)
        elif isinstance(node, ast.If | ast.Try):
            nested = [*node.body, *node.orelse]
            yield from _walk(nested, path, owner, marks, hidden + 1, strict)


def _is_collected(node: ast.ClassDef) -> bool:
    return node.name.startswith("Test") or any("TestCase" in dotted(base) for base in node.bases)


def _gone(old: Test, twin: Test | None) -> Iterator[Finding]:
    if twin is not None:
        what = f"The existing test {old.name} of {old.path} was renamed or hidden as {twin.name} in {twin.path}."
        yield _finding("test_renamed", old.path, old.node.lineno, what, f"Give the test its name {old.name} back.")
        return
    what = f"The existing test {old.name} of {old.path} is gone."
    yield _finding("test_removed", old.path, old.node.lineno, what, "Put the test back and make the code pass it.")


def _compare(old: Test, new: Test) -> Iterator[Finding]:
    if old.path != new.path:
        what = f"The test {old.name} moved from {old.path} to {new.path}."
        yield Finding("anti_cheat.test_moved", "warning", new.path, new.node.lineno, what)
    fix = f"Restore {old.name} as it was; change the code under test instead."
    for rule, line, what in chain(_marks(old, new), _body_changes(old, new)):
        yield _finding(rule, new.path, line, f"{what} in the existing test {old.name}.", fix)


def _marks(old: Test, new: Test) -> Iterator[tuple[str, int, str]]:
    if new.hidden > old.hidden:
        yield "test_made_conditional", new.node.lineno, "A new condition decides whether it runs"
    known = Counter(_mark_name(mark) for mark in old.marks)
    for mark in new.marks:
        name = _mark_name(mark)
        if name in SKIP_MARKS and not known[name]:
            yield "skip_added", mark.lineno, f"`{name}` was added"
        known[name] -= 1
    before, after = _parameter_sets(old.marks), _parameter_sets(new.marks)
    if before is not None and (after is None or after < before):
        yield "parameters_removed", new.node.lineno, f"It is run with {after or 1} sets of values instead of {before}"
    if _skipped_parameters(new.marks) > _skipped_parameters(old.marks):
        yield "skip_added", new.node.lineno, "A parameter set was marked to be skipped or to fail"


def _mark_name(mark: ast.expr) -> str:
    return dotted(mark).rpartition(".")[2]


def _parameter_sets(marks: tuple[ast.expr, ...]) -> int | None:
    """Number of runs that literal `parametrize` lists ask for; None when there is none to count."""
    total: int | None = None
    for mark in marks:
        if isinstance(mark, ast.Call) and _mark_name(mark) == "parametrize":
            keywords = [keyword.value for keyword in mark.keywords if keyword.arg == "argvalues"]
            values = mark.args[1] if len(mark.args) > 1 else keywords[0] if keywords else None
            if not isinstance(values, ast.List | ast.Tuple | ast.Set):
                return None
            total = (total or 1) * len(values.elts)
    return total


def _skipped_parameters(marks: tuple[ast.expr, ...]) -> int:
    calls = (node for mark in marks if _mark_name(mark) == "parametrize" for node in ast.walk(mark))
    return sum(isinstance(node, ast.Attribute) and node.attr in SKIP_MARKS for node in calls)


def _body_changes(old: Test, new: Test) -> Iterator[tuple[str, int, str]]:
    before, after = assertions_of(old.node), assertions_of(new.node)
    if _exits(new.node, after) > _exits(old.node, before):
        yield "early_exit", new.node.lineno, "A way to leave before the last assertion was added"
    yield from _guarded(before, after)
    lost, gained = _without(before, after), _without(after, before)
    if len(after) < len(before):
        yield "assertion_removed", new.node.lineno, f"{len(before)} assertions became {len(after)}"
        return
    for was, now in zip(lost, gained, strict=False):
        if is_weaker(now, was):
            yield "assertion_weakened", now.line, f"`{was.text}` was loosened to `{now.text}`"


def _without(these: list[Assertion], those: list[Assertion]) -> list[Assertion]:
    """`these` less `those`, as multisets of texts, in order."""
    known = Counter(assertion.text for assertion in those)
    left = []
    for assertion in these:
        if known[assertion.text]:
            known[assertion.text] -= 1
        else:
            left.append(assertion)
    return left


def _guarded(before: list[Assertion], after: list[Assertion]) -> Iterator[tuple[str, int, str]]:
    depth: dict[str, Assertion] = {}
    for assertion in before:
        depth.setdefault(assertion.text, assertion)
    for now in after:
        was = depth.get(now.text)
        if now.swallowed and not (was and was.swallowed):
            yield "assertion_swallowed", now.line, f"The failure of `{now.text}` is caught"
        elif was and now.depth > was.depth:
            yield "assertion_made_conditional", now.line, f"`{now.text}` no longer always runs"


def _exits(node: TestFunction, assertions: list[Assertion]) -> int:
    """Statements that end the test before its last assertion."""
    last = max((assertion.line for assertion in assertions), default=node.end_lineno or node.lineno)
    return sum(_leaves(inner) for inner in _own_nodes(node.body) if getattr(inner, "lineno", last) < last)


def _leaves(node: ast.AST) -> bool:
    return isinstance(node, ast.Return | ast.Raise) or (isinstance(node, ast.Call) and dotted(node) in _LEAVING_CALLS)


def _own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Nodes of a function, those of functions defined inside it left out."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield node
            yield from _own_nodes(ast.iter_child_nodes(node))


def _module_level(path: str, before: bytes, after: bytes | None) -> Iterator[Finding]:
    """Whole files switched off: `pytestmark`, module skips, `__test__ = False`, tests rebound or deleted."""
    new, old = parse_python(after), parse_python(before)
    if new is None or old is None:
        return
    known = Counter(_switch_off(node) for node in ast.walk(old))
    for node in ast.walk(new):
        switch = _switch_off(node)
        if not switch:
            continue
        if known[switch]:
            known[switch] -= 1
            continue
        line = getattr(node, "lineno", 0)
        yield _finding("tests_switched_off", path, line, f"`{switch}` was added: it keeps tests from running.")


def _switch_off(node: ast.AST) -> str:
    if isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        value = ast.unparse(node.value)
        hides = any(name == "__test__" for name in names) and value == "False"
        marks = "pytestmark" in names and any(mark in value for mark in ("skip", "xfail"))
        ignores = any(name in ("collect_ignore", "collect_ignore_glob") for name in names)
        rebinds = any(name.startswith("test_") for name in names) and isinstance(node.value, ast.Constant)
        return ast.unparse(node) if hides or marks or ignores or rebinds else ""
    if isinstance(node, ast.Delete):
        return ast.unparse(node) if any(dotted(target).startswith("test") for target in node.targets) else ""
    if isinstance(node, ast.Call) and any(keyword.arg == "allow_module_level" for keyword in node.keywords):
        return ast.unparse(node)
    return ""


def _body(node: TestFunction) -> str:
    return "\n".join(ast.unparse(statement) for statement in node.body)


def _finding(rule: str, path: str, line: int, message: str, fix: str = "Restore it.") -> Finding:
    return Finding(f"anti_cheat.{rule}", "error", path, line, message, fix, blocking=True)
