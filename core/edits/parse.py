"""Reads the edits out of a model's answer.

The format is `EDIT_FORMAT_HELP` below, quoted by the prompts word for word. Beyond it the parser tolerates what models
really write: any heading level, a path in backticks or bold, `File:` before it, `~~~` fences, Windows newlines, and
search/replace markers without a fence. What cannot be read safely becomes a problem: nothing is dropped in silence and
no block is half read.

Markers of one pair have one length: with seven `<`, the divider is seven `=` and the end seven `>`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.context.languages import language_of
from core.edits import feedback
from core.edits import heading as headings
from core.edits.heading import Heading
from core.edits.model import (
    DeleteFile,
    Edit,
    EditProblem,
    MakeExecutable,
    ParsedEdits,
    RenameFile,
    ReplaceInFile,
    Replacement,
    WriteFile,
)
from core.text.fences import Fence, closing, opening

EDIT_FORMAT_HELP = """\
Write every change as a heading with the file's path, then a fenced block. Paths are relative to the repository root.

A new file, or a file replaced as a whole (all of its content, nothing left out):

### path/to/file.py
```python
def hello() -> str:
    return "hello"
```

A change inside an existing file: lines copied exactly from the file, then the lines that take their place.
Copy enough lines that they occur only once. Several pairs may stand in one block, and several blocks in one answer:

### path/to/file.py
```python
<<<<<<< SEARCH
def hello() -> str:
    return "hello"
=======
def hello(name: str) -> str:
    return f"hello {name}"
>>>>>>> REPLACE
```

Other changes are a heading alone:

### path/to/old.py DELETE
### path/to/old.py RENAME path/to/new.py
### bin/tool EXECUTABLE

If the content itself has a line of backticks, use a longer fence (````). If it has a line of seven `=`, write all
three markers of that pair with nine characters. Put a path that contains spaces in backticks. Never send diffs, never
write "rest unchanged" in place of code.
"""

_SEARCH = re.compile(r"(<{5,}) ?SEARCH\s*")
_END = re.compile(r"(>{5,}) ?REPLACE\s*")
_SHELL = frozenset({"bash", "sh", "shell", "console", "output", "terminal", "powershell"})
_READ_BEFORE = "The blocks before this one were read; do not send them again."
_CUT_PAIR = "A SEARCH/REPLACE pair was cut off: its REPLACE marker is missing."
_PATH_ALONE = "Write `### path` alone on the line before it, with the path in backticks if it has spaces."


def parse_edits(text: str) -> ParsedEdits:
    """All edits of an answer and what could not be read. Linear in the length of the text; touches no disk."""
    return _Parser(text.replace("\r\n", "\n").split("\n")).run()


@dataclass
class _Parser:
    lines: Sequence[str]
    edits: list[Edit] = field(default_factory=list)
    problems: list[EditProblem] = field(default_factory=list)
    heading: Heading | None = None
    section: int = 0
    """Index in `edits` of the first edit under the current heading."""
    refused: bool = False
    """Whether the whole files under the current heading contradict each other."""

    def __post_init__(self) -> None:
        self._starts: list[int] = []
        self._ends: dict[int, list[int]] = {}
        for index, line in enumerate(self.lines):
            if _SEARCH.fullmatch(line):
                self._starts.append(index)
            elif found := _END.fullmatch(line):
                self._ends.setdefault(len(found[1]), []).append(index)

    def run(self) -> ParsedEdits:
        index = 0
        while index < len(self.lines):
            line = self.lines[index]
            if (heading := headings.read(line)) is not None:
                self._enter(heading, index + 1)
                index += 1
            elif (fence := opening(line)) is not None:
                index = self._fence(fence, index)
            elif _SEARCH.fullmatch(line):
                index = self._pairs(index, None)
            else:
                index += 1
        return ParsedEdits(tuple(self.edits), tuple(self.problems))

    def _enter(self, heading: Heading, after: int) -> None:
        """Makes `heading` the current one; a flag on it may be an edit of its own."""
        self.heading, self.section, self.refused = heading, len(self.edits), False
        if heading.action == "DELETE":
            self.edits.append(DeleteFile(heading.path))
        elif heading.action == "RENAME":
            self.edits.append(RenameFile(heading.old_path, heading.path))
        elif heading.executable and not self._block_follows(after):
            self.edits.append(MakeExecutable(heading.path))

    def _block_follows(self, index: int) -> bool:
        for line in self.lines[index : index + 40]:
            if headings.read(line) is not None:
                return False
            if opening(line) is not None or _SEARCH.fullmatch(line):
                return True
        return False

    def _fence(self, fence: Fence, index: int) -> int:
        """Reads the block opened at `index`; returns the line after it."""
        if (first := self._first_pair(index + 1)) is not None:
            return self._pairs(first, fence)
        heading = self.heading
        end = closing(self.lines, fence, index + 1)
        if heading is None or not heading.takes_blocks:
            return len(self.lines) if end is None else end + 1
        if end is None:
            self._problem("The block was cut off: its closing fence is missing.", f"Send it again. {_READ_BEFORE}")
            return len(self.lines)
        self._whole_file(heading, fence, index, end)
        return end + 1

    def _first_pair(self, index: int) -> int | None:
        """The SEARCH marker that begins a block, past blank lines and at most two lines of comment."""
        comments = 0
        for at in range(index, min(index + 8, len(self.lines))):
            line = self.lines[at]
            if _SEARCH.fullmatch(line):
                return at
            comments += bool(line.strip())
            if comments > 2 or line.lstrip().startswith(("```", "~~~")):
                break
        return None

    def _whole_file(self, heading: Heading, fence: Fence, start: int, end: int) -> None:
        info = fence.info.split(maxsplit=1)[0].lower() if fence.info else ""
        language = language_of(heading.path)
        marker = bisect_left(self._starts, start)
        if heading.unclear:
            self._problem("A block stands under a heading that is not only a path.", _PATH_ALONE)
        elif marker < len(self._starts) and self._starts[marker] < end:
            self._problem(
                "A whole file contains SEARCH marker lines.",
                "To edit, begin the block with the SEARCH marker. To write such a file, use one pair with an empty "
                "SEARCH part whose own markers have nine characters.",
            )
        elif info in ("diff", "patch") and language:
            self._problem("The block is a diff.", "Send SEARCH/REPLACE pairs or the whole file instead.")
        elif info in _SHELL and language not in ("bash", ""):
            self._problem(
                f"A block of kind {info!r} stands under the path of another kind of file.",
                "It was taken for an example and not written. Send the file's content under its path.",
            )
        elif self.refused:
            return
        elif any(isinstance(edit, WriteFile) for edit in self.edits[self.section :]):
            self.edits[self.section :] = [e for e in self.edits[self.section :] if not isinstance(e, WriteFile)]
            self.refused = True
            self._problem(
                "Two blocks stand under one heading, so the content is not certain.",
                "If the file itself contains ``` lines, send it again inside a longer fence (````).",
            )
        else:
            content = _joined(self.lines[start + 1 : end])
            self.edits.append(WriteFile(heading.path, content, heading.executable))

    def _pairs(self, index: int, fence: Fence | None) -> int:
        """Reads search/replace pairs from `index` on; returns the line after the last, or after their fence."""
        heading = self.heading
        pairs: list[Replacement] = []
        while index < len(self.lines):
            line = self.lines[index]
            if _SEARCH.fullmatch(line):
                index = self._pair(index, pairs)
                if self.heading is not heading:
                    break
            elif fence is not None and fence.closes_at(line):
                index += 1
                break
            elif line.strip() and (fence is None or opening(line) is not None or self._names_file(index)):
                break
            else:
                index += 1
        if heading is None or not heading.path or not heading.takes_blocks:
            self._problem("A SEARCH/REPLACE block has no path.", _PATH_ALONE)
        elif pairs:
            self.edits.append(ReplaceInFile(heading.path, tuple(pairs), heading.executable))
        return index

    def _pair(self, index: int, pairs: list[Replacement]) -> int:
        """Reads the pair whose SEARCH marker is at `index`; returns the line where reading goes on."""
        length = self._marker_length(index)
        ends = self._ends.get(length, [])
        place = bisect_left(ends, index)
        if place == len(ends):
            self._problem(_CUT_PAIR, f"Send it again with all three markers. {_READ_BEFORE}")
            return len(self.lines)
        end = ends[place]
        following = bisect_left(self._starts, index + 1)
        start = self._starts[following] if following < len(self._starts) else end
        if start < end and self._marker_length(start) == length:
            self._problem(_CUT_PAIR, "Send it again with all three markers.")
            return self._resume(index + 1, start)
        dividers = [at for at in range(index + 1, end) if self.lines[at].rstrip() == "=" * length]
        if len(dividers) == 1:
            middle = dividers[0]
            pairs.append(Replacement(_joined(self.lines[index + 1 : middle]), _joined(self.lines[middle + 1 : end])))
        else:
            count = "no ======= line" if not dividers else "more than one ======= line"
            advice = "Send it again; where the text has such lines, write all three markers with nine characters."
            self._problem(f"A SEARCH/REPLACE pair has {count}.", advice)
        return end + 1

    def _marker_length(self, index: int) -> int:
        return self.lines[index].count("<")

    def _resume(self, index: int, start: int) -> int:
        """Where to go on after a pair without an end, when the next pair begins at `start`.

        The next pair belongs to the heading right before it. A path heading farther up leaves its owner uncertain,
        and then it is refused rather than applied to the wrong file.
        """
        for at in range(start - 1, index - 1, -1):
            heading = headings.read(self.lines[at])
            if heading is None or not heading.takes_blocks:
                continue
            if self._names_file(at):
                return at
            self.heading = None
            break
        return start

    def _names_file(self, index: int) -> bool:
        """Whether a heading at `index` names a file: it carries a flag, or its block follows directly."""
        heading = headings.read(self.lines[index])
        if heading is None or not heading.path:
            return False
        if heading.action or heading.executable:
            return True
        for line in self.lines[index + 1 : index + 8]:
            if line.strip():
                return opening(line) is not None or bool(_SEARCH.fullmatch(line))
        return False

    def _problem(self, reason: str, advice: str) -> None:
        heading = self.heading
        path = (heading.path or heading.title) if heading is not None and heading.takes_blocks else ""
        self.problems.append(feedback.refusal(path, reason, advice))


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
