"""Existing tests that an attempt removed, hid or made easier to pass, in languages with braces.

Tests are compared by name, wherever they live now: a test moved whole is the same test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.checks.findings import Finding
from core.checks.test_files import is_test_module, is_test_path

NOTHING, LOOSE, EXACT = 0, 1, 2
"""How much an assertion demands: it always holds, it allows many values, it allows one."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test. `demands` has a strength for each assertion."""

    name: str
    line: int
    body: str
    demands: tuple[int, ...]
    skipped: bool = False
    rows: int = 0
    """How many sets of values it is run with, when they are written in it."""


CasesOf = Callable[[str, bytes], Sequence[Case]]


def compare_cases(
    base: Mapping[str, bytes], candidate: Mapping[str, bytes], is_ours: Callable[[str], bool], cases_of: CasesOf
) -> Iterator[Finding]:
    """Compare the tests of every changed test file of `base` with the candidate's."""
    fresh = [path for path in candidate if path not in base and is_ours(path) and is_test_module(path)]
    moved = {case.name: (path, case) for path in sorted(fresh) for case in cases_of(path, candidate[path])}
    for path in sorted(path for path in base if is_ours(path) and is_test_path(path)):
        if base[path] == candidate.get(path):
            continue
        before = {case.name: case for case in cases_of(path, base[path])}
        after = {case.name: (path, case) for case in cases_of(path, candidate[path])} if path in candidate else {}
        bodies = {case.body: case for _, case in after.values() if case.name not in before}
        for name, old in before.items():
            place = after.get(name) or moved.get(name)
            yield from _compare(old, *place) if place else _gone(path, old, bodies.get(old.body))


def _gone(path: str, old: Case, twin: Case | None) -> Iterator[Finding]:
    if twin is not None:
        what = f"The existing test {old.name} was renamed to {twin.name}."
        yield _finding("test_renamed", path, twin.line, what, f"Give it its name {old.name} back.")
    else:
        what = f"The existing test {old.name} of {path} is gone."
        yield _finding("test_removed", path, old.line, what, "Put the test back and make the code pass it.")


def _compare(old: Case, path: str, new: Case) -> Iterator[Finding]:
    fix = f"Restore {old.name} as it was; change the code under test instead."
    if new.skipped and not old.skipped:
        yield _finding("skip_added", path, new.line, f"The existing test {old.name} does not run any more.", fix)
    if new.rows < old.rows:
        what = f"The existing test {old.name} had {old.rows} sets of values and has {new.rows} now."
        yield _finding("test_removed", path, new.line, what, fix)
    if len(new.demands) < len(old.demands):
        what = f"The existing test {old.name} had {len(old.demands)} assertions and has {len(new.demands)} now."
        yield _finding("assertion_removed", path, new.line, what, fix)
    elif any(now < was for was, now in zip(_strongest_first(old), _strongest_first(new), strict=False)):
        what = f"An assertion of the existing test {old.name} demands less than it did."
        yield _finding("assertion_weakened", path, new.line, what, fix)


def _strongest_first(case: Case) -> list[int]:
    return sorted(case.demands, reverse=True)


def _finding(rule: str, path: str, line: int, message: str, fix: str) -> Finding:
    return Finding(f"anti_cheat.{rule}", "error", path, line, message, fix, blocking=True)
