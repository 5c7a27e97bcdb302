"""Alters what TypeScript and JavaScript tests expect, for the control run: see `control`.

Only what a passing test has certainly compared with is altered: literals in the statements of a test's own body, and
in the variables that such a statement names.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

_EXPECTING = frozenset({"toBe", "toEqual", "toStrictEqual", "toHaveLength", "toHaveTextContent", "toBeCloseTo"})
_ASSERTING = frozenset({"equal", "strictEqual", "deepEqual", "deepStrictEqual"})
_TESTS, _SUITES, _MODES = frozenset({"test", "it"}), frozenset({"describe", "suite"}), frozenset({"only", "concurrent"})
_FUNCTIONS = ("arrow_function", "function_expression")
_LEAVES = ("number", "string", "true", "false", "null")
_random = random.SystemRandom()
_Edits = dict[tuple[int, int], bytes]


def alter_file(path: str, content: bytes) -> tuple[bytes, list[str]]:
    """The file with other expected values, and the names of the tests that must now fail, `suite > test`."""
    grammar = tree_sitter_typescript.language_tsx if path.endswith("x") else tree_sitter_typescript.language_typescript
    tree = Parser(Language(grammar())).parse(content)
    if tree.root_node.has_error:
        return content, []
    found = list(_tests(tree.root_node, ()))
    times = Counter(name for name, _ in found)
    outer = _declared(tree.root_node)
    edits: _Edits = {}
    names: list[str] = []
    for name, body in found:
        leaves = [_leaf(literal) for literal in _expected(body, outer)]
        for leaf in leaves:
            edits.setdefault((leaf.start_byte, leaf.end_byte), _other(leaf))
        if leaves and times[name] == 1:
            names.append(name)
    for (begin, end), new in sorted(edits.items(), reverse=True):
        content = content[:begin] + new + content[end:]
    return content, names


def _tests(node: Node, suites: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    """Each test with a plain name, and the block it runs; inside suites with plain names alone."""
    for call in _calls(node):
        name, body = _name(call), _body(call)
        if name is None or body is None:
            continue
        kind = _called(call)
        if kind in _TESTS:
            yield " > ".join((*suites, name)), body
        elif kind in _SUITES:
            yield from _tests(body, (*suites, name))


def _calls(block: Node) -> Iterator[Node]:
    for statement in block.named_children:
        if statement.type == "expression_statement" and (call := _call_of(statement)) is not None:
            yield call


def _call_of(statement: Node) -> Node | None:
    """The call that is the whole of a statement, awaited or not."""
    inner = statement.named_children[0] if statement.named_children else None
    if inner is not None and inner.type == "await_expression" and inner.named_children:
        inner = inner.named_children[0]
    return inner if inner is not None and inner.type == "call_expression" else None


def _called(call: Node) -> str:
    """`test` for `test(…)` and `test.only(…)`; empty for what is called in another way."""
    function = call.child_by_field_name("function")
    if function is not None and function.type == "member_expression":
        mode = function.child_by_field_name("property")
        function = function.child_by_field_name("object") if mode is not None and _text(mode) in _MODES else None
    return _text(function) if function is not None and function.type == "identifier" else ""


def _arguments(call: Node) -> list[Node]:
    found = call.child_by_field_name("arguments")
    return [] if found is None else [one for one in found.named_children if one.type != "comment"]


def _name(call: Node) -> str | None:
    first = next(iter(_arguments(call)), None)
    text = _text(first) if first is not None and first.type == "string" else ""
    return text[1:-1] if text and "\\" not in text else None


def _body(call: Node) -> Node | None:
    function = next((one for one in _arguments(call) if one.type in _FUNCTIONS), None)
    block = function.child_by_field_name("body") if function is not None else None
    return block if block is not None and block.type == "statement_block" else None


def _declared(block: Node) -> dict[str, Node]:
    """Literals by the name of the variable they are given to, once, in statements of a block."""
    values: dict[str, Node] = {}
    names: Counter[str] = Counter()
    for statement in block.named_children:
        if statement.type not in ("lexical_declaration", "variable_declaration"):
            continue
        for one in statement.named_children:
            name, value = one.child_by_field_name("name"), one.child_by_field_name("value")
            if name is None or name.type != "identifier":
                continue
            names[_text(name)] += 1
            if value is not None and _is_literal(value):
                values[_text(name)] = value
    return {name: value for name, value in values.items() if names[name] == 1}


def _expected(body: Node, outer: dict[str, Node]) -> Iterator[Node]:
    """Literals that a passing run of this block has compared with."""
    known = {**outer, **_declared(body)}
    for statement in body.named_children:
        call = _call_of(statement) if statement.type == "expression_statement" else None
        pair = _compared(call) if call is not None else []
        literals = [value for one in pair if (value := _literal(one, known)) is not None]
        if len(literals) == 1:
            yield literals[0]
        if any(node.type in ("return_statement", "throw_statement") for node in _all(statement)):
            return  # what follows may never be reached


def _compared(call: Node) -> list[Node]:
    """Both sides of a comparison: `expect(a).toBe(b)`, `assert.equal(a, b)`."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "member_expression":
        return []
    owner, method = function.child_by_field_name("object"), function.child_by_field_name("property")
    if owner is None or method is None:
        return []
    if _text(method) in _ASSERTING and _text(owner) in ("assert", "assert.strict"):
        return _arguments(call)[:2]
    if _text(method) not in _EXPECTING:
        return []
    if owner.type == "member_expression":
        way = owner.child_by_field_name("property")
        owner = (
            owner.child_by_field_name("object") if way is not None and _text(way) in ("resolves", "rejects") else None
        )
    asked = owner.child_by_field_name("function") if owner is not None and owner.type == "call_expression" else None
    if owner is None or asked is None or _text(asked) != "expect":
        return []
    return [*_arguments(owner)[:1], *_arguments(call)[:1]]


def _literal(node: Node, known: dict[str, Node]) -> Node | None:
    if _is_literal(node):
        return node
    return known.get(_text(node)) if node.type == "identifier" else None


def _is_literal(node: Node) -> bool:
    if node.type in _LEAVES:
        return True
    if node.type == "unary_expression":
        return _text(node).startswith("-") and node.named_children[0].type == "number"
    if node.type == "array":
        return all(_is_literal(one) for one in node.named_children)
    if node.type == "object":
        return all(
            one.type == "pair" and (value := one.child_by_field_name("value")) is not None and _is_literal(value)
            for one in node.named_children
        )
    return False


def _leaf(literal: Node) -> Node:
    """The last number, text or truth in a literal."""
    while literal.named_children and literal.type not in ("string", "unary_expression"):
        last = literal.named_children[-1]
        value = last.child_by_field_name("value") if last.type == "pair" else last
        assert value is not None
        literal = value
    return literal


def _other(leaf: Node) -> bytes:
    """A text of the same type that differs a little: from the value alone nobody can tell which is the true one."""
    text = _text(leaf)
    if leaf.type in ("true", "false"):
        return b"false" if leaf.type == "true" else b"true"
    if leaf.type == "null":
        return str(_random.randint(1, 9)).encode("ascii")
    if leaf.type == "string":
        return _other_text(text).encode("utf-8")
    if leaf.type in ("array", "object"):
        return f"[{_random.randint(1, 9)}]".encode() if leaf.type == "array" else b"{ a: %d }" % _random.randint(1, 9)
    return _other_number(text).encode("ascii")


def _other_number(text: str) -> str:
    """Written as the first one is, as far as that goes."""
    big = "n" if text.endswith("n") else ""
    plain = text.removesuffix("n").replace("_", "").replace(" ", "")
    step = _random.randint(1, 9)
    try:
        whole = int(plain, 0)
    except ValueError:
        return str(Decimal(plain) + step if "e" not in plain.lower() else Decimal(plain) * 2)
    if abs(whole) >= 1 << 53 and not big:
        return str(whole // 2)  # a step would be lost in rounding
    near = whole - step if abs(whole) > step and _random.random() < 0.5 else whole + step
    if -step <= whole < 0:
        near = whole - step
    return f"{near}{big}"


def _other_text(quoted: str) -> str:
    """One character is another; text with escapes is made longer instead."""
    inner, quote = quoted[1:-1], quoted[0]
    if not inner or "\\" in inner:
        return f"{quote}{inner}{_random.choice('abcdefghijklmnopqrstuvwxyz')}{quote}"
    place = _random.randrange(len(inner))
    letters = "0123456789" if inner[place].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    new = _random.choice([letter for letter in letters if letter != inner[place].lower()])
    return f"{quote}{inner[:place]}{new}{inner[place + 1 :]}{quote}"


def _all(node: Node) -> Iterator[Node]:
    """A node and all below it, but not what stands in functions of their own."""
    yield node
    for child in node.named_children:
        if child.type not in (*_FUNCTIONS, "function_declaration", "method_definition"):
            yield from _all(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
