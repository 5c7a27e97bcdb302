"""A first guess of how much process a request deserves, before any money is spent.

Only what is plainly small is called trivial here; everything else goes to the analyst, whose answer decides.
"""

from __future__ import annotations

import re

_SMALL = re.compile(
    r"^(please\s+)?(fix|rename|add|write|create|make|correct|remove|change|return|implement)\b", re.IGNORECASE
)
_LARGE = re.compile(
    r"\b(refactor|migrat\w*|architect\w*|redesign|integrat\w*|endpoint|api|database|schema|auth\w*|service|"
    r"concurren\w*|async\w*|security|deploy\w*|several|all files|every|across|and then|also|as well as)\b",
    re.IGNORECASE,
)
_TESTS = re.compile(
    r"^(please\s+)?(add|write|create|generate|extend)\s+((?!and\b|with\b)[\w.#+-]+\s+){0,4}?tests?"
    # "a test runner", "a test client": what follows must still be about the tests themselves.
    r"\s*($|[.,:;!]|\b(for|of|to|that|which|covering|in|on|against)\b)(?!.*\band\s+(fix|implement|change))",
    re.IGNORECASE,
)
_MOST_CHARACTERS = 160


def asks_for_tests_only(request: str) -> bool:
    """True for "add tests for …": nothing is to be implemented, and the tests are judged on emptied code."""
    return _TESTS.search(" ".join(request.split())) is not None


def looks_trivial(request: str) -> bool:
    """True for one short, single-purpose sentence: such a run costs two model calls instead of six."""
    text = " ".join(request.split())
    sentences = [part for part in re.split(r"[.!?]\s+", text) if part]
    return (
        0 < len(text) <= _MOST_CHARACTERS
        and len(sentences) == 1
        and _SMALL.search(text) is not None
        and _LARGE.search(text) is None
    )
