"""What a Python file imports, on which line, and whether it is prepared for the import to fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.checks.source_lines import dotted, parse_python

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_CONDITIONS = re.compile(
    r"TYPE_CHECKING|find_spec|version_info|sys\.platform|os\.name|platform\.|hasattr|HAS_|HAVE_|_AVAILABLE"
)


@dataclass(frozen=True, slots=True)
class ImportRef:
    """One imported module, or one name taken from a module."""

    module: str
    """Absolute dotted name, or what follows the dots of a relative import (may be empty)."""
    name: str
    """Name taken from the module; empty for `import module`; `*` for a star import."""
    level: int
    """Number of leading dots."""
    line: int
    guarded: bool
    """The code works, or is not run, when the import fails."""

    @property
    def identity(self) -> tuple[str, str, int]:
        return self.module, self.name, self.level

    @property
    def text(self) -> str:
        """As a person writes it: `a.b`, or `.b.name`."""
        left = "." * self.level + self.module
        return f"{left}{'' if left.endswith('.') else '.'}{self.name}" if self.name else left


def imports_of(source: bytes) -> tuple[ImportRef, ...]:
    """Every import of the file, in source order; none when it cannot be read as Python."""
    tree = parse_python(source)
    if tree is None:
        return ()
    optional = _skipped_without(tree)
    return tuple(_visit(tree.body, False, optional))


def _visit(body: list[ast.stmt], guarded: bool, optional: frozenset[str]) -> Iterator[ImportRef]:
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                safe = guarded or alias.name.partition(".")[0] in optional
                yield ImportRef(alias.name, "", 0, alias.lineno, safe)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            safe = guarded or (not node.level and module.partition(".")[0] in optional)
            for alias in node.names:
                yield ImportRef(module, alias.name, node.level, alias.lineno, safe)
        elif isinstance(node, ast.Try | ast.TryStar):
            caught = guarded or any(_catches_import_error(handler) for handler in node.handlers)
            yield from _visit([*node.body, *node.orelse], caught, optional)
            for handler in node.handlers:
                yield from _visit(handler.body, caught, optional)
            yield from _visit(node.finalbody, guarded, optional)
        elif isinstance(node, ast.If):
            known = guarded or bool(_CONDITIONS.search(ast.unparse(node.test)))
            yield from _visit([*node.body, *node.orelse], known, optional)
        elif isinstance(node, ast.With | ast.AsyncWith):
            quiet = any(_suppresses_import_error(item.context_expr) for item in node.items)
            yield from _visit(node.body, guarded or quiet, optional)
        elif isinstance(node, ast.Match):
            for case in node.cases:
                yield from _visit(case.body, guarded, optional)
        else:
            for field in ("body", "orelse"):
                yield from _visit(getattr(node, field, []), guarded, optional)
            yield from _imported_by_call(node, guarded)


def _imported_by_call(node: ast.stmt, guarded: bool) -> Iterator[ImportRef]:
    """`importlib.import_module("x")` with a literal name, in a simple statement."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.For | ast.AsyncFor | ast.While):
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and dotted(inner.func).rpartition(".")[2] == "import_module":
            first = inner.args[0] if len(inner.args) == 1 else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and not first.value.startswith("."):
                yield ImportRef(first.value, "", 0, inner.lineno, guarded)


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or dotted(kind).rpartition(".")[2] in _IMPORT_ERRORS for kind in kinds)


def _suppresses_import_error(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "suppress"):
        return False
    return any(dotted(arg).rpartition(".")[2] in _IMPORT_ERRORS for arg in node.args)


def _skipped_without(tree: ast.Module) -> frozenset[str]:
    """Top-level modules that a test file does without: `pytest.importorskip("x")`."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = (
        call.args[0]
        for call in calls
        if call.args and dotted(call.func).rpartition(".")[2] in ("importorskip", "find_spec")
    )
    return frozenset(
        arg.value.partition(".")[0] for arg in named if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    )
