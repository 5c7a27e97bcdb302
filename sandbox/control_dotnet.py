"""Other expected values in C# tests: literals of assertions, and the arguments of test rows that they compare with."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sandbox.control import other_value

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_TESTS = {"Fact", "Theory", "Test", "TestCase", "TestMethod", "DataTestMethod"}
_ROWS = {"InlineData", "TestCase", "DataRow"}
_EQUALITIES = {"Equal", "AreEqual", "StrictEqual", "Equivalent", "AreEquivalent"}
_TYPES = {"class_declaration", "struct_declaration", "record_declaration"}
_SPACES = {"namespace_declaration", "file_scoped_namespace_declaration"}
_LEAVES = {"return_statement", "throw_statement", "yield_statement", "goto_statement"}
_INTEGER = re.compile(r"(0[xX][0-9a-fA-F_]+|[0-9_]+)([uUlL]*)")
_REAL = re.compile(r"([0-9_]*\.?[0-9_]+(?:[eE][+-]?[0-9]+)?)([fFdDmM]?)")

Edits = dict[tuple[int, int], bytes]


def alter_file(content: bytes) -> tuple[bytes, list[str]]:
    """The file with other expected values, and the tests (`Namespace.Class.Method`) that must now fail."""
    tree = _parser().parse(content)
    edits: Edits = {}
    tests: list[str] = []
    for method in _nodes(tree.root_node, {"method_declaration"}):
        if not _TESTS.isdisjoint(_name(attribute) for attribute in _attributes(method)):
            found = _of_test(method)
            edits |= found
            if found:
                tests.append(_full_name(method))
    return _edited(content, edits), tests


@functools.cache
def _parser() -> Parser:
    import tree_sitter_c_sharp
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_c_sharp.language()))


def _of_test(method: Node) -> Edits:
    """One literal of each assertion that a passing run has reached, and one of each row."""
    parameters = [_text(node.child_by_field_name("name")) for node in _parameters(method)]
    settled = _settled(method)
    edits: Edits = {}
    places: set[int] = set()
    for call in _reached_calls(method):
        sides = [_bare(side) for side in _compared(call)]
        pair = [settled.get(_text(side), side) for side in sides]
        literals = [side for side in pair if _other(side)]
        names = [_text(side) for side in pair if side.type == "identifier" and _text(side) in parameters]
        if len(literals) == 1:
            edits |= _other(literals[0])
        elif len(names) == 1 and len(pair) == 2:
            places.add(parameters.index(names[0]))
    for attribute in _attributes(method):
        if _name(attribute) in _ROWS:
            edits |= _of_row(attribute, places)
    return edits


def _settled(method: Node) -> dict[str, Node]:
    """Values of local variables that are literals, and are never set again."""
    found = {
        _text(one.child_by_field_name("name")): one.named_children[-1]
        for one in _nodes(method, {"variable_declarator"})
    }
    changed = {_text(one.child_by_field_name("left")) for one in _nodes(method, {"assignment_expression"})}
    return {name: value for name, value in found.items() if name not in changed and _other(value)}


def _of_row(attribute: Node, places: set[int]) -> Edits:
    edits: Edits = {}
    position = 0
    for argument in _nodes(attribute, {"attribute_argument"}):
        value = argument.named_children[-1]
        if len(argument.named_children) > 1 or b"=" in (argument.text or b"").partition(b'"')[0]:
            if (argument.text or b"").startswith(b"ExpectedResult"):
                edits |= _other(value)
            continue
        if position in places:
            edits |= _other(value)
        position += 1
    return edits


def _reached_calls(method: Node) -> Iterator[Node]:
    """Calls that stand alone as a statement, up to the first statement that may leave the method."""
    body = method.child_by_field_name("body")
    if body is None:
        return
    if body.type == "arrow_expression_clause":
        yield from _calls(body.named_children[0])
        return
    for statement in body.named_children:
        if any(True for _ in _nodes(statement, _LEAVES)):
            return
        if statement.type == "expression_statement":
            yield from _calls(statement.named_children[0])


def _calls(expression: Node) -> Iterator[Node]:
    if expression.type == "await_expression":
        expression = expression.named_children[0]
    if expression.type == "invocation_expression":
        yield expression


def _compared(call: Node) -> list[Node]:
    """The two sides of the comparison that an assertion makes, or the one that stands as a literal in it."""
    name = _text(call.child_by_field_name("function")).rpartition(".")[2].partition("<")[0]
    values = _arguments(call)
    if name in _EQUALITIES:
        return values[:2]
    if name in ("True", "IsTrue") and values and values[0].type == "binary_expression":
        sides = values[0].named_children
        return sides if any(child.type == "==" for child in values[0].children) and len(sides) == 2 else []
    if name == "That" and len(values) > 1:
        if values[1].type != "invocation_expression":
            return []
        if _text(values[1].child_by_field_name("function")) in ("Is.EqualTo", "Is.EquivalentTo"):
            return [*_arguments(values[1])[:1], values[0]]
    return []


def _bare(value: Node) -> Node:
    """Without casts and parentheses."""
    while value.type in ("cast_expression", "parenthesized_expression"):
        value = value.named_children[-1]
    return value


def _arguments(call: Node) -> list[Node]:
    listed = call.child_by_field_name("arguments")
    return [one.named_children[-1] for one in listed.named_children if one.named_children] if listed is not None else []


def _other(node: Node) -> Edits:
    """What to write instead of a literal, or of one inside a list of literals; nothing for anything else."""
    if node.type == "prefix_unary_expression" and len(node.named_children) == 1:
        return _other(node.named_children[0]) if _text(node).startswith("-") else {}
    if node.type in ("array_creation_expression", "implicit_array_creation_expression", "object_creation_expression"):
        lists = [child for child in node.named_children if child.type == "initializer_expression"]
        return _other_item(lists[0].named_children) if lists else {}
    if node.type == "collection_expression":
        return _other_item(node.named_children)
    text = _other_text(node)
    return {(node.start_byte, node.end_byte): text.encode("utf-8")} if text else {}


def _other_item(items: list[Node]) -> Edits:
    """The last one is altered when all of them are literals: only then it is what the test expects, and no more."""
    edits = [_other(item) for item in items]
    return edits[-1] if edits and all(edits) else {}


def _other_text(node: Node) -> str:
    text = _text(node)
    match node.type:
        case "integer_literal" if found := _INTEGER.fullmatch(text):
            return (
                f"{other_value(int(found[1].replace('_', ''), 0))}{found[2]}" if not found[1].startswith("00") else ""
            )
        case "real_literal" if found := _REAL.fullmatch(text):
            value = other_value(float(found[1].replace("_", "")))
            return f"{value!r}{found[2]}" if "inf" not in repr(value) else ""
        case "boolean_literal":
            return "false" if text == "true" else "true"
        case "string_literal" if "\\" not in text:
            return f'"{other_value(text[1:-1])}"'
        case "character_literal" if len(text) == 3:
            return f"'{other_value(text[1])}'"
    return ""


def _parameters(method: Node) -> list[Node]:
    listed = method.child_by_field_name("parameters")
    return [one for one in listed.named_children if one.type == "parameter"] if listed is not None else []


def _attributes(method: Node) -> Iterator[Node]:
    for child in method.named_children:
        if child.type == "attribute_list":
            yield from (one for one in child.named_children if one.type == "attribute")


def _name(attribute: Node) -> str:
    return _text(attribute.child_by_field_name("name")).rpartition(".")[2].removesuffix("Attribute")


def _full_name(method: Node) -> str:
    parts = [_text(method.child_by_field_name("name"))]
    outer = method.parent
    while outer is not None:
        if outer.type in _TYPES | _SPACES:
            parts.insert(0, _text(outer.child_by_field_name("name")))
        elif outer.type == "compilation_unit":
            # Of a namespace for the whole file, the types are neighbours.
            spaces = [one for one in outer.children if one.type == "file_scoped_namespace_declaration"]
            if spaces and _text(spaces[0].child_by_field_name("name")) not in parts:
                parts.insert(0, _text(spaces[0].child_by_field_name("name")))
        outer = outer.parent
    return ".".join(parts)


def _nodes(root: Node, types: set[str]) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in types:
            yield node
        stack.extend(reversed(node.named_children))


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _edited(content: bytes, edits: Edits) -> bytes:
    for (begin, end), text in sorted(edits.items(), reverse=True):
        content = content[:begin] + text + content[end:]
    return content
