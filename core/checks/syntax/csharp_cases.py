"""The tests of a C# file: methods that xUnit, NUnit or MSTest run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.checks.syntax.cases import EXACT, LOOSE, NOTHING, Case
from core.checks.syntax.trees import line_of, parse, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_TESTS = frozenset({"Fact", "Theory", "Test", "TestCase", "TestCaseSource", "TestMethod", "DataTestMethod"})
_ROWS = frozenset({"InlineData", "TestCase", "DataRow"})
_SKIPS = re.compile(r"^(?:Ignore|Explicit)(?:Attribute)?\b|\b(?:Skip|Ignore|IgnoreReason)\s*=")
_TYPES = frozenset({"class_declaration", "struct_declaration", "record_declaration", "namespace_declaration"})
_METHODS = frozenset({"method_declaration", "local_function_statement"})
_ASSERT = re.compile(r"(?:^|\.)(?:\w*Assert)\.(?P<what>\w+)|\.Should\(\)\.(?P<fluent>\w+)|\.(?P<mock>Verify\w*)$")
_LOOSE = frozenset(
    {"True", "False", "NotNull", "NotEqual", "NotEmpty", "Contains", "DoesNotContain", "InRange", "IsAssignableFrom"}
    | {"IsTrue", "IsFalse", "IsNotNull", "AreNotEqual", "IsInstanceOf", "IsInstanceOfType", "Greater", "Less"}
    | {"StartsWith", "EndsWith", "Matches", "ThrowsAny", "ThrowsAnyAsync", "Multiple", "All"}
    | {"NotBe", "NotBeNull", "BeTrue", "BeFalse", "Contain", "BeGreaterThan", "BeLessThan", "NotBeEmpty", "Throw"}
)
_LITERAL = re.compile(r"\(?(?:true|false|null|\d+|\"[^\"]*\")\)?")


def cases_of(path: str, source: bytes) -> list[Case]:
    """Every test method, with the names of the types around it in front."""
    found: list[Case] = []
    waiting: list[tuple[Node, tuple[str, ...], bool]] = [(parse(path, source), (), False)]
    while waiting:
        node, around, skipped = waiting.pop()
        marks = _attributes(node)
        off = skipped or any(_SKIPS.search(text) for _, text in marks)
        if node.type in _METHODS:
            if any(name in _TESTS for name, _ in marks):
                found.append(_case(node, around, off, marks))
            continue
        names = (*around, text_of(node.child_by_field_name("name"))) if node.type in _TYPES else around
        waiting += [(child, names, off) for child in reversed(node.named_children)]
    return found


def _case(method: Node, around: tuple[str, ...], skipped: bool, marks: list[tuple[str, str]]) -> Case:
    name = ".".join((*around, text_of(method.child_by_field_name("name"))))
    calls = [_strength(node) for node in walk(method) if node.type == "invocation_expression"]
    demands = tuple(strength for strength in calls if strength is not None)
    rows = sum(mark in _ROWS for mark, _ in marks)
    return Case(name, line_of(method), text_of(method.child_by_field_name("body")), demands, skipped, rows)


def _attributes(node: Node) -> list[tuple[str, str]]:
    """Name without its suffix, and text, of the attributes of a declaration."""
    lists = [child for child in node.named_children if child.type == "attribute_list"]
    marks = [mark for one in lists for mark in one.named_children if mark.type == "attribute"]
    names = [text_of(mark.child_by_field_name("name")).rpartition(".")[2].removesuffix("Attribute") for mark in marks]
    return [(name, text_of(mark)) for name, mark in zip(names, marks, strict=True)]


def _strength(call: Node) -> int | None:
    """How much an assertion demands; None for a call that is none."""
    said, arguments = text_of(call.child_by_field_name("function")), call.child_by_field_name("arguments")
    found = _ASSERT.search(re.sub(r"<.*>", "", said))
    if found is None:
        return None
    matcher = found["what"] or found["fluent"] or found["mock"]
    given = [text_of(one) for one in arguments.named_children] if arguments is not None else []
    if matcher == "Pass" or (found["what"] and given and all(_LITERAL.fullmatch(one) for one in given)):
        return NOTHING
    anything = matcher.startswith("Throws") and re.search(r"<(?:System\.)?Exception>", said) is not None
    vague = matcher == "That" and re.search(r"\bIs\.(?:Not|Greater|Less|InstanceOf|True|False)", " ".join(given))
    return LOOSE if matcher in _LOOSE or anything or vague else EXACT
