"""Recorded sessions: the answers of a real or written session, by phase, in one JSON file.

    {"format": 1, "title": "…", "source": "how it was recorded", "recorded_at": "2026-11-22",
     "entries": [{"phase": "analyst", "text": "…", "prompt_tokens": 900, "completion_tokens": 120, "step": "…"}]}

`step` is optional: an entry with one answers exactly that step; the others answer the steps of their phase in order.
Token counts are optional too.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.errors import UsageError
from core.gateway.model_calls import ModelGateway, ModelRequest, OnDelta, PaidReply
from core.ids import Phase

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    phase: str
    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    step: str = ""


@dataclass(frozen=True, slots=True)
class Cassette:
    title: str
    source: str
    recorded_at: str
    entries: tuple[Entry, ...]

    @staticmethod
    def read(path: Path) -> Cassette:
        """Raises UsageError when the file cannot be used."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["format"] != FORMAT:
                raise ValueError(f"format {data['format']} is not {FORMAT}")
            entries = tuple(Entry(**row) for row in data["entries"])
            return Cassette(data["title"], data["source"], data["recorded_at"], entries)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"The recorded session {path} cannot be read: {error}.", "Name another file.") from error

    def write(self, path: Path) -> None:
        """Replace the file whole."""
        data: dict[str, Any] = {"format": FORMAT, **asdict(self)}
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(path)

    def answer(self, phase: Phase, step: str, ordinal: int) -> Entry | None:
        """The answer to a step; `ordinal` is its place, from 0, among the steps of its phase in this run."""
        for entry in self.entries:
            if entry.step == step:
                return entry
        in_order = [entry for entry in self.entries if entry.phase == phase and not entry.step]
        return in_order[ordinal] if ordinal < len(in_order) else None


class RecordingGateway:
    """Passes calls on, and writes every answer into a cassette."""

    def __init__(self, inner: ModelGateway, path: Path, cassette: Cassette) -> None:
        self._inner = inner
        self._path = path
        self._cassette = cassette

    def warm_up(self) -> None:
        self._inner.warm_up()

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> PaidReply:
        paid = await self._inner.complete(request, on_delta)
        usage = paid.reply.usage
        entry = Entry(request.phase, paid.reply.text, usage.prompt_tokens, usage.completion_tokens)
        was = self._cassette
        self._cassette = Cassette(was.title, was.source, was.recorded_at, (*was.entries, entry))
        self._cassette.write(self._path)
        return paid

    async def close(self) -> None:
        await self._inner.close()
