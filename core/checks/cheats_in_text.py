"""Shortcuts in TypeScript and C#, found by line: the sandbox of these languages brings syntax trees later."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from core.checks.findings import Finding

TextLanguage = Literal["typescript", "csharp"]


@dataclass(frozen=True, slots=True)
class TextRules:
    suffixes: tuple[str, ...]
    test_file: re.Pattern[str]
    tests: re.Pattern[str]
    """One match for each test."""
    asserts: re.Pattern[str]
    added: tuple[tuple[str, re.Pattern[str], str], ...]
    """Rule, what an added line may not contain, what is wrong with it."""


RULES: Mapping[TextLanguage, TextRules] = {
    "typescript": TextRules(
        suffixes=(".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"),
        test_file=re.compile(r"(\.(test|spec)\.[cm]?[jt]sx?$)|(^|/)(__tests__|tests?)/"),
        tests=re.compile(r"^\s*(?:it|test)(?:\.each\b.*)?\s*\(", re.MULTILINE),
        asserts=re.compile(r"\b(?:expect|assert(?:\.\w+)?)\s*\("),
        added=(
            (
                "skip_added",
                re.compile(
                    r"\b(?:it|test|describe|suite)\.(?:skip|todo|only|failing|fixme|skipIf)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\("
                ),
                "keeps tests from running",
            ),
            (
                "suppression_added",
                re.compile(r"@ts-(?:ignore|nocheck|expect-error)|(?:es|ts)lint[-:]disable|biome-ignore"),
                "silences a checker",
            ),
            ("error_swallowed", re.compile(r"\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}"), "hides every failure"),
            (
                "assertion_weakened",
                re.compile(r"expect\(\s*true\s*\)\.(?:toBe|toEqual)\(\s*true\s*\)|assert\(\s*true\s*\)"),
                "always holds",
            ),
            (
                "runner_detected",
                re.compile(r"JEST_WORKER_ID|VITEST_WORKER_ID|process\.env\.VITEST\b"),
                "tells the code that it is being tested",
            ),
        ),
    ),
    "csharp": TextRules(
        suffixes=(".cs",),
        test_file=re.compile(r"Tests?\.cs$|(^|/)[^/]*[Tt]ests?/"),
        tests=re.compile(r"\[\s*(?:Fact|Theory|Test|TestCase|TestMethod|DataTestMethod|InlineData|DataRow)\b"),
        asserts=re.compile(r"\b(?:Assert\.\w+|\.Should\s*\(|Verify)\s*[(<]"),
        added=(
            (
                "skip_added",
                re.compile(
                    r"\[\s*Ignore\b|\bSkip\s*=\s*[\"@$n]|\[\s*Explicit\b|Assert\.(?:Ignore|Inconclusive|Skip)\b"
                ),
                "keeps tests from running",
            ),
            (
                "suppression_added",
                re.compile(r"#pragma\s+warning\s+disable|\bSuppressMessage\b|#nullable\s+disable"),
                "silences a checker",
            ),
            (
                "error_swallowed",
                re.compile(r"\bcatch\s*(?:\(\s*(?:System\.)?Exception[^)]*\))?\s*\{\s*\}"),
                "hides every failure",
            ),
            ("assertion_weakened", re.compile(r"Assert\.(?:True|IsTrue)\(\s*true\s*\)|Assert\.Pass\("), "always holds"),
            (
                "process_exit",
                re.compile(r"Environment\.(?:Exit|FailFast)\s*\("),
                "can end the test process before it reports",
            ),
        ),
    ),
}


def find_text_cheats(
    base: Mapping[str, bytes], candidate: Mapping[str, bytes], language: TextLanguage
) -> Iterator[Finding]:
    """Compare the files of one language; only what the candidate added or removed is reported."""
    rules = RULES[language]
    before = {path: text.decode("utf-8", "replace") for path, text in base.items() if path.endswith(rules.suffixes)}
    after = {path: text.decode("utf-8", "replace") for path, text in candidate.items() if path.endswith(rules.suffixes)}
    known = Counter(
        line.strip() for path, text in before.items() if after.get(path) != text for line in text.splitlines()
    )
    for path in sorted(after):
        if before.get(path) != after[path]:
            yield from _added(path, after[path], known, rules)
    for path in sorted(before):
        if rules.test_file.search(path) and before[path] != after.get(path):
            yield from _fewer(path, before[path], after, rules)


def _added(path: str, text: str, known: Counter[str], rules: TextRules) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if known[stripped] > 0:
            known[stripped] -= 1
            continue
        for rule, pattern, why in rules.added:
            if found := pattern.search(line):
                yield _finding(rule, path, number, f"`{found[0].strip()}` {why}.", "Remove it.")


def _fewer(path: str, old: str, after: Mapping[str, str], rules: TextRules) -> Iterator[Finding]:
    new = after.get(path)
    if new is None:
        # A test file that moved keeps its name and its text.
        name = PurePosixPath(path).name
        new = next((text for other, text in after.items() if PurePosixPath(other).name == name), None)
    if new is None:
        yield _finding("test_removed", path, 0, f"The existing test file {path} is gone.", "Put it back.")
        return
    for rule, pattern, what in (
        ("test_removed", rules.tests, "tests"),
        ("assertion_removed", rules.asserts, "assertions"),
    ):
        was, now = len(pattern.findall(old)), len(pattern.findall(new))
        if now < was:
            yield _finding(rule, path, 0, f"{path} had {was} {what} and has {now} now.", "Put them back.")


def _finding(rule: str, path: str, line: int, message: str, fix: str) -> Finding:
    return Finding(f"anti_cheat.{rule}", "error", path, line, message, fix, blocking=True)
