"""The one door to every model, wired: deadline, choice, reservation, permit, call, settlement, audit.

Each attempt is one ledger row. An attempt that fails closes its row itself: released when nothing can have been
billed, settled at an estimate when something may have been. The row of the answer is settled by `PaidReply.book`,
in the transaction in which the journal records the reply.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from config.errors import BudgetExceeded, ConfigError
from config.model_profiles import load_profiles
from config.paths import user_paths
from config.settings import Settings
from core.audit_logger import Asked, AuditLogger, Decision
from core.clock import Clock, SystemClock
from core.cost_manager import CostManager, Limits, Reservation
from core.events import Body, ModelCalled, ModelRetried, Notice
from core.gateway.cassettes import Cassette, RecordingGateway
from core.gateway.circuit_breaker import Outcome
from core.gateway.error_classes import AttemptFailed, Failure, to_error
from core.gateway.litellm_client import Answer, LiteLlmClient, estimate
from core.gateway.model_calls import ModelGateway, ModelReply, ModelRequest, OnDelta, PaidReply, Usage
from core.gateway.prices import Price, PriceBook, most_tokens
from core.gateway.rate_limiter import RateLimits
from core.gateway.replay_provider import Player, insert, model_name
from core.model_router import Deployment, ModelRouter
from core.resilience import Exhausted, Permit, ResilienceManager
from core.storage.store import Store, Write
from core.text.redaction import Redactor, StreamCleaner, strip_escapes

OnEvent = Callable[[Body], None]
_NO_DEADLINE_S = 86_400.0
_MOST_CHARS_PER_TOKEN = 32
"""Far above what tokenizers pack into a token: more text means that the provider ignores the length it was given."""


@dataclass(slots=True)
class _Call:
    """One request on its way, over all its attempts."""

    request: ModelRequest
    """As it is sent: redacted."""
    started: float
    on_delta: OnDelta
    attempts: int = 0
    announced: set[str] = field(default_factory=set)
    """Models that a ModelCalled event named."""

    @property
    def deadline(self) -> float:
        return self.started + (self.request.timeout_s or _NO_DEADLINE_S)


@dataclass(slots=True)
class _Attempt:
    """One ledger row and what goes with it."""

    deployment: Deployment
    asked: Asked
    price: Price
    reservation: Reservation
    prompt_bound: int
    permit: Permit | None = None
    """None until the call may go out."""
    received: list[str] = field(default_factory=list)

    @property
    def probe(self) -> str:
        return f"{os.getpid()}:{self.reservation.id}"


class LiteLlmGateway:
    """Implements `ModelGateway`. One per process; use it on one event loop."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        router: ModelRouter,
        env: Mapping[str, str],
        on_event: OnEvent,
        *,
        player: Player | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """`env`: its secrets are kept out of prompts and answers. `player`: answers from a recorded session."""
        self._clock = clock or SystemClock()
        self._store = store
        self._router = router
        self._on_event = on_event
        self._redact = Redactor(env)
        models = settings.models
        # A recording has no provider whose limits could be hurt.
        limits = RateLimits(0, 0) if player else RateLimits(models.requests_per_minute, models.tokens_per_minute)
        self._resilience = ResilienceManager(store, limits, self._clock, rng or random.Random())  # noqa: S311
        self._cost = CostManager(store, Limits.of(settings), self._clock)
        self._audit = AuditLogger(self._clock)
        self._prices = PriceBook(models, free=router.profile.free, warn=self._warn)
        prepare = (lambda: insert(player)) if player else None
        self._client = LiteLlmClient(router.deployments(), self._clock, prepare)
        self._swept = False
        self._answers: list[Write[None]] = []
        self._background: set[asyncio.Task[None]] = set()

    @property
    def cost(self) -> CostManager:
        """For reports and status lines: spent, remaining, summary."""
        return self._cost

    def warm_up(self) -> None:
        """As `ModelGateway.warm_up`. What goes wrong is told to the first call, which tries again."""
        self._in_background(self._client.load())

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> PaidReply:
        """As `ModelGateway.complete`."""
        await self._client.load()
        if not self._swept:
            self._swept = True
            await self._cost.sweep()
        messages = tuple(replace(message, content=self._redact(message.content)) for message in request.messages)
        call = _Call(replace(request, messages=messages), self._clock.monotonic(), on_delta or _ignore)
        chain = {d.name: d for d in self._router.chain(request.phase, request.complexity, request.tier)}

        def on_retry(target: str, failure: Failure, wait_s: float, following: str) -> None:
            model, other = chain[target].model, chain[following].model
            next_model = "" if other == model else other
            wait_ms = round(wait_s * 1000)
            self._on_event(ModelRetried(request.phase, request.step, model, failure.sentence(), wait_ms, next_model))

        try:
            return await self._resilience.run(
                list(chain), lambda name: self._attempt(call, chain[name]), call.deadline, on_retry
            )
        except Exhausted as end:
            keys = next(iter(chain.values())).keys
            raise to_error(end.failure, call.attempts, keys, end.wait_s) from end

    async def close(self) -> None:
        """Book answers that nobody booked, for they were paid; then let go of connections."""
        books, self._answers = self._answers, []
        # Also when there are none: what cancelled calls had to write is done before this.
        await self._store.awrite(lambda conn: [book(conn) for book in books])
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._client.close()

    # --- one attempt ---

    async def _attempt(self, call: _Call, deployment: Deployment) -> PaidReply:
        attempt = await self._reserve(call, deployment)
        try:
            attempt.permit = await self._resilience.permit(
                deployment.name,
                deployment.model,
                attempt.probe,
                attempt.prompt_bound + call.request.max_output_tokens,
                call.deadline,
                self._cost.begin(attempt.reservation),
            )
            call.attempts += 1
            if deployment.model not in call.announced:
                call.announced.add(deployment.model)
                self._on_event(
                    ModelCalled(call.request.phase, call.request.step, deployment.model, attempt.reservation.micros)
                )
            answer = await self._ask(call, attempt)
        except BaseException as error:
            closing = self._store.submit(self._fail(call, attempt, error))
            if isinstance(error, Exception):
                await asyncio.shield(asyncio.wrap_future(closing))
            raise
        return self._paid(call, attempt, answer)

    async def _reserve(self, call: _Call, deployment: Deployment) -> _Attempt:
        request, model = call.request, deployment.model
        asked = Asked.of(request, model)
        bound = most_tokens(request.messages)
        try:
            price = self._prices.price(model, self._client.prices)
            worst = price.worst(bound, request.max_output_tokens)
            reservation = await self._cost.reserve(request, model, worst, price.origin)
        except (BudgetExceeded, ConfigError):
            await self._store.awrite(self._audit.log_decision(request, model, asked, "refused"))
            await self._look_at_budgets(request)
            raise
        return _Attempt(deployment, asked, price, reservation, bound)

    async def _ask(self, call: _Call, attempt: _Attempt) -> Answer:
        cleaner = StreamCleaner(self._clean, call.on_delta)

        most = call.request.max_output_tokens * _MOST_CHARS_PER_TOKEN
        length = 0

        def on_text(piece: str) -> None:
            nonlocal length
            attempt.received.append(piece)
            cleaner.feed(piece)
            length += len(piece)
            if 0 < most < length:
                raise AttemptFailed(Failure("endless", attempt.deployment.model, may_be_billed=True))

        left = call.deadline - self._clock.monotonic()
        answer = await self._client.stream(attempt.deployment, call.request, left, on_text)
        cleaner.finish()
        return answer

    def _paid(self, call: _Call, attempt: _Attempt, answer: Answer) -> PaidReply:
        text = self._clean(answer.text)
        cost = attempt.price.cost(answer.usage, answer.written_tokens)
        reply = ModelReply(
            text=text,
            model=attempt.deployment.model,
            usage=answer.usage,
            cost_micros=cost,
            finish_reason=answer.finish_reason,
            latency_ms=round((self._clock.monotonic() - call.started) * 1000),
            attempts=call.attempts,
        )
        settle = self._cost.settle(attempt.reservation, cost, answer.usage)
        audit = self._log(call, attempt, "answered", text, cost, answer.usage)
        finished = self._finished(attempt, "ok", answer.usage)
        loop = asyncio.get_running_loop()

        def book(conn: sqlite3.Connection) -> None:
            if not settle(conn):
                return
            audit(conn)
            finished(conn)
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._look_soon, call.request)

        self._answers.append(book)
        return PaidReply(reply, book)

    def _fail(self, call: _Call, attempt: _Attempt, error: BaseException) -> Write[None]:
        """A write that closes the ledger row of an attempt without an answer, and tells breaker and audit."""
        failure = error.failure if isinstance(error, AttemptFailed) else None
        # A cancelled call was under way: what it had produced may be billed.
        may_be_billed = attempt.permit is not None and (failure.may_be_billed if failure else True)
        usage = estimate(call.request, "".join(attempt.received)) if may_be_billed else Usage(0, 0)
        cost = min(attempt.price.cost(usage), attempt.reservation.micros)
        close = self._cost.settle(attempt.reservation, cost, usage) if may_be_billed else None
        release = self._cost.release(attempt.reservation)
        audit = self._log(call, attempt, "failed", "".join(attempt.received), cost, usage)
        finished = self._finished(attempt, "failed" if failure and failure.unhealthy else "neutral", usage)

        def write(conn: sqlite3.Connection) -> None:
            if not (close or release)(conn):
                return
            finished(conn)
            if attempt.permit is not None:
                audit(conn)

        return write

    def _finished(self, attempt: _Attempt, outcome: Outcome, usage: Usage) -> Write[None]:
        if attempt.permit is None:
            return self._resilience.forget(attempt.deployment.name, attempt.probe)
        return self._resilience.finished(attempt.permit, outcome, usage.prompt_tokens + usage.completion_tokens)

    def _log(
        self, call: _Call, attempt: _Attempt, decision: Decision, output: str, cost: int, usage: Usage
    ) -> Write[None]:
        return self._audit.log_decision(
            call.request,
            attempt.deployment.model,
            attempt.asked,
            decision,
            output=output,
            cost_micros=cost,
            usage=usage,
            price_snapshot=attempt.price.origin,
        )

    # --- the rest ---

    def _clean(self, text: str) -> str:
        return self._redact(strip_escapes(text))

    def _warn(self, text: str) -> None:
        self._on_event(Notice(text, "warning"))

    def _look_soon(self, request: ModelRequest) -> None:
        self._in_background(self._look_at_budgets(request))

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._let_go)

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled():
            task.exception()  # whoever depends on the work meets the same error

    async def _look_at_budgets(self, request: ModelRequest) -> None:
        for alert in await self._cost.new_alerts(request.run_id, request.task_id):
            self._on_event(alert)


def make_gateway(
    store: Store,
    settings: Settings,
    env: Mapping[str, str],
    on_event: OnEvent,
    cassette: Path | None = None,
    *,
    tokens_per_s: float = 0.0,
    record: Path | None = None,
    rng: random.Random | None = None,
) -> ModelGateway:
    """The gateway of one run. `cassette`: answer from that recorded session, `tokens_per_s` fast (0: at once).

    `record`: write the answers into a cassette.

    `on_event` is called on the event loop. Raises ConfigError for unusable model settings, ProviderError when no
    provider is configured, UsageError for an unreadable cassette. Imports nothing heavy; the first call does.
    """
    player: Player | None = None
    if cassette is not None:
        player = Player(Cassette.read(cassette), store, tokens_per_s)
        router = ModelRouter.replaying(model_name(player.cassette))
    else:
        profiles = load_profiles(user_paths(env).config / "models.yaml")
        router = ModelRouter.of(profiles, settings.models, env)
    gateway = LiteLlmGateway(store, settings, router, env, on_event, player=player, rng=rng)
    if record is None:
        return gateway
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    source = f"recorded from the profile {router.profile_name}"
    return RecordingGateway(gateway, record, Cassette(record.stem, source, today, ()))


def _ignore(_: str) -> None:
    return None
