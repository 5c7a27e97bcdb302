"""A model's text → a validated value, or the list of what is wrong with it.

Local repair first, which costs nothing; the one re-ask is the agent's to make, with `reask_message`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from core.text.json_repair import Json, NotJson, read_generously
from core.text.redaction import strip_escapes

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")

LONGEST = 2_000_000
"""Characters of an answer that are looked at."""
_MOST_FENCES = 6
_MOST_SEARCHED = 500_000
"""Characters read in search of a value within prose."""
_LEAST_COUNTED = 5_000
"""What a failed try counts at least, so that a text full of brackets is given up in time."""
_MOST_PROBLEMS = 12
_FENCE = re.compile(
    r"^[ \t]*(?:```|~~~)[ \t]*(?:json5?|jsonc|JSON)?[ \t]*\n(.*?)(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.M | re.S
)
_OPENING = re.compile(r"[{\[]")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[M]):
    value: M
    repairs: tuple[str, ...] = ()
    """What had to be mended, such as `comma` or `truncated`; empty for clean JSON."""


@dataclass(frozen=True, slots=True)
class Rejected:
    problems: tuple[str, ...]
    """One line each: the path in the value, and what is wrong there."""


def parse_model(text: str, model: type[M]) -> Parsed[M] | Rejected:
    """Find the JSON value in `text` that fits `model`. Time is linear in the text and bounded."""
    best: Rejected | None = None
    for candidate in _candidates(text[:LONGEST].lstrip("\ufeff")):
        answer = _validate(candidate, model)
        if isinstance(answer, Parsed):
            return answer
        # A value with fewer problems is more likely the one that was meant.
        if best is None or len(answer.problems) < len(best.problems):
            best = answer
    return best or Rejected(("The answer holds no JSON value.",))


JSON_AGAIN = "Answer again with the whole corrected JSON value in one ```json block and nothing else."


def reask_message(problems: Sequence[str], again: str = JSON_AGAIN) -> str:
    """The message of the one re-ask: only what is wrong, since the model still has its own answer before it."""
    listed = "\n".join(f"- {strip_escapes(problem)}" for problem in list(problems)[:_MOST_PROBLEMS])
    return f"Your answer could not be used:\n{listed}\n{again}"


@dataclass(frozen=True, slots=True)
class _Candidate:
    value: Json
    repairs: tuple[str, ...]


def _candidates(text: str) -> Iterator[_Candidate]:
    """JSON values in the text, most likely first: the whole text, fenced blocks, values within prose."""
    stripped = text.strip()
    if stripped[:1] in {"{", "["}:
        yield from _read(stripped)
    for number, match in enumerate(_FENCE.finditer(text)):
        if number == _MOST_FENCES:
            break
        if match.group(1).strip()[:1] in {"{", "["}:
            yield from _read(match.group(1).strip())
    at, looked_at = 0, 0
    while looked_at < _MOST_SEARCHED and (opening := _OPENING.search(text, at)):
        try:
            value, end, repairs = read_generously(text, opening.start())
        except NotJson as error:
            looked_at += max(_LEAST_COUNTED, error.at - opening.start())
            at = opening.end()
            continue
        looked_at += max(_LEAST_COUNTED, end - opening.start())
        at = end
        yield _Candidate(value, tuple(sorted(repairs)))


def _read(text: str) -> Iterator[_Candidate]:
    try:
        yield _Candidate(json.loads(text), ())
        return
    except (ValueError, RecursionError):
        pass
    try:
        value, _, repairs = read_generously(text)
    except NotJson:
        return
    yield _Candidate(value, tuple(sorted(repairs)))


def _validate(candidate: _Candidate, model: type[M]) -> Parsed[M] | Rejected:
    from pydantic import ValidationError

    try:
        # Through JSON, so that strict models still take lists for tuples and strings for enums.
        return Parsed(model.model_validate_json(json.dumps(candidate.value)), candidate.repairs)
    except ValidationError as error:
        return Rejected(
            tuple(_problem(item["loc"], item["msg"]) for item in error.errors(include_url=False, include_input=False))
        )


def _problem(path: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in path)
    return f"{where}: {message}" if where else message
