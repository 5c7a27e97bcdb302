"""The tests of a TypeScript or JavaScript file: `it`, `test` and `describe` of vitest, Jest and node:test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.checks.syntax.cases import EXACT, LOOSE, NOTHING, Case
from core.checks.syntax.trees import line_of, parse, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_CALLEE = re.compile(r"(?P<kind>it|test|describe|suite|xit|xtest|xdescribe|fit|fdescribe)(?P<marks>(?:\.\w+)*)")
_SKIPPING = re.compile(r"\.(?:skip|todo|skipIf|runIf|failing|fails|fixme)\b")
_LITERALS = frozenset({"true", "false", "number", "string", "null"})
_LOOSE = frozenset(
    {"toBeDefined", "toBeTruthy", "toBeFalsy", "toBeInstanceOf", "toContain", "toMatch", "toMatchObject", "toSatisfy"}
    | {"toBeGreaterThan", "toBeGreaterThanOrEqual", "toBeLessThan", "toBeLessThanOrEqual", "toBeCloseTo"}
    | {"toHaveProperty", "toHaveBeenCalled", "toMatchSnapshot", "toBeTypeOf", "ok", "match", "notEqual"}
)
_LOOSE_WITHOUT_WORDS = frozenset({"toThrow", "toThrowError", "throws", "rejects"})


def cases_of(path: str, source: bytes) -> list[Case]:
    """Every test that is written with its name, with those of `describe` around it in front."""
    found: list[Case] = []
    waiting: list[tuple[Node, tuple[str, ...], bool]] = [(parse(path, source), (), False)]
    while waiting:
        node, around, skipped = waiting.pop()
        call = _call(node)
        if call is None:
            waiting += [(child, around, skipped) for child in reversed(node.named_children)]
            continue
        kind, marks = call
        names = (*around, _title(node))
        off = skipped or kind.startswith("x") or _SKIPPING.search(marks) is not None
        if kind.removeprefix("x").removeprefix("f") in ("describe", "suite"):
            waiting += [(child, names, off) for child in reversed(node.named_children)]
        else:
            body = text_of(node.child_by_field_name("arguments")).partition(",")[2]
            found.append(Case(" > ".join(names), line_of(node), body, _demands(node), off, _rows(node)))
    return found


def _call(node: Node) -> tuple[str, str] | None:
    """What a call registers and how: `it` and `.skip`; None for any other node."""
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    if function is not None and function.type == "call_expression":  # it.each(table)(name, body)
        function = function.child_by_field_name("function")
    found = _CALLEE.fullmatch(text_of(function))
    return (found["kind"], found["marks"]) if found else None


def _title(call: Node) -> str:
    arguments = call.child_by_field_name("arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    return text_of(first).strip("'\"`")


def _rows(call: Node) -> int:
    """The size of the table of `it.each`."""
    function = call.child_by_field_name("function")
    table = function.child_by_field_name("arguments") if function is not None else None
    if table is None or not table.named_children or table.named_children[0].type != "array":
        return 0
    return len([one for one in table.named_children[0].named_children if one.type != "comment"])


def _demands(call: Node) -> tuple[int, ...]:
    found = [_strength(node) for node in walk(call) if node.type == "call_expression"]
    return tuple(strength for strength in found if strength is not None)


def _strength(call: Node) -> int | None:
    """How much an assertion demands; None for a call that is none."""
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    said = text_of(function)
    given = arguments.named_children if arguments is not None else []
    if said == "assert":
        return NOTHING if given and given[0].type in _LITERALS else LOOSE
    if function is None or function.type != "member_expression" or not said.startswith(("expect(", "assert.")):
        return None
    matcher = text_of(function.child_by_field_name("property"))
    subjects = [node for node in walk(function) if node.type == "arguments"]
    subject = subjects[0].named_children[:1] if subjects else given[:1]
    if subject and subject[0].type in _LITERALS and all(one.type in _LITERALS for one in given):
        return NOTHING
    vague = matcher in _LOOSE or (matcher in _LOOSE_WITHOUT_WORDS and len(given) < (1 if subjects else 2))
    anything = any(mark in text_of(arguments) for mark in ("expect.any(", "expect.anything("))
    return LOOSE if vague or anything or ".not." in said else EXACT
