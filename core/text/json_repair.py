"""Read JSON that a model almost got right: one linear pass, no guessing about meaning.

Accepted beyond JSON: comments, trailing and missing commas, single-quoted and unquoted keys and strings, Python
literals, raw control characters in strings, and a text that ends too early (what is open is closed).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

DEEPEST = 64
MOST_VALUES = 100_000

_SPACE = re.compile(r"(?:\s+|//[^\n]*|#[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))*")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])")
_WORD = re.compile(r"[^\s,:{}\[\]\"']+")
_PLAIN = {'"': re.compile(r'[^"\\]+'), "'": re.compile(r"[^'\\]+")}
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_LITERALS: dict[str, Json] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "None": None,
    "undefined": None,
}


class NotJson(ValueError):
    """The text cannot be read as JSON, even generously; `at` is how far reading came."""

    at = 0


@dataclass
class _Reader:
    text: str
    at: int = 0
    values: int = 0
    repairs: set[str] = field(default_factory=set)

    def skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        if match.group().strip():
            self.repairs.add("comment")
        self.at = match.end()

    def peek(self) -> str:
        self.skip()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Json:
        if depth > DEEPEST:
            raise NotJson(f"nested deeper than {DEEPEST} levels")
        self.values += 1
        if self.values > MOST_VALUES:
            raise NotJson(f"more than {MOST_VALUES} values")
        first = self.peek()
        if first == "{":
            return self.object(depth)
        if first == "[":
            return self.array(depth)
        if first and first in "\"'":
            return self.string(first)
        return self.scalar()

    def object(self, depth: int) -> Json:
        self.at += 1
        found: dict[str, Json] = {}
        while (char := self.peek()) != "}":
            if not char:
                self.repairs.add("truncated")
                return found
            if char == ",":
                self.at += 1
                self.repairs.add("comma")
                continue
            key = self.key(char)
            if self.peek() != ":":
                if self.text[self.at :].strip():
                    raise NotJson(f"a ':' is missing at character {self.at}")
                self.repairs.add("truncated")
                return found
            self.at += 1
            if not self.peek():
                self.repairs.add("truncated")
                return found
            found[key] = self.value(depth + 1)
            self.comma("}")
        self.at += 1
        return found

    def array(self, depth: int) -> Json:
        self.at += 1
        found: list[Json] = []
        while (char := self.peek()) != "]":
            if not char:
                self.repairs.add("truncated")
                return found
            if char == ",":
                self.at += 1
                self.repairs.add("comma")
                continue
            found.append(self.value(depth + 1))
            self.comma("]")
        self.at += 1
        return found

    def comma(self, end: str) -> None:
        """Step over the comma after an element; a missing one, or one before the end, is a repair."""
        char = self.peek()
        if char == ",":
            self.at += 1
            if self.peek() == end:
                self.repairs.add("comma")
        elif char and char != end:
            self.repairs.add("comma")

    def key(self, char: str) -> str:
        if char in {'"', "'"}:
            return self.string(char)
        match = _WORD.match(self.text, self.at)
        if match is None:
            raise NotJson(f"a key is missing at character {self.at}")
        self.repairs.add("unquoted key")
        self.at = match.end()
        return match.group()

    def string(self, quote: str) -> str:
        if quote == "'":
            self.repairs.add("single quotes")
        self.at += 1
        parts: list[str] = []
        while self.at < len(self.text):
            if match := _PLAIN[quote].match(self.text, self.at):
                parts.append(match.group())
                self.at = match.end()
            elif self.text[self.at] == quote:
                self.at += 1
                return "".join(parts)
            else:
                parts.append(self.escape())
        self.repairs.add("truncated")
        return "".join(parts)

    def escape(self) -> str:
        char = self.text[self.at + 1 : self.at + 2]
        if char != "u":
            self.at += 2
            return _ESCAPED.get(char, char)
        digits = self.text[self.at + 2 : self.at + 6]
        if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
            self.at += 2
            return "u"
        self.at += 6
        code = int(digits, 16)
        if 0xD800 <= code < 0xDC00 and (
            low := re.match(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})", self.text[self.at : self.at + 6])
        ):
            self.at += 6
            return chr(0x10000 + ((code - 0xD800) << 10) + int(low.group(1), 16) - 0xDC00)
        # A lone surrogate cannot be stored as UTF-8.
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)

    def scalar(self) -> Json:
        if match := _NUMBER.match(self.text, self.at):
            self.at = match.end()
            return _number(match.group())
        match = _WORD.match(self.text, self.at)
        if match is None:
            raise NotJson(f"a value is missing at character {self.at}")
        self.at = match.end()
        word = match.group()
        if word in _LITERALS:
            if word not in {"true", "false", "null"}:
                self.repairs.add("Python literal")
            return _LITERALS[word]
        raise NotJson(f"{word[:40]!r} is not a value")


def read_generously(text: str, start: int = 0) -> tuple[Json, int, frozenset[str]]:
    """The value that begins at `start`, where it ends, and which repairs were made. Raises NotJson."""
    reader = _Reader(text, start)
    try:
        value = reader.value(0)
    except NotJson as error:
        error.at = reader.at
        raise
    return value, reader.at, frozenset(reader.repairs)


def _number(text: str) -> Json:
    try:
        if re.fullmatch(r"[+-]?\d{1,400}", text):
            return int(text)
        number = float(text)
    except ValueError as error:
        raise NotJson(f"{text[:40]!r} is not a number") from error
    if number in (float("inf"), float("-inf")):
        raise NotJson(f"{text[:40]!r} is too large")
    return number
