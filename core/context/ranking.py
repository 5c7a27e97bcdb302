"""How relevant a file is to a request, from words alone. Pure: the same request and tree give the same numbers."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.context.languages import is_code, language_of

EXACT_PATH: Final = 1000.0
NAMED_FILE: Final = 400.0
DEFINES: Final = 40.0
NEIGHBOUR: Final = 6.0
_MAX_TERMS: Final = 24
_REQUEST_CHARS: Final = 50_000
_IDENTIFIER = re.compile(r"[^\W\d]\w{1,80}")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_PATH = re.compile(r"[\w@+.\-]{1,100}(?:[/\\][\w@+.\-\[\]()]{1,100}){0,20}")
_COMMON: Final = (
    "about add all also and any are but can change class code could create def does each error every false for from "
    "function get give has have how implement import instead into its let make method must need new none not now one "
    "only other out please return returns self set should some such support than that the them then there these this "
    "true type update use used using want was what when where which will with without work would write you your"
)
_STOP: Final = frozenset(_COMMON.split())
_TEST_WORDS: Final = frozenset({"test", "tests", "spec", "testing", "pytest", "coverage"})
_PRODUCED: Final = frozenset({"build", "dist", "out", "vendor", "third_party", "generated", "migrations", "fixtures"})
_PROJECT_FILES: Final = frozenset({"pyproject.toml", "package.json", "readme.md", "tsconfig.json", "setup.py"})


@dataclass(frozen=True, slots=True)
class Query:
    """What a request talks about."""

    words: tuple[str, ...]
    """Lower-case words and parts of identifiers, in order, without common ones."""
    identifiers: tuple[str, ...]
    """Names that look like code (`snake_case`, `CamelCase`), as written."""
    paths: tuple[str, ...]
    about_tests: bool


def read_query(request: str) -> Query:
    """The terms of a request; only its first 50,000 characters count."""
    text = request[:_REQUEST_CHARS]
    names = list(dict.fromkeys(_IDENTIFIER.findall(text)))
    words = dict.fromkeys(part for name in names for part in split_words(name) if len(part) > 2 and part not in _STOP)
    code = [name for name in names if "_" in name.strip("_") or (name != name.capitalize() and not name.isupper()
            and not name.islower())]  # fmt: skip
    paths = dict.fromkeys(found.strip(".-").replace("\\", "/").removeprefix("./") for found in _PATH.findall(text))
    named = tuple(path for path in paths if "/" in path or "." in path)
    return Query(
        tuple(words)[:_MAX_TERMS], tuple(code)[:_MAX_TERMS], named, any(name.lower() in _TEST_WORDS for name in names)
    )


def split_words(name: str) -> list[str]:
    """`parseHTTPUrl_v2` as parse, http, url, v, 2."""
    return [part.lower() for part in _PART.findall(name)]


def prior(query: Query, path: str) -> float:
    """How likely a file is to matter to any request: code before data, near the top before deep, tests last."""
    pure = PurePosixPath(path)
    score = 4.0 if is_code(path) else 1.0 if language_of(path) else 0.0
    if len(pure.parts) == 1 and pure.name.lower() in _PROJECT_FILES:
        score += 3
    score -= min(len(pure.parts) - 1, 6) * 0.3
    if not _PRODUCED.isdisjoint(pure.parts[:-1]):
        score -= 3
    if is_test(path) and not query.about_tests:
        score -= 1.5
    if pure.name.startswith("."):
        score -= 2
    return score


def is_test(path: str) -> bool:
    parts = PurePosixPath(path.lower()).parts
    stem = parts[-1].split(".")[0] if parts else ""
    return (
        not {"tests", "test", "__tests__", "spec"}.isdisjoint(parts[:-1])
        or stem.startswith("test_")
        or stem.endswith(("_test", "tests"))
        or ".test." in parts[-1]
        or ".spec." in parts[-1]
    )


def path_evidence(query: Query, paths: Sequence[str]) -> dict[str, float]:
    """Points for files the request names, and for words it shares with their paths; rare words count more."""
    scores: dict[str, float] = {}
    words = set(query.words)
    shared = {path: hit for path in paths if (hit := words.intersection(split_words(path)))}
    spread = Counter(word for hit in shared.values() for word in hit)
    for path, hit in shared.items():
        stem = set(split_words(PurePosixPath(path).stem))
        scores[path] = sum(rarity(spread[word], len(paths)) * (2.0 if word in stem else 1.0) for word in hit)
    for path, points in _named(query.paths, paths).items():
        scores[path] = scores.get(path, 0.0) + points
    return scores


def _named(mentions: Sequence[str], paths: Sequence[str]) -> dict[str, float]:
    known = set(paths)
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    found: dict[str, float] = {}
    for mention in mentions:
        if mention in known:
            found[mention] = EXACT_PATH
            continue
        tails = [path for path in by_name.get(mention.rpartition("/")[2], ()) if path.endswith("/" + mention)]
        for path in tails:
            found.setdefault(path, NAMED_FILE / len(tails))
    return found


def content_evidence(query: Query, texts: Mapping[str, bytes]) -> dict[str, float]:
    """Points for files that contain the request's identifiers (as written) or words (in any case)."""
    hits: dict[str, list[tuple[str, float]]] = {}
    spread: Counter[str] = Counter()
    names = [(name, name.encode(), 3.0) for name in query.identifiers]
    words = [(word, word.encode(), 0.5) for word in query.words if len(word) > 3]
    for path, data in texts.items():
        lower = data.lower()
        found = [(term, weight) for term, raw, weight in names if raw in data]
        found += [(term, weight) for term, raw, weight in words if raw in lower]
        hits[path] = found
        spread.update(term for term, _ in found)
    return {path: sum(rarity(spread[term], len(texts)) * weight for term, weight in found)
            for path, found in hits.items() if found}  # fmt: skip


def symbol_evidence(query: Query, names: Iterable[str]) -> float:
    """Points for a file that defines what the request names."""
    wanted, words, score = set(query.identifiers), set(query.words), 0.0
    for name in set(names):
        if name in wanted:
            score += DEFINES
        else:
            parts = [part for part in split_words(name) if len(part) > 2]
            score += 1.5 * (len(words.intersection(parts)) / len(parts) if parts else 0)
    return score


def rarity(containing: int, total: int) -> float:
    """Inverse document frequency, smoothed."""
    return math.log(1 + total / (1 + containing)) + 0.1
