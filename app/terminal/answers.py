"""Reads the answers of models while they are being written to their files."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core import events as ev
from core.events import Event
from core.text.redaction import strip_escapes
from screens.ports import ModelText

_MOST_PER_LOOK = 64 * 1024


@dataclass(slots=True)
class _Answer:
    step: str
    path: Path
    offset: int = 0
    ended: bool = False
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")(errors="replace")
    )


class AnswerFiles:
    """The answers of one run, oldest first. A file that is gone has no text."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, _Answer] = {}
        self._done: set[str] = set()

    def new_text(self, events: Iterable[Event], live: bool) -> Iterator[ModelText]:
        """Text written since the last call; `events` are those since then. Large answers come in several calls."""
        for event in events:
            body = event.body
            if isinstance(body, ev.ModelProgress | ev.ModelAnswered) and body.path and body.step not in self._done:
                answer = self._open.setdefault(body.step, _Answer(body.step, self._folder / Path(body.path).name))
                answer.ended = isinstance(body, ev.ModelAnswered)
        for answer in list(self._open.values()):
            begins = answer.offset == 0
            data = _read(answer.path, answer.offset)
            answer.offset += len(data)
            over = (answer.ended or not live) and len(data) < _MOST_PER_LOOK
            text = strip_escapes(answer.decoder.decode(data, final=over))
            if text:
                yield ModelText(answer.step, text, begins)
            if over:
                self._done.add(answer.step)
                del self._open[answer.step]


def _read(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(_MOST_PER_LOOK)
    except OSError:
        return b""
