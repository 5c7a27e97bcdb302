"""Tells a heading that names a file from one that is prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from core.context.languages import language_of

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(\S.*)")
_LONGEST: Final = 1000
_LEAD = re.compile(r"(?:\d{1,3}[.)] )?(?:(?:new |updated |modified )?(?:file|path) ?: ?)?", re.IGNORECASE)
_REMARK = re.compile(r" \((?:new|modified|updated|edited|existing|changed|whole|full)(?: file)?\)$", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`]+)`")
_SUFFIX = re.compile(r"[^/]\.[A-Za-z][\w+-]{0,15}$|(?:^|/)\.[A-Za-z][\w.-]*$")
_BARE_NAMES: Final = frozenset({
    "makefile", "dockerfile", "containerfile", "procfile", "jenkinsfile", "gemfile", "rakefile", "justfile",
    "license", "notice", "authors", "codeowners", "readme", "changelog", "contributing", "version",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heading:
    """A line `### …`. `path` is the file that blocks below it belong to; empty under prose."""

    title: str
    path: str = ""
    action: Literal["", "DELETE", "RENAME"] = ""
    executable: bool = False
    old_path: str = ""
    unclear: bool = False
    """The title mentions a file among other words: a block below may not be lost, and may not be guessed at."""

    @property
    def takes_blocks(self) -> bool:
        return self.action != "DELETE" and bool(self.path or self.unclear)


def read(line: str) -> Heading | None:
    """The heading on this line, prose or path; None when the line is no heading."""
    if "#" not in line[:4]:
        return None
    found = _HEADING.fullmatch(line)
    if found is None:
        return None
    title = " ".join(found[1].split()).rstrip("#").strip()
    if len(title) > _LONGEST:
        return Heading(title[:100], unclear=True)
    text = title.replace("**", "").strip().rstrip(":").strip()
    text = _REMARK.sub("", _LEAD.sub("", text, count=1) or text)
    old_text, rename, new_text = text.partition(" RENAME ")
    if rename:
        old, new = _path(old_text, certain=True), _path(new_text, certain=True)
        return Heading(title, new, "RENAME", old_path=old) if old and new else Heading(title, unclear=True)
    if text.endswith(" DELETE"):
        path = _path(text.removesuffix(" DELETE"), certain=True)
        return Heading(title, path, "DELETE" if path else "")
    if text.endswith(" EXECUTABLE"):
        path = _path(text.removesuffix(" EXECUTABLE"), certain=True)
        return Heading(title, path, executable=bool(path))
    if path := _path(text):
        return Heading(title, path)
    return Heading(title, unclear=_mentions_file(text))


def _path(text: str, *, certain: bool = False) -> str:
    """The path that `text` is, or an empty string. `certain`: a flag beside it says that it is meant as one."""
    text = text.strip()
    if (quoted := _QUOTED.fullmatch(text)) is not None:
        return _posix(quoted[1])
    if not text or " " in text or "`" in text:
        return ""
    path = _posix(text)
    named = path.rpartition("/")[2].lower() in _BARE_NAMES or bool(_SUFFIX.search(path))
    return path if certain or named or path.startswith(("/", "../")) else ""


def _mentions_file(text: str) -> bool:
    if "/" in text and " " not in text:
        return True
    words = (word.strip("`*()[],:;\"'") for word in text.split(" "))
    return any(language_of(word) or ("/" in word and _path(word)) for word in words)


def _posix(path: str) -> str:
    path = path.strip().replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return path
