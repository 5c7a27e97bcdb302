"""Places in the source that compilers and stack traces name: whose they are, and what is written there."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FILE = r"(?P<file>[^\s():'\"]+\.(?:[cm]?[jt]sx?|cs))"
_POSITION = r"(?:\((?P<line>\d+)(?:,\d+)?\)|:(?P<row>\d+)(?::\d+)?)"
_DIAGNOSTIC = re.compile(rf"^{_FILE}{_POSITION}(?: -)?:? +(?:\w+ )*error\b", re.IGNORECASE)
"""`src/a.ts(3,10): error TS2304: …`, `src/A.cs(3): error CS1002: …`, `src/a.ts:3:10: ERROR: …`."""
_FRAME = re.compile(rf"^\s*(?:at|❯) .*?{_FILE}:(?:line )?(?P<line>\d+)", re.IGNORECASE)
_ANY_FRAME = re.compile(r"^\s+(?:at |❯ )\S")
_FOREIGN = re.compile(r"node_modules/|\bnode:|/opt/|/usr/|\bat (?:System|Microsoft|Xunit|NUnit)\.")
_MOST_CHARACTERS = 160


def diagnostics(text: str) -> list[str]:
    """The lines of a compiler's output that say what does not compile, and where."""
    return [line for line in text.splitlines() if _DIAGNOSTIC.match(line)]


def is_foreign_frame(line: str) -> bool:
    """A frame of JavaScript or .NET outside the project's own sources."""
    if _ANY_FRAME.match(line) is None:
        return False
    return _FRAME.match(line) is None or _FOREIGN.search(line) is not None


def with_source(text: str, sources: Mapping[str, bytes]) -> str:
    """The text, with the source line below each line that names a place in one of these files."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.append(line)
        found = _DIAGNOSTIC.match(line) or _FRAME.match(line)
        if found and (source := _source_line(sources.get(found["file"].removeprefix("./")), _number(found))):
            lines.append(f"    > {source}")
    return "\n".join(lines)


def _number(found: re.Match[str]) -> int:
    return int(next(value for name, value in found.groupdict().items() if name != "file" and value))


def _source_line(source: bytes | None, number: int) -> str:
    lines = source.decode("utf-8", "replace").splitlines() if source else []
    return lines[number - 1].strip()[:_MOST_CHARACTERS] if 0 < number <= len(lines) else ""
