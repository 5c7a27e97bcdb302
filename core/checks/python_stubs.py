"""Python code before the change, with the new names present but empty: a test that passes on it proves nothing.

For a file that existed, that is the old file plus empty versions of functions and classes it lacks; for a new file,
the new one with every function returning None. Both import cleanly, so a test cannot fail merely because a name is
missing, and an assertion-free test is found out.
"""

from __future__ import annotations

import ast


def make_stub(before: bytes | None, after: bytes) -> bytes | None:
    """Python source of the stub; None when the new source does not parse (then nothing can pass on it either)."""
    try:
        new = ast.parse(after)
        old = ast.parse(before) if before is not None else None
    except (SyntaxError, ValueError):
        return before
    if old is None:
        return _source(_Emptied().visit(new))
    _add_missing(old.body, new.body)
    return _source(old)


def _source(tree: ast.AST) -> bytes:
    return (ast.unparse(ast.fix_missing_locations(tree)) + "\n").encode()


def _add_missing(old: list[ast.stmt], new: list[ast.stmt]) -> None:
    """Append, emptied, what `new` defines and `old` does not; descend into classes both have."""
    known = {_name(node): node for node in old if _name(node)}
    imports = [node for node in new if isinstance(node, (ast.Import, ast.ImportFrom))]
    additions: list[ast.stmt] = []
    for node in new:
        name = _name(node)
        if not name:
            continue
        twin = known.get(name)
        if twin is None:
            additions.append(_Emptied().visit(node))
        elif isinstance(node, ast.ClassDef) and isinstance(twin, ast.ClassDef):
            _add_missing(twin.body, node.body)
    if additions:
        # Signatures and base classes of what is added may need the new imports. `from __future__` must lead.
        future = [node for node in imports if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
        old[:] = [*future, *old, *(node for node in imports if node not in future), *additions]


def _name(node: ast.stmt) -> str:
    """Name a statement defines: a function, a class, or a single assigned variable."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return ""


class _Emptied(ast.NodeTransformer):
    """Replaces every function's body by `return None`, keeping signature and decorators."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.body = [ast.Return(value=ast.Constant(value=None))]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        node.body = [ast.Return(value=ast.Constant(value=None))]
        return node
