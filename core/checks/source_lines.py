"""Which lines of a file an edit wrote, and the syntax of Python files."""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Sequence


def changed_lines(before: bytes | None, after: bytes) -> frozenset[int]:
    """Line numbers (from 1) of `after` that are new or differ from `before`; all of them for a new file."""
    new = after.decode("utf-8", "replace").splitlines()
    if before is None:
        return frozenset(range(1, len(new) + 1))
    old = before.decode("utf-8", "replace").splitlines()
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    # The matcher is quadratic on repeated lines: without the unchanged ends it sees the edit, not the file.
    matcher = difflib.SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    blocks = [(low, high) for tag, _, _, low, high in matcher.get_opcodes() if tag in ("insert", "replace")]
    return frozenset(head + number for low, high in blocks for number in range(low + 1, high + 1))


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Number of equal lines at the beginning."""
    pairs = zip(left, right, strict=False)
    return next((number for number, (one, other) in enumerate(pairs) if one != other), min(len(left), len(right)))


def parse_python(source: bytes | None) -> ast.Module | None:
    """The syntax tree, or None for no file or one that Python cannot read."""
    if source is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the model's invalid escapes are not news on our stderr
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute chain, looking through calls; empty for anything else."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""
