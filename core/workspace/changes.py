"""The difference between a base and a work tree: as values, and as the text people and `git apply` read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

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
    # difflib wants text; Latin-1 maps every byte to one character and back.
    lines = unified_diff(_lines(old), _lines(new), lineterm="\n")
    for number, line in enumerate(lines):
        if number == 0:
            yield b"--- %s%s\n" % (old_label, _tab(old_label))
        elif number == 1:
            yield b"+++ %s%s\n" % (new_label, _tab(new_label))
        elif line.endswith("\n"):
            yield line.encode("latin-1")
        else:
            yield line.encode("latin-1") + b"\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    """Lines as git sees them: only LF ends one."""
    parts = data.decode("latin-1").split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


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
