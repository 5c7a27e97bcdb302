"""The text of a file as it can be shown: nothing in it acts on the terminal or hides, and its syntax is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rich.cells import cell_len

from core.run.proposal import FileProposal, Version

if TYPE_CHECKING:
    from pygments.lexer import Lexer

MOST_HIGHLIGHTED = 400_000
"""Characters; longer files are shown in one colour."""
LONGEST_LINE = 1_000
"""Characters of a line that are shown."""
TAB = 4
_ASIDE = 26
"""Columns that a remark behind a line takes at most."""

_LOST = 0xFFFD
_VISIBLE: dict[int, int] = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), _LOST),
    # What steers the direction of text, has no width, or tags text unseen: reviewed text must read as it runs.
    **dict.fromkeys((0xAD, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x2028, 0x202F)), _LOST),
    **dict.fromkeys((*range(0x2060, 0x2070), *range(0xE0000, 0xE0080), *range(0xD800, 0xE000)), _LOST),
}
_VISIBLE_ASCII = dict.fromkeys(_VISIBLE, ord("?"))

Syntax = tuple[tuple[int, int, str], ...]
"""Parts of a line, in characters from and up to, with the name of their component class."""

_CLASSES: tuple[tuple[str, str], ...] = (
    ("Comment", "comment"),
    ("Keyword", "keyword"),
    ("Literal.String", "string"),
    ("Literal.Number", "literal"),
    ("Name.Function", "name"),
    ("Name.Class", "name"),
    ("Name.Decorator", "name"),
    ("Name.Tag", "keyword"),
    ("Name.Builtin", "keyword"),
    ("Operator.Word", "keyword"),
    ("Generic.Heading", "keyword"),
    ("Generic.Subheading", "keyword"),
)


@dataclass(frozen=True, slots=True)
class Study:
    """What is known of a file once it was read through: colours per line of each side, and the widest line shown."""

    file: FileProposal
    before: tuple[Syntax, ...]
    after: tuple[Syntax, ...]
    width: int
    """Columns."""
    shows_cr: bool
    """Carriage returns at the ends of lines are worth seeing: they are not everywhere the same."""


def visible(text: str, ascii_only: bool = False) -> str:
    """The same text, character by character, with every control or invisible character as a sign one can see."""
    return text.translate(_VISIBLE_ASCII if ascii_only else _VISIBLE)


def study(file: FileProposal) -> Study:
    """Reads both sides through; called in a thread. Sides too long for colours have none."""
    sides = (file.before, file.after)
    lines = [line for side in sides if side for line in side.lines]
    width = max((_width(line) for line in lines), default=0)
    before, after = (_syntax(side, file.path) for side in sides)
    ends = {side.ends for side in sides if side and side.lines}
    return Study(file, before, after, width, len(ends) > 1 or "mixed" in ends)


def _width(line: str) -> int:
    asides = _ASIDE * ((len(line) > LONGEST_LINE) + (not line.endswith("\n")))
    return cell_len(line[:LONGEST_LINE]) + line[:LONGEST_LINE].count("\t") * (TAB - 1) + asides


def _syntax(side: Version | None, path: str) -> tuple[Syntax, ...]:
    if side is None or side.hidden or sum(map(len, side.lines)) > MOST_HIGHLIGHTED:
        return ()
    lexer = _lexer(path)
    return () if lexer is None else _coloured(lexer, visible("".join(side.lines)))


def _lexer(path: str) -> Lexer | None:
    from pygments.lexers import find_lexer_class_for_filename

    # The name decides: guessing from content would load every lexer there is.
    found = find_lexer_class_for_filename(PurePosixPath(path).name)
    return None if found is None else found(stripnl=False, ensurenl=False)


def _coloured(lexer: Lexer, text: str) -> tuple[Syntax, ...]:
    names: dict[object, str] = {}
    lines: list[Syntax] = []
    line: list[tuple[int, int, str]] = []
    at = 0
    for token, value in lexer.get_tokens(text):
        if (name := names.get(token)) is None:
            name = names[token] = _class_of(str(token).removeprefix("Token."))
        first, *more = value.split("\n")
        for number, part in enumerate((first, *more)):
            if number:
                lines.append(tuple(line))
                line, at = [], 0
            if name and part:
                line.append((at, at + len(part), name))
            at += len(part)
    return (*lines, tuple(line))


def _class_of(token: str) -> str:
    return next((name for prefix, name in _CLASSES if token == prefix or token.startswith(prefix + ".")), "")
