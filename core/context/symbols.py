"""Outlines of source files: classes, functions and methods with their signature lines, from tree-sitter.

Broken code gives what could be read of it; other languages give nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.context.grammars import parser_for
from core.context.languages import language_of

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_SOURCE_BYTES: Final = 400_000
MAX_SYMBOLS: Final = 400
_MAX_NODES: Final = 50_000
_SIGNATURE_CHARS: Final = 160

_PYTHON: Final = {"function_definition": "function", "class_definition": "class"}
_TYPESCRIPT: Final = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "function_signature": "function",
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "interface_declaration": "interface",
    "type_alias_declaration": "type",
    "enum_declaration": "enum",
    "internal_module": "namespace",
    "method_definition": "method",
    "method_signature": "method",
    "abstract_method_signature": "method",
    "variable_declarator": "variable",
}
_CSHARP: Final = {
    "namespace_declaration": "namespace",
    "class_declaration": "class",
    "interface_declaration": "interface",
    "struct_declaration": "struct",
    "record_declaration": "record",
    "enum_declaration": "enum",
    "delegate_declaration": "delegate",
    "method_declaration": "method",
    "constructor_declaration": "method",
    "property_declaration": "property",
}
_KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "python": _PYTHON,
    **dict.fromkeys(("typescript", "tsx", "javascript", "jsx"), _TYPESCRIPT),
    "csharp": _CSHARP,
}
_TRANSPARENT: Final = frozenset(
    {
        "module", "program", "compilation_unit", "ERROR", "decorated_definition", "export_statement", "block",
        "if_statement", "else_clause", "try_statement", "except_clause", "with_statement", "lexical_declaration",
        "variable_declaration", "class_body", "interface_body", "statement_block", "expression_statement",
        "declaration_list", "ambient_declaration", "file_scoped_namespace_declaration", "object_type",
    }
)  # fmt: skip
_CONTAINERS: Final = frozenset({"class", "interface", "struct", "record", "namespace"})


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition on lines `first` to `last` (from 1, decorators included); `depth` counts enclosing definitions."""

    name: str
    kind: str
    signature: str
    first: int
    last: int
    depth: int


def symbols_of(path: str, data: bytes) -> tuple[Symbol, ...]:
    """Definitions in the order of the file. Empty for unknown languages and files over `MAX_SOURCE_BYTES`."""
    kinds = _KINDS.get(language_of(path), {})
    parser = parser_for(language_of(path)) if kinds and len(data) <= MAX_SOURCE_BYTES else None
    if parser is None:
        return ()
    found: list[Symbol] = []
    # (node, depth, first line of a decorator or export around it)
    waiting: list[tuple[Node, int, int | None]] = [(parser.parse(data).root_node, 0, None)]
    for _ in range(_MAX_NODES):
        if not waiting or len(found) >= MAX_SYMBOLS:
            break
        node, depth, outer = waiting.pop()
        kind = kinds.get(node.type)
        if kind is None:
            if node.type in _TRANSPARENT:
                first = node.start_point[0] if node.type in ("decorated_definition", "export_statement") else None
                waiting += [(child, depth, first) for child in reversed(node.named_children)]
            continue
        symbol = _symbol(node, kind, depth, outer)
        if symbol is None:
            continue
        found.append(symbol)
        body = node.child_by_field_name("body")
        if body is not None and symbol.kind in _CONTAINERS:
            waiting += [(child, depth + 1, None) for child in reversed(body.named_children)]
    return tuple(found)


def outline(path: str, data: bytes) -> tuple[str, ...]:
    """Signature lines, indented by four spaces per level."""
    return tuple("    " * symbol.depth + symbol.signature for symbol in symbols_of(path, data))


def _symbol(node: Node, kind: str, depth: int, outer: int | None) -> Symbol | None:
    name = node.child_by_field_name("name")
    if name is None or not name.text:
        return None
    value = node.child_by_field_name("value")
    if kind == "variable":
        if value is None or value.type not in ("arrow_function", "function_expression", "class"):
            return None
        kind = "class" if value.type == "class" else "function"
    if kind == "function" and depth:
        kind = "method"
    first = outer if outer is not None else node.start_point[0]
    return Symbol(_text(name), kind, _signature(node, value), first + 1, node.end_point[0] + 1, depth)


def _signature(node: Node, value: Node | None) -> str:
    """The definition up to its body, on one line."""
    body = node.child_by_field_name("body") or node.child_by_field_name("accessors")
    if body is None and value is not None:
        body = value.child_by_field_name("body")
    source = node.text or b""
    if body is not None:
        source = source[: body.start_byte - node.start_byte]
    line = " ".join(source[:4000].decode(errors="replace").split())
    line = line.removesuffix("=>").rstrip(" :{;")
    return line if len(line) <= _SIGNATURE_CHARS else line[: _SIGNATURE_CHARS - 1] + "…"


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")
