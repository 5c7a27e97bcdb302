"""Where in a file a SEARCH text stands: exactly, up to whitespace, or nearly and only once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

MIN_RATIO: Final = 0.9
"""Least similarity of a fuzzy match; the runner-up must stay `MARGIN` below the best."""
MARGIN: Final = 0.05
_MAX_HITS: Final = 20
_FULL_SCAN: Final = 4_000
"""Up to this many line comparisons every window is scored; above, only windows that share a line with the text."""
_MAX_WINDOWS: Final = 200
_SCAN_LINES: Final = 20_000
"""Most lines looked at one by one when nothing is equal."""
_LINE_CHARS: Final = 400
"""Longer lines are equal or not; of the nearest text only so much is compared."""
_NEAR_RATIO: Final = 0.6
"""Above this a line is worth showing to a model whose text is not there."""
_WORD = re.compile(r"\w+")
_LINE_RATIO: Final = 0.5
"""Least similarity of any single line in a fuzzy match."""


@dataclass(frozen=True, slots=True)
class Found:
    """The text stands once, from line `start` (0-based), over as many lines as were searched.

    `shift` is what to put before each line of the replacement; with `unshift`, what to take away instead.
    """

    start: int
    shift: str = ""
    unshift: str = ""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The text stands at several lines (0-based)."""

    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """The text stands nowhere; `nearest` is the line (0-based) of the most similar place, if any is similar."""

    nearest: int | None


def find(lines: Sequence[str], search: Sequence[str]) -> Found | Ambiguous | Missing:
    """Exact, then whitespace-tolerant, then unique fuzzy. Bounded time on any input."""
    if len(search) > len(lines):
        return Missing(_nearest(lines, search))
    exact = find_exact(lines, search)
    if not isinstance(exact, Missing):
        return exact
    stripped = occurrences([line.strip() for line in lines], [line.strip() for line in search])
    shifted = [hit for start in stripped if (hit := _shifted(lines, search, start)) is not None]
    if shifted:
        return shifted[0] if len(shifted) == 1 else Ambiguous(tuple(hit.start for hit in shifted))
    return _fuzzy(lines, search)


def find_exact(lines: Sequence[str], search: Sequence[str]) -> Found | Ambiguous | Missing:
    """As `find`, without its slower steps."""
    hits = occurrences(lines, search)
    if not hits:
        return Missing(None)
    return Found(hits[0]) if len(hits) == 1 else Ambiguous(tuple(hits))


def occurrences(lines: Sequence[str], search: Sequence[str]) -> list[int]:
    """Starts of the windows equal to `search`, at most twenty."""
    text, wanted = "\n" + "\n".join(lines) + "\n", "\n" + "\n".join(search) + "\n"
    hits: list[int] = []
    line, counted, at = 0, 0, text.find(wanted)
    while at >= 0 and len(hits) < _MAX_HITS:
        line += text.count("\n", counted, at)
        counted = at
        hits.append(line)
        at = text.find(wanted, at + 1)
    return hits


def _shifted(lines: Sequence[str], search: Sequence[str], start: int) -> Found | None:
    """The window at `start` if its indentation differs from the text's by one uniform step."""
    steps = {
        _step(line, wanted)
        for line, wanted in zip(lines[start : start + len(search)], search, strict=True)
        if line.strip() and wanted.strip()
    }
    if len(steps) != 1:
        return None
    step = steps.pop()
    return Found(start, *step) if step is not None else None


def _step(line: str, wanted: str) -> tuple[str, str] | None:
    """(indentation to add, indentation to remove) that turns the text's line into the file's."""
    real, given = _indent(line), _indent(wanted)
    if real.endswith(given):
        return real.removesuffix(given) if given else real, ""
    return ("", given.removesuffix(real) if real else given) if given.endswith(real) else None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _fuzzy(lines: Sequence[str], search: Sequence[str]) -> Found | Missing:
    best, second, start = 0.0, 0.0, None
    for candidate in _candidates(lines, search):
        score = _similarity(lines, search, candidate, floor=MIN_RATIO - MARGIN)
        if score > best:
            best, second, start = score, best, candidate
        else:
            second = max(second, score)
    if start is not None and best >= MIN_RATIO and best - second >= MARGIN:
        hit = _shifted(lines, search, start)
        if hit is not None:
            return hit
    return Missing(start if best >= MIN_RATIO - MARGIN else _nearest(lines, search))


def _candidates(lines: Sequence[str], search: Sequence[str]) -> list[int]:
    """Starts of windows worth scoring, the most promising first."""
    last = len(lines) - len(search)
    if (last + 1) * len(search) <= _FULL_SCAN:
        return list(range(last + 1))
    places: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        places.setdefault(line.strip(), []).append(number)
    votes: Counter[int] = Counter()
    for offset, line in enumerate(search[:_MAX_WINDOWS]):
        hits = places.get(line.strip(), [])
        if line.strip() and len(hits) <= _MAX_WINDOWS:
            votes.update(at - offset for at in hits if 0 <= at - offset <= last)
    if not votes:
        return _windows_by_first_line(lines, search, last)
    return [start for start, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:_MAX_WINDOWS]]


def _windows_by_first_line(lines: Sequence[str], search: Sequence[str], last: int) -> list[int]:
    """Without one equal line, windows whose line at the place of the longest searched one has a similar length."""
    offset = max(range(len(search)), key=lambda at: len(search[at]))
    wanted = search[offset].strip()
    near = [
        start
        for start in range(min(last + 1, _SCAN_LINES))
        if abs(len(lines[start + offset].strip()) - len(wanted)) <= 0.2 * len(wanted)
    ]
    words = set(_WORD.findall(wanted))
    near.sort(key=lambda start: (-len(words.intersection(_WORD.findall(lines[start + offset]))), start))
    return near[:_MAX_WINDOWS]


def _similarity(lines: Sequence[str], search: Sequence[str], start: int, floor: float) -> float:
    """Mean character ratio of paired lines, weighted by length; 0 as soon as it cannot reach `floor`.

    One pair without resemblance is enough for 0, however long the block: the real line may be one to keep.
    """
    window = lines[start : start + len(search)]
    pairs = [(line.strip(), wanted.strip()) for line, wanted in zip(window, search, strict=True)]
    total = sum(len(line) + len(wanted) for line, wanted in pairs)
    lost = 0.0
    for line, wanted in pairs:
        if line == wanted:
            continue
        if max(len(line), len(wanted)) > _LINE_CHARS:
            return 0.0
        weight = len(line) + len(wanted)
        matcher = SequenceMatcher(None, line, wanted, autojunk=False)
        ratio = matcher.quick_ratio()
        if lost + weight * (1 - ratio) <= (1 - floor) * total:
            ratio = matcher.ratio()
        lost += weight * (1 - ratio)
        if ratio < _LINE_RATIO or lost > (1 - floor) * total:
            return 0.0
    return 1 - lost / total if total else 0.0


def _nearest(lines: Sequence[str], search: Sequence[str]) -> int | None:
    """The place to show a model whose text is not there: most lines in common, else one similar line."""
    offsets: dict[str, int] = {}
    for offset, line in enumerate(search):
        if len(line.strip()) > 3:
            offsets.setdefault(line.strip(), offset)
    votes = Counter(max(0, at - offsets[line.strip()]) for at, line in enumerate(lines) if line.strip() in offsets)
    if votes:
        return min(votes, key=lambda start: (-votes[start], start))
    longest = max((line.strip()[:_LINE_CHARS] for line in search), key=len, default="")
    # The matcher keeps its statistics of the second text: the searched line, the same for all.
    matcher = SequenceMatcher(None, "", longest, autojunk=False)
    best, best_at = _NEAR_RATIO, None
    for at, line in enumerate(lines[:_SCAN_LINES]):
        stripped = line.strip()[:_LINE_CHARS]
        matcher.set_seq1(stripped)
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best and matcher.ratio() > best:
            best, best_at = matcher.ratio(), at
    return best_at
