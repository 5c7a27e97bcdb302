"""Mutants of languages with braces. Types, attributes, imports, log lines and error texts are left alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.checks.mutants import Mutant, spread
from core.checks.source_lines import changed_lines
from core.checks.syntax.trees import line_of, parse, replaced, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_OPERATORS: Mapping[str, tuple[str, ...]] = {
    **{"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<")},
    **{"==": ("!=",), "!=": ("==",), "===": ("!==",), "!==": ("===",), "&&": ("||",), "||": ("&&",)},
    **{"+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("*",), "**": ("*",)},
    **{"&": ("|",), "|": ("&",), "<<": (">>",), ">>": ("<<",)},
}
_STEPS: Mapping[str, str] = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "++": "--", "--": "++"}
_STEPPED = frozenset({"augmented_assignment_expression", "assignment_expression"})
_ONE_STEP = frozenset({"update_expression", "postfix_unary_expression", "prefix_unary_expression"})
_TEXTS = frozenset({"string", "template_string", "string_literal", "verbatim_string_literal", "raw_string_literal"})
_TEXTS |= {"interpolated_string_expression"}
_NUMBERS = frozenset({"number", "integer_literal", "real_literal"})
_NUMBER = re.compile(r"(\d[\d_]*)(\.\d+)?([A-Za-z]{0,2})")
_TRUTHS = frozenset({"true", "false", "boolean_literal"})
_CONDITIONAL = frozenset(
    {"if_statement", "while_statement", "do_statement", "ternary_expression", "conditional_expression"}
)
_CALLS = frozenset({"call_expression", "invocation_expression", "await_expression"})
_UNSEEN = frozenset(
    {"type_annotation", "type_arguments", "type_parameters", "interface_declaration", "type_alias_declaration"}
    | {"import_statement", "decorator", "attribute_list", "using_directive", "type_argument_list", "base_list"}
    | {"throw_statement", "throw_expression", "comment"}
    | _TEXTS
)
_QUIET_NAMES = frozenset({"ToString", "GetHashCode", "toString", "toJSON"})
_LOGGERS = re.compile(r"(?:^|\.)(?:console|logger|_?log|Debug|Trace|Console)\b|\.Log[A-Z]\w*$")


@dataclass(frozen=True, slots=True)
class _Change:
    line: int
    description: str
    start: int
    end: int
    text: bytes


_Rule = Callable[["Node", bytes], Iterator[_Change]]


def make_mutants(
    before: bytes | None, after: bytes, path: str, limit: int, seed: int, nothing: bytes
) -> tuple[Mutant, ...]:
    """Up to `limit` mutants of the changed lines, spread over them; the same for the same seed.

    `nothing` is the expression that a function returns which does not do its work. None for code that does not parse.
    """
    root = parse(path, after)
    if root.has_error or limit <= 0:
        return ()
    lines = changed_lines(before, after)
    changes = [
        change for node in walk(root, _is_seen) for rule in _RULES for change in rule(node, nothing)
        if change.line in lines
    ]  # fmt: skip
    mutants: list[Mutant] = []
    seen = {after}
    for change in spread(changes, seed):
        if len(mutants) == limit:
            break
        content = replaced(after, [(change.start, change.end, change.text)])
        if content in seen or parse(path, content).has_error:
            continue
        seen.add(content)
        mutants.append(Mutant(path, change.line, change.description, content))
    return tuple(sorted(mutants, key=lambda mutant: (mutant.line, mutant.description)))


def _is_seen(node: Node) -> bool:
    """Whether tests can be expected to notice a change of the node."""
    if node.type in _UNSEEN or text_of(node.child_by_field_name("name")) in _QUIET_NAMES:
        return False
    if node.type == "expression_statement" and node.named_children:
        called = node.named_children[0].child_by_field_name("function")
        return called is None or _LOGGERS.search(text_of(called)) is None
    return True


def _swap_operator(node: Node, nothing: bytes) -> Iterator[_Change]:
    operator = node.child_by_field_name("operator")
    if node.type != "binary_expression" or operator is None or _is_text(node):
        return
    was = text_of(operator)
    for now in _OPERATORS.get(was, ()):
        yield _change(operator, now, f"`{was}` became `{now}`")


def _swap_step(node: Node, nothing: bytes) -> Iterator[_Change]:
    """`+=` and `++`: the operator is a child, named or not, of differing grammars."""
    if node.type not in _STEPPED | _ONE_STEP:
        return
    value = node.child_by_field_name("right")
    if value is not None and (value.type in _TEXTS or _is_text(value)):
        return
    for operator in node.children:
        if now := _STEPS.get(text_of(operator)):
            yield _change(operator, now, f"`{text_of(operator)}` became `{now}`")


def _shift_constant(node: Node, nothing: bytes) -> Iterator[_Change]:
    text = text_of(node)
    if node.type in _TRUTHS and text in ("true", "false"):
        if not node.is_named or node.parent is None or node.parent.type == "literal_type":
            return
        now = "false" if text == "true" else "true"
        yield _change(node, now, f"`{text}` became `{now}`")
    found = _NUMBER.fullmatch(text) if node.type in _NUMBERS else None
    if found and (node.parent is None or node.parent.type != "literal_type"):
        for step in (1, -1):
            now = f"{int(found[1].replace('_', '')) + step}{found[2] or ''}{found[3]}"
            # A sign before a number may stand after another one.
            yield _change(node, f"({now})" if now.startswith("-") else now, f"`{text}` became `{now}`")


def _negate_condition(node: Node, nothing: bytes) -> Iterator[_Change]:
    condition = node.child_by_field_name("condition") if node.type in _CONDITIONAL else None
    if condition is None:
        return
    inner = condition.named_children[0] if condition.type == "parenthesized_expression" else condition
    if inner.type == "binary_expression" or inner.type in _TRUTHS:
        return
    text = text_of(inner)
    if text.startswith("!"):
        yield _change(inner, f"({text[1:]})", f"`!` was dropped from `{_short(text)}`")
    else:
        yield _change(inner, f"!({text})", f"`{_short(text)}` was negated")


def _return_nothing(node: Node, nothing: bytes) -> Iterator[_Change]:
    if node.type == "return_statement":
        values = [child for child in node.named_children if child.type != "comment"]
    elif node.type == "arrow_function":
        body = node.child_by_field_name("body")
        values = [body] if body is not None and body.type != "statement_block" else []
    elif node.type == "arrow_expression_clause":
        values = node.named_children[:1]
    else:
        return
    for value in values:
        text, now = text_of(value), nothing.decode()
        if text not in (now, "undefined", "null", "default", "default!"):
            yield _change(value, now, f"`{_short(text)}` became `{now}`")


def _remove_statement(node: Node, nothing: bytes) -> Iterator[_Change]:
    """A call or an update that is not done."""
    if node.type == "expression_statement" and node.named_children:
        inner = node.named_children[0]
        stored = inner.type in _STEPPED and inner.named_children[0].type != "identifier"
        if (inner.type in _CALLS and not text_of(inner).startswith("super(")) or stored:
            yield _change(node, ";", f"`{_short(text_of(node))}` was removed")
    if node.type in ("break_statement", "continue_statement") and not _ends_case(node):
        yield _change(node, ";", f"`{_short(text_of(node))}` was removed")


_RULES: tuple[_Rule, ...] = (
    _swap_operator,
    _swap_step,
    _shift_constant,
    _negate_condition,
    _return_nothing,
    _remove_statement,
)


def _change(node: Node, text: str, description: str) -> _Change:
    return _Change(line_of(node), description, node.start_byte, node.end_byte, text.encode())


def _is_text(node: Node) -> bool:
    """`"a" + b`: a minus in its place is noticed by the compiler, or by any test."""
    if node.type != "binary_expression":
        return node.type in _TEXTS
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if text_of(node.child_by_field_name("operator")) != "+":
        return False
    return (left is not None and _is_text(left)) or (right is not None and _is_text(right))


def _ends_case(node: Node) -> bool:
    """C# does not compile a section of a `switch` without its end."""
    return node.parent is not None and node.parent.type in ("switch_section", "switch_case", "switch_default")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
