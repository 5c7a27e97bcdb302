"""Agents may ask to see more instead of answering: this reads their requests and serves them, read-only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from core.context.reading import Refusal, ServedFile, clean, lines_of
from core.context.repo_map import RepoIndex, cut
from core.context.symbols import Symbol
from core.context.tokens import clip, estimate_tokens
from core.text.fences import blocks, fenced

CONTEXT_REQUEST_HELP: Final = """\
```context
file: path/of/a/file.py
file: path/of/a/long_file.py:40-120
symbol: name_of_a_function_or_class
search: some exact text
```"""
MAX_REQUESTS: Final = 12
MAX_HITS: Final = 40
_MAX_USES: Final = 12
_MAX_DEFINITIONS: Final = 4
_LINE_CHARS: Final = 240
_LINE = re.compile(r"[-*]?\s*(file|symbol|search)\s*:\s*(\S.*)", re.IGNORECASE)
_RANGE = re.compile(r"(.+?):(?:L)?(\d{1,7})(?:-L?(\d{1,7}))?")
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class ContextRequest:
    """`first` and `last` are lines from 1, for files; 0 means all."""

    kind: Literal["file", "symbol", "search"]
    target: str
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        lines = f":{self.first}-{self.last}" if self.first else ""
        return f"{self.kind}: {self.target}{lines}"


@dataclass(frozen=True, slots=True)
class Served:
    """The text for the model, and for the run log what was and was not in it."""

    text: str
    served: tuple[str, ...]
    refused: tuple[str, ...]


def parse_context_requests(answer: str) -> tuple[ContextRequest, ...]:
    """Requests of an answer that asks and does nothing else; empty when it also holds work: any other block."""
    found = list(blocks(answer))
    if not found or any(block.info.lower() != "context" for block in found):
        return ()
    requests: dict[ContextRequest, None] = {}
    for line in (line for block in found for line in block.lines):
        if request := _parse_line(line.strip()):
            requests[request] = None
    return tuple(requests)[:MAX_REQUESTS]


def serve(index: RepoIndex, requests: Sequence[ContextRequest], token_budget: int) -> Served:
    """Answers in the order asked, together within the budget; a note of what was refused may come on top.

    Each request is in exactly one of `served` and `refused`.
    """
    parts: list[str] = []
    served: list[str] = []
    refused: list[str] = []
    left = token_budget
    for request in requests:
        section = _section(index, request, left) if left > 0 else Refusal(request.target, "the token budget is used up")
        if isinstance(section, Refusal):
            line = f"{request} - not shown: {section.reason}"
            refused.append(clean(line))
        else:
            parts.append(section)
            served.append(clean(str(request)))
            left -= estimate_tokens(section)
    note = clip("\n".join(["Not shown:", *refused]), max(left, 200)) if refused else ""
    return Served("\n\n".join([*parts, *([note] if note else [])]), tuple(served), tuple(refused))


def _parse_line(line: str) -> ContextRequest | None:
    found = _LINE.fullmatch(line[:_LONGEST])
    if found is None:
        return None
    kind, target = found[1].lower(), found[2].strip().strip("`").strip()
    if kind == "file":
        ranged = _RANGE.fullmatch(target)
        if ranged is None:
            return ContextRequest("file", target.removeprefix("./"))
        first = max(1, int(ranged[2]))
        last = int(ranged[3]) if ranged[3] else first
        return ContextRequest("file", ranged[1].removeprefix("./"), min(first, last or first), max(first, last))
    if kind == "symbol":
        return ContextRequest("symbol", target.removesuffix("()"))
    return ContextRequest("search", target)


def _section(index: RepoIndex, request: ContextRequest, budget: int) -> str | Refusal:
    if request.kind == "file":
        return _file(index, request, budget)
    if request.kind == "symbol":
        return _symbol(index, request.target, budget)
    return _search(index, request.target, budget)


def _file(index: RepoIndex, request: ContextRequest, budget: int) -> str | Refusal:
    whole = index.read(request.target)
    if isinstance(whole, Refusal):
        return whole
    if request.first > whole.total:
        return Refusal(request.target, f"it has only {whole.total} lines")
    part = _lines(whole, request.first, request.last) if request.first else whole
    return _block(part, budget) or Refusal(request.target, "it does not fit in the token budget; ask for fewer lines")


def _symbol(index: RepoIndex, name: str, budget: int) -> str | Refusal:
    """Definitions with their bodies, then the lines elsewhere that mention the name."""
    owner, _, short = name.rpartition(".")
    word = re.compile(rf"(?<!\w){re.escape(short)}(?!\w)")
    parts: list[str] = []
    uses: list[str] = []
    for path, text in index.texts(name):
        if short not in text:
            continue
        defined = [symbol for symbol in index.symbols(path) if symbol.name == short]
        if owner:
            defined = [symbol for symbol in defined if _inside(index.symbols(path), symbol, owner)]
        for symbol in defined[: _MAX_DEFINITIONS - len(parts)]:
            whole = index.read(path)
            block = "" if isinstance(whole, Refusal) else _block(_lines(whole, symbol.first, symbol.last), budget)
            if block:
                budget -= estimate_tokens(block)
                parts.append(block)
        if len(uses) < _MAX_USES:
            own = {line for symbol in defined for line in range(symbol.first, symbol.last + 1)}
            uses += _matches(path, text, word, own)
    if owner and not parts:
        return _symbol(index, short, budget)
    if not parts and not uses:
        return Refusal(name, "no definition and no mention of it was found")
    listed = clip("\n".join(clean(line) for line in uses[:_MAX_USES]), max(0, budget - 20))
    title = f"`{name}` is mentioned at:" if parts else f"No definition of `{name}` was found. It is mentioned at:"
    return "\n\n".join([*parts, *([f"{title}\n{fenced(listed)}"] if listed else [])]) or Refusal(
        name, "it does not fit in the token budget"
    )


def _search(index: RepoIndex, wanted: str, budget: int) -> str | Refusal:
    hits: list[str] = []
    pattern = re.compile(re.escape(wanted))
    for path, text in index.texts(wanted):
        if wanted in text:
            hits += _matches(path, text, pattern, set())
        if len(hits) > MAX_HITS:
            break
    if not hits:
        return Refusal(wanted, "the text was not found")
    more = "\n… more were left out" if len(hits) > MAX_HITS else ""
    listed = clip("\n".join(clean(line) for line in hits[:MAX_HITS]), max(0, budget - 40))
    if not listed:
        return Refusal(wanted, "the hits do not fit in the token budget")
    return f"Search for `{clean(wanted)}`:\n{fenced(listed + more)}"


def _matches(path: str, text: str, pattern: re.Pattern[str], without: set[int]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:_LINE_CHARS]}"
        for number, line in enumerate(text.split("\n"), 1)
        if number not in without and pattern.search(line)
    ][: MAX_HITS + 1]


def _inside(symbols: Sequence[Symbol], inner: Symbol, owner: str) -> bool:
    name = owner.rpartition(".")[2]
    return any(one.name == name and one.first <= inner.first and inner.last <= one.last for one in symbols)


def _lines(whole: ServedFile, first: int, last: int) -> ServedFile:
    last = min(last, whole.total)
    lines = lines_of(whole.text)
    return ServedFile(whole.path, "".join(lines[first - 1 : last]), first, last, whole.total)


def _block(part: ServedFile, budget: int) -> str:
    """The lines under a title that says which they are; empty when not one of them fits."""
    room = budget - estimate_tokens(part.path) - 30
    shown = part if estimate_tokens(part.text) <= room else cut(part, max(0, room))
    if part.text and not shown.text:
        return ""
    lines = "" if shown.complete else f" (lines {shown.first}-{shown.last} of {shown.total})"
    return f"{part.path}{lines}\n{fenced(shown.text)}"
