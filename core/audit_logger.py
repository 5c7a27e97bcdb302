"""One row per model call, answered or not: what was asked of whom, what came back, what it cost.

The rows hold hashes, never text, so they can outlive the artefacts. `prev_hash` and `hash` are the audit chain's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from core.clock import Clock
from core.gateway.model_calls import ModelRequest, Usage
from core.ids import digest

Decision = Literal["answered", "failed", "refused"]
"""`refused`: a budget, or an unknown price, forbade the call, so it was not made."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as hashes."""

    params_hash: str
    input_hash: str

    @staticmethod
    def of(request: ModelRequest, model: str) -> Asked:
        messages = json.dumps([[m.role, m.content] for m in request.messages], ensure_ascii=False)
        params = {"model": model, "max_output_tokens": request.max_output_tokens, "tier": request.tier}
        return Asked(digest(json.dumps(params, sort_keys=True)), digest(messages.encode("utf-8", "replace")))


class AuditLogger:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def log_decision(
        self,
        request: ModelRequest,
        model: str,
        asked: Asked,
        decision: Decision,
        *,
        output: str = "",
        cost_micros: int = 0,
        usage: Usage | None = None,
        price_snapshot: str = "",
    ) -> Callable[[sqlite3.Connection], None]:
        """A write that adds the row; use it in the transaction that books the call.

        `asked` is taken from the request as it was sent, that is, redacted. `output` is hashed.
        """
        numbers = json.dumps(asdict(usage)) if usage else "{}"
        row = (
            self._clock.now(),
            request.run_id,
            request.phase,
            request.step,
            model,
            asked.params_hash,
            asked.input_hash,
            digest(output) if output else "",
            numbers,
            cost_micros,
            price_snapshot,
            json.dumps(list(request.rule_ids)),
            decision,
        )

        def write(conn: sqlite3.Connection) -> None:
            conn.execute(
                "INSERT INTO decisions (at, run_id, phase, step, model, params_hash, input_hash, output_hash, usage,"
                " cost_micros, price_snapshot, rule_ids, decision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )

        return write
