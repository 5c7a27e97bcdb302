"""Did an attempt get green by bending the tests or the checks instead of mending the code?

An attempt with a blocking finding from here is not verified, whatever the sandbox said.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.checks.findings import Finding
from core.checks.languages import CHECKS
from core.checks.planted_settings import find_planted


def find_cheats(base: Mapping[str, bytes], candidate: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Cheats of an attempt in every language, by path and line.

    Both mappings hold every test file and every file the attempt touched, by relative POSIX path; a path that only
    `base` has was deleted. Give whole files: what was there before is told apart from what the attempt wrote.
    """
    found = [finding for checks in CHECKS.values() for finding in checks.cheats(base, candidate)]
    found += find_planted(base, candidate)
    return tuple(sorted(set(found), key=lambda each: (each.path, each.line, each.rule)))
