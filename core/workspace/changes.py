"""The difference between a base and a work tree: as values, and as the text people and `git apply` read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.files.line_diff import compare, hunks, split_lines
from core.files.three_way import is_binary
from core.files.tree import Entry

ChangeKind = Literal["added", "modified", "deleted"]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that is not as in the base. Hashes are SHA-256, modes `st_mode`; None on the side without the file."""

    path: str
    kind: ChangeKind
    before_hash: str | None
    after_hash: str | None
    before_mode: int | None
    after_mode: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A path with its two versions, at least one of them there."""

    path: str
    before: Entry | None
    after: Entry | None

    def to_change(self) -> FileChange:
        before, after = self.before, self.after
        kind: ChangeKind = "added" if before is None else "deleted" if after is None else "modified"
        return FileChange(
            self.path,
            kind,
            before.digest if before else None,
            after.digest if after else None,
            before.mode if before else None,
            after.mode if after else None,
        )


def patch(pairs: tuple[Pair, ...]) -> bytes:
    """A git-style unified diff. Binary files are named, not shown."""
    return b"".join(line for pair in pairs for line in _file_patch(pair))


def _file_patch(pair: Pair) -> Iterator[bytes]:
    before, after = pair.before, pair.after
    if before is not None and after is not None and (before.mode ^ after.mode) & 0o170000:
        # As git: a file that became a link, or the reverse, is one removed and one added.
        yield from _file_patch(Pair(pair.path, before, None))
        yield from _file_patch(Pair(pair.path, None, after))
        return
    old_name, new_name = _quote("a/" + pair.path), _quote("b/" + pair.path)
    yield b"diff --git %s %s\n" % (old_name, new_name)
    if before is None and after is not None:
        yield b"new file mode %o\n" % after.kind
    elif after is None and before is not None:
        yield b"deleted file mode %o\n" % before.kind
    elif before is not None and after is not None and before.kind != after.kind:
        yield b"old mode %o\nnew mode %o\n" % (before.kind, after.kind)
    old, new = before.data if before else b"", after.data if after else b""
    if old == new:
        return
    old_label = old_name if before else b"/dev/null"
    new_label = new_name if after else b"/dev/null"
    if is_binary(old) or is_binary(new):
        yield b"Binary files %s and %s differ\n" % (old_label, new_label)
        return
    yield from _hunks(old, new, old_label, new_label)


def _hunks(old: bytes, new: bytes, old_label: bytes, new_label: bytes) -> Iterator[bytes]:
    # Latin-1 maps every byte to one character and back.
    before, after = split_lines(old.decode("latin-1")), split_lines(new.decode("latin-1"))
    yield b"--- %s%s\n" % (old_label, _tab(old_label))
    yield b"+++ %s%s\n" % (new_label, _tab(new_label))
    for hunk in hunks(compare(before, after)):
        yield b"@@ -%s +%s @@\n" % (
            _range(hunk[0].old_from, hunk[-1].old_to),
            _range(hunk[0].new_from, hunk[-1].new_to),
        )
        for block in hunk:
            if block.equal:
                yield from _marked(b" ", before[block.old_from : block.old_to])
            else:
                yield from _marked(b"-", before[block.old_from : block.old_to])
                yield from _marked(b"+", after[block.new_from : block.new_to])


def _marked(mark: bytes, lines: Sequence[str]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line.encode("latin-1") + (b"" if line.endswith("\n") else b"\n\\ No newline at end of file\n")


def _range(start: int, end: int) -> bytes:
    """Lines as a hunk's head names them: `first,count`, the line before when there are none, no count for one."""
    count = end - start
    return b"%d" % (start + 1) if count == 1 else b"%d,%d" % (start + 1 if count else start, count)


def _tab(label: bytes) -> bytes:
    """A name with a space is followed by a tab, so that readers know where it ends."""
    return b"\t" if b" " in label else b""


def _quote(path: str) -> bytes:
    """C-style quotes around names with control characters, quotes or backslashes, as git writes them."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(byte >= 0x20 and byte != 0x7F and byte not in b'"\\' for byte in raw):
        return raw
    short = {0x09: b"\\t", 0x0A: b"\\n", 0x0D: b"\\r", 0x22: b'\\"', 0x5C: b"\\\\"}
    quoted = b"".join(short.get(byte, bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte) for byte in raw)
    return b'"' + quoted + b'"'
