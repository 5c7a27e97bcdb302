"""Gateways and requests for tests that talk to the local server."""

from __future__ import annotations

import os
import random
from typing import Any

from config.settings import Settings
from core.events import Body
from core.gateway.litellm_gateway import make_gateway
from core.gateway.model_calls import Message, ModelRequest, PaidReply
from core.ids import Complexity, Phase, RunId
from core.storage.store import Store

RUN = RunId("261122-2104-7f3a9c")


def settings_for(base_url: str, **models: Any) -> Settings:
    """Settings for a server at `base_url` whose tokens cost 1 and 2 dollars a million."""
    stated = {"input_usd_per_mtok": 1, "output_usd_per_mtok": 2, "model": "test-model", "max_output_tokens": 256}
    return Settings.model_validate({"models": {"base_url": base_url, "call_timeout_s": 20, **stated, **models}})


def request(
    step: str = "analyst.0/0",
    text: str = "Add two numbers.",
    *,
    run: str = RUN,
    phase: Phase = "analyst",
    complexity: Complexity = "simple",
    timeout_s: float = 20,
    tier: int = 0,
    max_output_tokens: int = 256,
) -> ModelRequest:
    return ModelRequest(
        run_id=RunId(run),
        task_id="task",
        step=step,
        phase=phase,
        complexity=complexity,
        messages=(Message("system", "You are careful."), Message("user", text)),
        max_output_tokens=max_output_tokens,
        timeout_s=timeout_s,
        tier=tier,
    )


class NoWait(random.Random):
    """Draws the lower end, so that a retry comes at once."""

    def uniform(self, a: float, b: float) -> float:
        return a


class Opened:
    """A gateway and the events it emitted."""

    def __init__(self, store: Store, settings: Settings, env: dict[str, str] | None = None, **options: Any) -> None:
        self.events: list[Body] = []
        self.store = store
        environment = {"NEXUS_HOME": os.environ["NEXUS_HOME"], **(env or {})}
        self.gateway = make_gateway(store, settings, environment, self.events.append, rng=NoWait(), **options)

    async def __aenter__(self) -> Opened:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.close()

    async def ask(self, asked: ModelRequest) -> PaidReply:
        """Ask and book, as the journal does."""
        paid = await self.gateway.complete(asked)
        await self.store.awrite(paid.book)
        return paid

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


def rows(store: Store, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in store.query(f"SELECT * FROM {table}")]
