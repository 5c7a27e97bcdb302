"""Shortcuts in code, told apart from those that were there before.

Occurrences are counted over the whole tree before and after, so moving or reformatting old code is not held against
an attempt: only what it added is reported, on the lines it wrote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from core.checks.findings import Finding
from core.checks.source_lines import changed_lines


@dataclass(frozen=True, slots=True)
class Trick:
    rule: str
    signature: str
    """Equal for two occurrences of the same old code, wherever they stand."""
    path: str
    line: int
    message: str
    fix: str


def find_new_tricks(
    base: Mapping[str, bytes],
    candidate: Mapping[str, bytes],
    is_ours: Callable[[str], bool],
    tricks_of: Callable[[str, bytes], Iterator[Trick]],
) -> Iterator[Finding]:
    """Tricks of the candidate's files that the base did not have; `is_ours` says which files are read."""
    paths = sorted(path for path in candidate if is_ours(path) and candidate[path] != base.get(path))
    touched = {path for path in base if is_ours(path) and candidate.get(path) != base[path]}
    known = Counter((trick.rule, trick.signature) for path in touched for trick in tricks_of(path, base[path]))
    tricks = [trick for path in paths for trick in tricks_of(path, candidate[path])]
    excess = Counter((trick.rule, trick.signature) for trick in tricks)
    excess.subtract(known)
    fresh = {path: changed_lines(base.get(path), candidate[path]) for path in paths}
    # Of equal occurrences, those on lines the attempt wrote are the new ones.
    for trick in sorted(tricks, key=lambda each: (each.line not in fresh[each.path], each.path, each.line)):
        if excess[trick.rule, trick.signature] > 0:
            excess[trick.rule, trick.signature] -= 1
            rule = f"anti_cheat.{trick.rule}"
            yield Finding(rule, "error", trick.path, trick.line, trick.message, trick.fix, blocking=True)
