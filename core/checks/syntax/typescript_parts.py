"""Bodies and values of a TypeScript or JavaScript file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.checks.syntax.stubs import Part
from core.checks.syntax.trees import parse, text_before, text_of, walk
from core.context.languages import language_of

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTIONS = frozenset(
    {"function_declaration", "generator_function_declaration", "method_definition"}
    | {"arrow_function", "function_expression", "generator_function"}
)
_NAMED = frozenset(
    {"class_declaration", "abstract_class_declaration", "class", "internal_module", "variable_declarator", "pair"}
    | {"public_field_definition", "function_declaration", "generator_function_declaration", "method_definition"}
)
_VALUED = frozenset({"variable_declarator", "public_field_definition"})


def parts_of(path: str, source: bytes) -> list[Part]:
    """Outermost functions, and values of module and class that hold no function."""
    nothing = b"undefined" if language_of(path) in ("javascript", "jsx") else b"undefined as any"
    found: list[Part] = []
    waiting: list[tuple[Node, tuple[str, ...]]] = [(parse(path, source), ())]
    while waiting:
        node, around = waiting.pop()
        names = (*around, _name(node)) if node.type in _NAMED or node.type == "call_expression" else around
        body, value = node.child_by_field_name("body"), node.child_by_field_name("value")
        if node.type in FUNCTIONS:
            if body is not None:
                header = text_before(node, body)
                throwing = b'{ throw new Error("not implemented"); }'
                empty = _empty(node, body, nothing)
                found.append(Part("/".join(names), header, body.start_byte, body.end_byte, empty, throwing))
        elif node.type in _VALUED and value is not None and not _holds_function(value):
            found.append(Part("/".join(names), "", value.start_byte, value.end_byte))
        else:
            waiting += [(child, names) for child in reversed(node.named_children)]
    return found


def _name(node: Node) -> str:
    if node.type != "call_expression":
        return text_of(node.child_by_field_name("name") or node.child_by_field_name("key"))
    # `app.get("/carts", handler)`: its function and its first words tell it from its neighbours.
    arguments = node.child_by_field_name("arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    spoken = text_of(first) if first is not None and first.type == "string" else ""
    return f"{text_of(node.child_by_field_name('function'))}({spoken}"


def _holds_function(value: Node) -> bool:
    return any(node.type in FUNCTIONS or node.type == "class" for node in walk(value))


def _empty(function: Node, body: Node, nothing: bytes) -> bytes:
    if text_of(function.child_by_field_name("name")) == "constructor":
        # A derived object does not exist before its base was made.
        calls = [one.text or b"" for one in _statements(body) if text_of(one).startswith("super(")]
        return b"{ %s }" % b" ".join(calls[:1])
    if any(child.type == "set" for child in function.children):
        return b"{ }"
    return b"{ return %s; }" % nothing


def _statements(body: Node) -> Iterator[Node]:
    return (child for child in body.named_children if child.type == "expression_statement")
