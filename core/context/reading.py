"""One file's text as a prompt may show it, or the reason why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.context.listing import ListedFile
from core.context.secret_files import holds_token, is_secret
from core.files.tree import PathRefused, Tree
from core.text.redaction import redact, strip_escapes


@dataclass(frozen=True, slots=True)
class ServedFile:
    """Lines `first` to `last` (from 1) of a file of `total` lines; without secrets and escapes, newlines LF."""

    path: str
    text: str
    first: int
    last: int
    total: int

    @property
    def complete(self) -> bool:
        return self.last - self.first + 1 >= self.total


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that is not shown; `reason` continues the sentence "`path` is not shown: …"."""

    path: str
    reason: str


def read_text(root: Path, file: ListedFile, max_bytes: int) -> str | Refusal:
    """Raw text of a listed file; newlines LF, no BOM."""
    if is_secret(file.path):
        return Refusal(file.path, "it is a file that holds secrets")
    if file.is_link:
        return Refusal(file.path, "it is a symbolic link")
    if file.size > max_bytes:
        return Refusal(file.path, f"it is larger than {max_bytes // 1024} kB")
    try:
        entry = Tree(root).read(file.path)
    except (OSError, PathRefused):
        entry = None
    if entry is None or len(entry.data) > max_bytes:
        return Refusal(file.path, "it cannot be read, or changed a moment ago")
    text = decode(entry.data)
    if text is None:
        return Refusal(file.path, "it is binary or not UTF-8")
    if holds_token(file.path, text):
        return Refusal(file.path, "it holds a registry token")
    return text


def decode(data: bytes) -> str | None:
    """Text of a UTF-8 file; None when it is binary."""
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def clean(text: str) -> str:
    """Repository text is untrusted: nothing that drives a terminal, and no secret, enters a prompt."""
    return redact(strip_escapes(text))


def lines_of(text: str) -> list[str]:
    """Lines with their newline, split only where editors and parsers do."""
    return [line for line in re.split(r"(?<=\n)", text) if line]
