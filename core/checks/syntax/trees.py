"""Walking tree-sitter trees, and replacing stretches of the text they were made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from core.context.grammars import parser_for
from core.context.languages import language_of

if TYPE_CHECKING:
    from tree_sitter import Node


def parse(path: str, source: bytes) -> Node:
    """The root of a file's tree. What could not be read is in it as ERROR nodes, so `has_error` may be true.

    Raises ValueError for a language without a grammar.
    """
    parser = parser_for(language_of(path))
    if parser is None:
        raise ValueError(f"no grammar reads {path}")
    return parser.parse(source).root_node


def walk(root: Node, enter: Callable[[Node], bool] = lambda _: True) -> Iterator[Node]:
    """The nodes below `root` and itself in the order of the text; only into those that `enter` lets through."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if enter(node):
            yield node
            waiting += reversed(node.children)


def text_of(node: Node | None) -> str:
    """The source of a node on one line, without needless blanks; empty for none."""
    return " ".join((node.text or b"").decode("utf-8", "replace").split()) if node is not None else ""


def text_before(node: Node, part: Node) -> str:
    """The source of a node up to a part of it, on one line."""
    return " ".join((node.text or b"")[: part.start_byte - node.start_byte].decode("utf-8", "replace").split())


def line_of(node: Node) -> int:
    return node.start_point[0] + 1


def replaced(source: bytes, edits: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The text with stretches `(start, end, new)` replaced, which may not overlap; all other bytes stay."""
    for start, end, new in sorted(edits, reverse=True):
        source = source[:start] + new + source[end:]
    return source
