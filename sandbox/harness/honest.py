"""Honest equality in test files: `==`, `!=` and `in` there ask the operands more than once.

An object whose `__eq__` always says yes passes most tests ever written. So a comparison that holds is repeated,
mixed with comparisons that cannot hold; a value that claims those too fails the test. Values of C types cannot lie
(their methods cannot be replaced) and cost one check.
"""

from __future__ import annotations

import functools
import importlib.util
import types
import unittest
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

from _pytest.assertion import rewrite
from _pytest.config import Config

from . import liars
from .honest_tree import make_honest, mark_truths, parse


def install(protected: Iterable[str]) -> None:
    """Put the honest comparison into pytest's rewriting of test modules and into unittest's assert methods."""
    files = frozenset(protected)

    def rewrite_test(fn: Path, config: Config) -> tuple[bytes, types.CodeType]:
        source = fn.read_bytes() if str(fn) not in files else _from_memory(fn)
        tree = parse(source, str(fn))
        mark_truths(tree)
        rewrite.rewrite_asserts(tree, source, str(fn), config)
        code = compile(make_honest(tree), str(fn), "exec", dont_inherit=True)
        liars.trust(code)
        return importlib.util.source_hash(source), code

    rewrite._rewrite_test = rewrite_test
    rewrite._read_pyc = _no_cache
    _wrap_unittest()


def run_source(source: str, name: str) -> None:
    """Run a control test through the same transformations as a test module."""
    tree = parse(f"import pytest, unittest\n{source}\n", name)
    mark_truths(tree)
    rewrite.rewrite_asserts(tree, source.encode(), name)
    exec(compile(make_honest(tree), name, "exec", dont_inherit=True), {})  # noqa: S102 - inside the box


def _from_memory(path: Path) -> bytes:
    import importlib.machinery

    return importlib.machinery.SourceFileLoader("protected", str(path)).get_data(str(path))


def _no_cache(source: Path, pyc: Path, trace: Callable[[str], None] = print) -> None:
    """Rewritten bytecode on disk could come from the code under test."""


def _wrap_unittest() -> None:
    pairs = {
        "assertEqual": "==",
        "assertNotEqual": "!=",
        "assertSequenceEqual": "==",
        "assertListEqual": "==",
        "assertTupleEqual": "==",
        "assertSetEqual": "==",
        "assertDictEqual": "==",
        "assertCountEqual": "count",
        "assertIn": "in",
        "assertNotIn": "not in",
    }
    for name, sort in pairs.items():
        method = cast("Callable[..., None]", getattr(unittest.TestCase, name))
        setattr(unittest.TestCase, name, _checked(method, sort))


def _checked(method: Callable[..., None], sort: str) -> Callable[..., None]:
    @functools.wraps(method)
    def checked(self: unittest.TestCase, first: object, second: object, *args: object, **kwargs: object) -> None:
        __tracebackhide__ = True
        method(self, first, second, *args, **kwargs)
        liars.confirm(sort, first, second)

    return checked
