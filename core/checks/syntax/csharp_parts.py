"""Bodies and values of a C# file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.checks.syntax.stubs import Part
from core.checks.syntax.trees import parse, text_before, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_CONTAINERS = frozenset(
    {"namespace_declaration", "class_declaration", "struct_declaration", "record_declaration", "interface_declaration"}
    | {"field_declaration", "property_declaration", "indexer_declaration", "event_declaration"}
)
_MEMBERS = frozenset(
    {"method_declaration", "constructor_declaration", "destructor_declaration", "operator_declaration"}
    | {"conversion_operator_declaration", "local_function_statement", "accessor_declaration"}
)
_VOID = frozenset({"void"})
_TASKS = frozenset({"Task", "ValueTask", "System.Threading.Tasks.Task", "System.Threading.Tasks.ValueTask"})
_THROW = b"throw new global::System.NotImplementedException();"
_NOTHING = b"default!;"


def parts_of(path: str, source: bytes) -> list[Part]:
    """Bodies of members and accessors, and the values of fields and properties."""
    found: list[Part] = []
    waiting: list[tuple[Node, tuple[str, ...]]] = [(parse(path, source), ())]
    while waiting:
        node, around = waiting.pop()
        body = node.child_by_field_name("body")
        if node.type in _MEMBERS:
            if body is not None:
                found.append(_member(node, body, (*around, _name(node))))
            continue
        names = (*around, _name(node)) if node.type in _CONTAINERS else around
        value = _value(node)
        if value is not None and value.type == "arrow_expression_clause":
            name = "/".join((*names, "get"))
            found.append(Part(name, "", value.start_byte, node.end_byte, b"=> " + _NOTHING, b"=> " + _THROW))
        elif value is not None:
            found.append(Part("/".join((*names, _name(node))), "", value.start_byte, value.end_byte))
        else:
            waiting += [(child, names) for child in reversed(node.named_children)]
    return found


def _member(node: Node, body: Node, names: tuple[str, ...]) -> Part:
    header = text_before(node, body)
    # `=> x;` ends with its declaration, and either form may take the place of the other.
    end = node.end_byte if body.type == "arrow_expression_clause" else body.end_byte
    throwing = b"{ %s }" % _THROW
    empty = throwing if _must_assign(node) else b"{ }" if _returns_nothing(node) else b"{ return %s }" % _NOTHING
    return Part("/".join(names), header, body.start_byte, end, empty, throwing)


def _value(node: Node) -> Node | None:
    """What a property or a field is given, or `=> …` of a property."""
    if node.type in ("property_declaration", "indexer_declaration"):
        return node.child_by_field_name("value")
    if node.type != "variable_declarator":
        return None
    after = [node.children[place + 1] for place, child in enumerate(node.children[:-1]) if child.type == "="]
    return after[0] if after else None


def _name(node: Node) -> str:
    if node.type == "indexer_declaration":
        return "this[]"
    if node.type in ("constructor_declaration", "destructor_declaration"):
        return node.type
    return text_of(node.child_by_field_name("name") or node.child_by_field_name("operator"))


def _returns_nothing(node: Node) -> bool:
    if node.type in ("constructor_declaration", "destructor_declaration"):
        return True
    if node.type == "accessor_declaration":
        return _name(node) != "get"
    returned = text_of(node.child_by_field_name("returns") or node.child_by_field_name("type"))
    awaited = any(text_of(child) == "async" for child in node.children if child.type == "modifier")
    return returned in _VOID or (awaited and returned in _TASKS)


def _must_assign(node: Node) -> bool:
    """Only a throw may leave without giving `out` parameters, or the fields of a struct, their values."""
    parameters = node.child_by_field_name("parameters")
    given = parameters.named_children if parameters is not None else []
    outs = any(text_of(part) == "out" for one in given for part in one.children if part.type == "modifier")
    outer = node.parent.parent if node.parent is not None else None
    in_struct = outer is not None and outer.type == "struct_declaration"
    by_reference = text_of(node.child_by_field_name("returns")).startswith("ref ")
    return outs or by_reference or (node.type == "constructor_declaration" and in_struct)
