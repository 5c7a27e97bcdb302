"""A LiteLLM provider that answers from a recorded session: the same path as a real call, and no network.

Which answer is due follows from the step key and from the ledger, where every step of a run stands in the order it
was first asked; so a resumed run gets the same answers, whatever process it runs in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

from core.gateway.cassettes import Cassette, Entry
from core.gateway.litellm_client import import_litellm
from core.ids import Phase
from core.storage.store import Store

PROVIDER = "replay"
_PIECES = 24
_WORD_TOKENS = 2
"""Tokens in a piece of an answer that is played at a model's pace."""

_PLAYERS: dict[str, Player] = {}


@dataclass(frozen=True, slots=True)
class Player:
    """A cassette, and the ledger that tells which steps came before."""

    cassette: Cassette
    store: Store
    tokens_per_s: float = 0.0
    """How fast answers arrive, for people who watch; 0: at once."""

    def answer(self, key: str) -> Entry:
        """The answer for an idempotency key `<run>/<step>`. Raises LookupError when the recording has none."""
        run, _, step = key.partition("/")
        rows = self.store.query(
            "SELECT step, phase FROM ledger WHERE run_id = ? AND phase = (SELECT phase FROM ledger WHERE run_id = ?"
            " AND step = ? LIMIT 1) GROUP BY step ORDER BY MIN(id)",
            (run, run, step),
        )
        steps = [row["step"] for row in rows]
        if step in steps:
            phase = cast(Phase, rows[0]["phase"])
            if entry := self.cassette.answer(phase, step, steps.index(step)):
                return entry
        raise LookupError(f"The recording has no answer for {step}")


def model_name(cassette: Cassette) -> str:
    return f"{PROVIDER}/{cassette.title}"


def insert(player: Player) -> None:
    """Make `model_name(player.cassette)` answer from this player, for this process."""
    litellm = import_litellm()
    _PLAYERS[player.cassette.title] = player
    if all(row["provider"] != PROVIDER for row in litellm.custom_provider_map):
        litellm.custom_provider_map.append({"provider": PROVIDER, "custom_handler": _Replay()})
        litellm.utils.custom_llm_setup()


class _Replay:
    """What LiteLLM calls, by its protocol for custom providers."""

    async def astreaming(self, model: str, headers: dict[str, str], **_: object) -> AsyncIterator[dict[str, Any]]:
        player = _PLAYERS[model]
        entry = player.answer(headers["Idempotency-Key"])
        pieces = max(_PIECES, entry.completion_tokens // _WORD_TOKENS) if player.tokens_per_s else _PIECES
        pause_s = entry.completion_tokens / player.tokens_per_s / pieces if player.tokens_per_s else 0.0
        for chunk in _chunks(entry, pieces):
            if pause_s:
                await asyncio.sleep(pause_s)
            yield chunk


def _chunks(entry: Entry, number: int) -> list[dict[str, Any]]:
    size = max(1, -(-len(entry.text) // number))
    pieces = [entry.text[start : start + size] for start in range(0, len(entry.text), size)]
    total = entry.prompt_tokens + entry.completion_tokens
    usage = {
        "prompt_tokens": entry.prompt_tokens,
        "completion_tokens": entry.completion_tokens,
        "total_tokens": total,
    }
    return [
        *(_chunk(piece) for piece in pieces),
        {**_chunk(""), "is_finished": True, "finish_reason": "stop", "usage": usage},
    ]


def _chunk(text: str) -> dict[str, Any]:
    return {"text": text, "is_finished": False, "finish_reason": "", "index": 0, "tool_use": None, "usage": None}
