"""Reading what agents answer: a JSON contract, edit blocks, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from core.edits import Edit, EditProblem, parse_edits
from core.output_validator import JSON_AGAIN, Rejected, parse_model
from core.run.contracts import Contract
from core.run.ports import Parsed

C = TypeVar("C", bound=Contract)


def contract(answer: str, model: type[C]) -> Parsed[C]:
    """The JSON block of an answer as `model`, after local repair; or what does not fit, path by path."""
    parsed = parse_model(answer, model)
    return Parsed(None, parsed.problems, again=JSON_AGAIN) if isinstance(parsed, Rejected) else Parsed(parsed.value)


def edits(answer: str) -> tuple[tuple[Edit, ...], tuple[EditProblem, ...]]:
    parsed = parse_edits(answer)
    return parsed.edits, parsed.problems


def no_edits(problems: Sequence[EditProblem], *more: str) -> Parsed[Any]:
    """An answer of edit blocks that cannot be used; `more`: what is wrong besides the blocks that were not read."""
    return Parsed(
        None,
        (*(problem.feedback for problem in problems), *more),
        (*(problem.sentence for problem in problems), *more),
        "None of your blocks was used: send all of them again, corrected.",
    )


def first_line(answer: str) -> str:
    """The first line of prose, for logs and commit messages; empty when the answer starts with a block."""
    for line in answer.splitlines():
        text = line.strip().lstrip("*_ ").rstrip("*_ ")
        if text:
            return "" if text.startswith(("#", "`", "~", "<", "{")) else text[:200]
    return ""
