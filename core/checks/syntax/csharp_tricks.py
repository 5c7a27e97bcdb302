"""C# shortcuts that make a check pass without the code being right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.checks.syntax.trees import line_of, parse, text_of, walk
from core.checks.test_files import is_test_path
from core.checks.tricks import Trick

if TYPE_CHECKING:
    from tree_sitter import Node

_SILENCED = re.compile(r"#\s*pragma\s+warning\s+disable|#\s*nullable\s+disable")
_SKIPS = re.compile(r"^(?:Ignore|Explicit)(?:Attribute)?\b|\b(?:Skip|IgnoreReason)\s*=")
_SKIP_CALLS = re.compile(r"(?:^|\.)Assert\.(?:Ignore|Inconclusive|Skip\w*)")
_EXITS = re.compile(r"(?:^|\.)(?:Environment\.(?:Exit|FailFast)|GetCurrentProcess\(\)\.Kill)")
_STACKS = frozenset({"StackTrace", "StackFrame", "System.Diagnostics.StackTrace", "System.Diagnostics.StackFrame"})
_RUNNER_SPACES = re.compile(r"using\s+(?:static\s+)?(?:Xunit|NUnit|Microsoft\.VisualStudio\.TestTools)\b")
_RUNNER_WORDS = re.compile(r"xunit|nunit|testhost|vstest|mstest", re.IGNORECASE)
_RUNNER_NAMES = re.compile(r"(?:Xunit|NUnit|Microsoft\.VisualStudio\.TestTools)\b.*")
_TRUE = re.compile(r"=> ?true|\{ ?return true; ?\}")
_SAME = "The code must behave the same whether or not it is being tested."


def tricks_of(path: str, source: bytes) -> Iterator[Trick]:
    """Every shortcut of a file; those that are only wrong in the code under test are not looked for in tests."""
    in_test = is_test_path(path)
    for node in walk(parse(path, source)):
        hits = [_suppression(node), _swallowed(node), _early(node)]
        hits += [_skip(node)] if in_test else [_exit(node), _detection(node), _stand_in(node), _lenient(node)]
        for hit in hits:
            if hit:
                rule, message, fix = hit
                yield Trick(rule, text_of(node), path, line_of(node), message, fix)


_Hit = tuple[str, str, str]
"""Rule, what is wrong, what to do instead."""


def _suppression(node: Node) -> _Hit | None:
    fix = "Remove it and mend what the checker says."
    if node.type.startswith("preproc_") and _SILENCED.match(text_of(node)):
        return "suppression_added", f"`{_short(node)}` silences a checker.", fix
    if node.type == "attribute" and "SuppressMessage" in text_of(node.child_by_field_name("name")):
        return "suppression_added", f"`{_short(node)}` silences a checker.", fix
    return None


def _swallowed(node: Node) -> _Hit | None:
    if node.type != "catch_clause":
        return None
    body = node.child_by_field_name("body")
    caught = next((text_of(child) for child in node.named_children if child.type == "catch_declaration"), "")
    broad = not caught or re.match(r"\((?:System\.)?Exception\b", caught) is not None
    filtered = any(child.type == "catch_filter_clause" for child in node.named_children)
    if not broad or filtered or body is None or body.named_children:
        return None
    return "error_swallowed", "An empty `catch` hides every failure.", "Catch the one exception that is expected."


def _early(node: Node) -> _Hit | None:
    if node.type == "attribute" and "ModuleInitializer" in text_of(node.child_by_field_name("name")):
        return "runner_changed", "A module initializer runs before any test.", "Do its work where it is needed."
    return None


def _skip(node: Node) -> _Hit | None:
    if node.type == "attribute" and _SKIPS.search(text_of(node)):
        return "skip_added", f"`[{_short(node)}]` keeps tests from running.", "Remove it."
    if node.type == "invocation_expression" and _SKIP_CALLS.search(text_of(node.child_by_field_name("function"))):
        return "skip_added", f"`{_short(node)}` keeps tests from running.", "Remove it."
    return None


def _exit(node: Node) -> _Hit | None:
    if node.type == "invocation_expression" and _EXITS.search(text_of(node.child_by_field_name("function"))):
        what = f"`{_short(node)}` can end the test process before it reports."
        return "process_exit", what, "Return, or throw an exception."
    return None


def _detection(node: Node) -> _Hit | None:
    stack = node.type == "object_creation_expression" and text_of(node.child_by_field_name("type")) in _STACKS
    stack = stack or (node.type == "member_access_expression" and text_of(node).endswith("Environment.StackTrace"))
    if stack:
        return "runner_detected", f"`{_short(node)}` shows the code who calls it.", _SAME
    used = node.type == "using_directive" and _RUNNER_SPACES.search(text_of(node).removeprefix("global "))
    named = node.type.endswith("string_literal") and _RUNNER_WORDS.search(text_of(node))
    if used or named:
        return "runner_detected", f"`{_short(node)}` looks for the test runner.", _SAME
    return None


def _stand_in(node: Node) -> _Hit | None:
    name = text_of(node.child_by_field_name("name"))
    space = node.type.endswith("namespace_declaration") and _RUNNER_NAMES.fullmatch(name)
    if space or (node.type == "class_declaration" and name == "Assert"):
        return "runner_patched", f"`{name}` takes the place of the test framework.", "Give it another name."
    return None


def _lenient(node: Node) -> _Hit | None:
    name = text_of(node.child_by_field_name("name") or node.child_by_field_name("operator"))
    compares = node.type in ("method_declaration", "operator_declaration") and name in ("Equals", "==")
    if compares and _TRUE.fullmatch(text_of(node.child_by_field_name("body"))):
        return "always_equal", f"`{name}` holds for everything.", "Compare the values."
    return None


def _short(node: Node) -> str:
    text = text_of(node)
    return text if len(text) <= 60 else f"{text[:59]}…"
