"""TypeScript and JavaScript shortcuts that make a check pass without the code being right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.checks.syntax.trees import line_of, parse, text_of, walk
from core.checks.test_files import is_test_path
from core.checks.tricks import Trick

if TYPE_CHECKING:
    from tree_sitter import Node

_SUPPRESSIONS = re.compile(r"@ts-(?:ignore|nocheck|expect-error)|(?:es|ts)lint[-:]disable|biome-ignore", re.IGNORECASE)
_SKIPS = re.compile(
    r"(?:it|test|describe|suite)(?:\.\w+)*\.(?:skip|todo|only|failing|fails|fixme|skipIf|runIf)"
    r"|xit|xtest|xdescribe|fit|fdescribe|\w+\.(?:skip|todo)"
)
_EXITS = frozenset({"process.exit", "process.abort", "process.kill", "process.reallyExit"})
_RUNNER_SIGNS = re.compile(
    r"process\.env(?:\.|\[[\"'`])(?:VITEST\w*|JEST_WORKER_ID|NODE_TEST_CONTEXT)|import\.meta\.(?:vitest|env\.VITEST)"
)
_TEST_MODE = re.compile(r"\bNODE_ENV\b.*[=!]==?\s*[\"']test[\"']|[\"']test[\"']\s*[=!]==?.*\bNODE_ENV\b")
_RUNNERS = re.compile(r"[\"'](?:vitest(?:/.*)?|@vitest/.*|jest|@jest/.*|node:test|@testing-library/.*)[\"']")
_RUNNER_WORDS = re.compile(r"vitest|jest|\.test\.|\.spec\.")
_LOADERS = frozenset({"require", "require.resolve", "import"})
_BUILTINS = r"(?:Object|Array|String|Number|Boolean|Function|Promise|Error|Map|Set|RegExp|JSON|Math|Reflect)"
_TEST_GLOBALS = r"(?:expect|it|test|describe|vi|jest|assert|chai)"
_PATCHED = re.compile(
    rf"(?:globalThis|global|window)(?:\.|\[[\"']){_TEST_GLOBALS}\b.*|{_TEST_GLOBALS}\.\w+.*"
    rf"|{_BUILTINS}\.(?:prototype\b.*|\w+)"
)
_DEFINERS = frozenset(
    {"Object.defineProperty", "Object.defineProperties", "Object.assign", "Reflect.set", "Reflect.defineProperty"}
)
_SAME = "The code must behave the same whether or not it is being tested."


def tricks_of(path: str, source: bytes) -> Iterator[Trick]:
    """Every shortcut of a file; those that are only wrong in the code under test are not looked for in tests."""
    root = parse(path, source)
    in_test = is_test_path(path)
    reads_stack = b".stack" in source or b"captureStackTrace" in source
    for node in walk(root):
        hits = [_comment(node), _swallowed(node)]
        hits += [_skip(node)] if in_test else [_exit(node), _detection(node, reads_stack), _patch(node), _lenient(node)]
        for hit in hits:
            if hit:
                rule, message, fix = hit
                yield Trick(rule, text_of(node), path, line_of(node), message, fix)


_Hit = tuple[str, str, str]
"""Rule, what is wrong, what to do instead."""


def _comment(node: Node) -> _Hit | None:
    found = _SUPPRESSIONS.search(text_of(node)) if node.type == "comment" else None
    fix = "Remove the comment and mend what the checker says."
    return ("suppression_added", f"`{found[0]}` silences a checker.", fix) if found else None


def _swallowed(node: Node) -> _Hit | None:
    fix = "Handle the error that is expected, and let the others through."
    if node.type == "catch_clause" and _is_empty(node.child_by_field_name("body")):
        return "error_swallowed", "An empty `catch` hides every failure.", fix
    if node.type == "call_expression" and text_of(node.child_by_field_name("function")).endswith(".catch"):
        arguments = node.child_by_field_name("arguments")
        handlers = arguments.named_children if arguments is not None else []
        if handlers and _is_empty(handlers[0].child_by_field_name("body")):
            return "error_swallowed", "An empty `.catch` hides every failure.", fix
    return None


def _is_empty(body: Node | None) -> bool:
    return body is not None and body.type == "statement_block" and not body.named_children


def _skip(node: Node) -> _Hit | None:
    if node.type == "call_expression":
        callee = text_of(node.child_by_field_name("function"))
        if _SKIPS.fullmatch(callee):
            return "skip_added", f"`{callee}` keeps tests from running.", "Remove it."
    option = node.type == "pair" and text_of(node.child_by_field_name("key")) in ("skip", "only", "todo")
    if option and text_of(node.child_by_field_name("value")) != "false":
        return "skip_added", f"`{_short(node)}` keeps tests from running.", "Remove it."
    return None


def _exit(node: Node) -> _Hit | None:
    if node.type == "call_expression" and text_of(node.child_by_field_name("function")) in _EXITS:
        what = f"`{_short(node)}` can end the test process before it reports."
        return "process_exit", what, "Set `process.exitCode` and return, or throw an error."
    return None


def _detection(node: Node, reads_stack: bool) -> _Hit | None:
    access = node.type in ("member_expression", "subscript_expression")
    if access and _RUNNER_SIGNS.fullmatch(text_of(node).rstrip("]'\"`")):
        return "runner_detected", f"`{_short(node)}` tells the code that it is being tested.", _SAME
    if node.type == "binary_expression" and _TEST_MODE.search(text_of(node)):
        return "runner_detected", f"`{_short(node)}` tells the code that it is being tested.", _SAME
    if node.type == "string" and node.parent is not None:
        said, around = text_of(node), node.parent.type
        imported = around in ("import_statement", "export_statement") or _is_loaded(node)
        if (imported and _RUNNERS.fullmatch(said)) or (reads_stack and _RUNNER_WORDS.search(said)):
            return "runner_detected", f"{said} looks for the test runner.", _SAME
    return None


def _is_loaded(text: Node) -> bool:
    """Whether a string is the argument of `require` or `import`."""
    call = text.parent.parent if text.parent is not None and text.parent.type == "arguments" else None
    return call is not None and text_of(call.child_by_field_name("function")) in (
        "require",
        "import",
        "require.resolve",
    )


def _patch(node: Node) -> _Hit | None:
    target = ""
    if node.type in ("assignment_expression", "augmented_assignment_expression"):
        target = text_of(node.child_by_field_name("left"))
    elif node.type == "call_expression":
        callee, arguments = text_of(node.child_by_field_name("function")), node.child_by_field_name("arguments")
        if callee in _DEFINERS and arguments is not None and arguments.named_children:
            target = f"{text_of(arguments.named_children[0])}.x"
        elif callee == "expect.extend":
            target = callee
    if _PATCHED.fullmatch(target):
        fix = "Leave the language and the test runner as they are."
        return "runner_patched", f"`{_short(node)}` changes what tests are judged with.", fix
    return None


def _lenient(node: Node) -> _Hit | None:
    key = node.child_by_field_name("key") or node.child_by_field_name("name")
    if node.type in ("pair", "method_definition", "public_field_definition") and text_of(key) == "asymmetricMatch":
        return "always_equal", "`asymmetricMatch` decides for the tests what equals it.", "Return a plain value."
    return None


def _short(node: Node) -> str:
    text = text_of(node)
    return text if len(text) <= 60 else f"{text[:59]}…"
