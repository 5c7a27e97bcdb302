"""What the model is told about a pair that did not apply: its own mistake next to the real text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.edits.match import Ambiguous, occurrences
from core.edits.model import EditProblem
from core.text.fences import fenced
from core.text.redaction import redact, strip_escapes

_AROUND: Final = 2
_MOST_LINES: Final = 14
_LONGEST_PATH: Final = 300


def refusal(path: str, reason: str, advice: str) -> EditProblem:
    """A problem whose texts are safe to print: the path came from a model."""
    shown = strip_escapes(path)[:_LONGEST_PATH]
    reason = strip_escapes(reason)
    advice = strip_escapes(advice)
    return EditProblem(shown, reason, f"{shown}: {reason} {advice}" if shown else f"{reason} {advice}")


def ambiguous(path: str, hit: Ambiguous) -> EditProblem:
    """A SEARCH text that stands at several places."""
    numbers = ", ".join(str(start + 1) for start in hit.starts)
    reason = f"The SEARCH text occurs {len(hit.starts)} times, at lines {numbers}."
    return refusal(path, reason, "Send the pair again with enough lines around it to occur once.")


def missing(
    path: str, lines: Sequence[str], search: Sequence[str], new: Sequence[str], nearest: int | None
) -> EditProblem:
    """A SEARCH text that is not in the file; `nearest` is the line (0-based) of the most similar place."""
    parts = ["It began with:", fenced("\n".join(search[:3]))]
    if any(line.strip() for line in new) and (placed := occurrences(lines, new)):
        parts.append(
            f"The REPLACE text is already there, at line {placed[0] + 1}: this change may be applied. "
            "If so, do not send it again."
        )
    if nearest is None:
        parts.append(f"Nothing in the file ({len(lines)} lines) is similar. Ask for the file before you edit it.")
    else:
        parts += ["The nearest text in the file is (with line numbers):", numbered(lines, nearest, len(search))]
        parts.append("Copy the lines exactly as they are in the file, without the numbers.")
    return refusal(path, "The SEARCH text is not in the file.", "\n".join(parts))


def numbered(lines: Sequence[str], start: int, length: int) -> str:
    """Lines around `start` with their numbers, free of secrets and escapes, as a block."""
    first = max(0, start - _AROUND)
    last = min(len(lines), start + length + _AROUND, first + _MOST_LINES)
    text = "\n".join(f"{number + 1:>5} | {lines[number][:300]}" for number in range(first, last))
    return fenced(redact(text))


def outcome_note(path: str, applied: int, total: int) -> str:
    """What became of the file's other pairs, so that they are not sent twice."""
    if total < 2:
        return ""
    if applied == 0:
        return f"None of the {total} pairs for {path} was applied."
    return f"The other pairs for {path} ({applied} of {total}) were applied; do not send them again."
