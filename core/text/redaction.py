"""Keep secrets out of what is sent and stored, and terminal control sequences out of what is shown.

Key shapes are those the issuers publish. An assignment is only redacted when its value is long and mixes letters
and digits: redacting ordinary code would corrupt the very files a model is asked to edit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

MARK = "[redacted]"

# (text that must be present for the pattern to be worth running, pattern). Group `keep` survives.
_SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (("sk-",), re.compile(r"\bsk-[A-Za-z0-9_-]{16,}")),
    (("AKIA", "ASIA"), re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (("gh", "github_pat_"), re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})")),
    (("glpat-",), re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}")),
    (("xox",), re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    (("AIza",), re.compile(r"\bAIza[A-Za-z0-9_-]{30,}")),
    (("hf_",), re.compile(r"\bhf_[A-Za-z0-9]{24,}")),
    (("_live_", "_test_"), re.compile(r"\b[rsp]k_(?:live|test)_[A-Za-z0-9]{16,}")),
    (("eyJ",), re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*")),
    (
        ("PRIVATE KEY-----",),
        re.compile(
            r"-----BEGIN (?P<kind>[A-Z ]{0,40})PRIVATE KEY-----"
            r"(?:(?!-----)[\s\S]){0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
        ),
    ),
    (("://",), re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"]{1,100}:)[^\s/@'\"]{3,200}(?=@)")),
)
_ASSIGNMENT = re.compile(
    r"(?P<keep>(?:password|passwd|secret|token|api_?key|access_?key|private_?key)[\"']?\s{0,4}(?:=|:)\s{0,4}[\"']?)"
    r"(?=[A-Za-z+/_~^!@#$%&*=-]{0,256}[0-9])(?=[0-9+/_~^!@#$%&*=-]{0,256}[A-Za-z])[A-Za-z0-9+/_~^!@#$%&*=-]{16,1024}",
    re.I,
)
_ASSIGNED = re.compile(r"password|passwd|secret|token|key", re.I)
_SECRET_NAME = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL", re.I)
_SHORTEST_VALUE = 8

_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    "|\x1b[ -/]*[0-~]"  # other escape sequences
    "|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # C0 but tab, newline, carriage return; DEL; C1
    "|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # bidirectional overrides: text that reads unlike it runs
)


class Redactor:
    """Redacts key shapes and the values of secret-looking variables of one environment."""

    def __init__(self, env: Mapping[str, str]) -> None:
        values = {value for name, value in env.items() if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_VALUE}
        # Longest first: a secret that contains another goes whole.
        self._values = sorted((value for value in values if value != MARK), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for value in self._values:
            if value in text:
                text = text.replace(value, MARK)
        for needles, pattern in _SHAPES:
            if any(needle in text for needle in needles):
                text = pattern.sub(_mark, text)
        if _ASSIGNED.search(text):
            text = _ASSIGNMENT.sub(_mark, text)
        return text


def redact(text: str, env: Mapping[str, str] | None = None) -> str:
    """`text` with secrets replaced by `[redacted]`; `env` defaults to this process's environment."""
    return Redactor(os.environ if env is None else env)(text)


def strip_escapes(text: str) -> str:
    """`text` without terminal control: escape sequences, control characters, bidirectional overrides."""
    return _ESCAPES.sub("", text)


class StreamCleaner:
    """Cleans streamed text line by line, because a secret or a sequence may be split between two pieces."""

    LONGEST_LINE = 4096

    def __init__(self, clean: Callable[[str], str], emit: Callable[[str], None]) -> None:
        self._clean = clean
        self._emit = emit
        self._held = ""

    def feed(self, piece: str) -> None:
        self._held += piece
        cut = self._held.rfind("\n") + 1
        if not cut and len(self._held) > self.LONGEST_LINE:
            cut = len(self._held)
        if cut:
            self._emit(self._clean(self._held[:cut]))
            self._held = self._held[cut:]

    def finish(self) -> None:
        if self._held:
            self._emit(self._clean(self._held))
            self._held = ""


def _mark(match: re.Match[str]) -> str:
    return (match.groupdict().get("keep") or "") + MARK
