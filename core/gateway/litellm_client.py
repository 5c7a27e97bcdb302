"""The only module that talks to LiteLLM: one streamed call, read into one answer or one classified failure.

LiteLLM is heavy (3 s, 170 MB), so it is imported in a thread at the first call. Its retries, fallbacks, cool-downs,
logging and price downloads are off: core.resilience is the one owner of retries. LiteLLM also makes up what a provider
did not send (usage, finish reason); what really arrived is read from the chunks it kept.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import os
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from core.clock import Clock
from core.gateway.error_classes import AttemptFailed, Failure, classify
from core.gateway.model_calls import ModelRequest, Usage
from core.gateway.prices import likely_tokens
from core.model_router import Deployment

_ENVIRONMENT = {
    "LITELLM_MODE": "PRODUCTION",  # else it loads a .env that lies above its own folder
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
    "LITELLM_TELEMETRY": "False",
    "LITELLM_LOG": "CRITICAL",
}
_CLOSE_S = 2.0

_users: set[int] = set()
"""Clients that are loaded and not closed: LiteLLM's connections belong to the whole process."""
_LIBRARY_TIMEOUT_S = 86_400
"""Ours end a call long before. LiteLLM keeps a client, with its connections, for each value it is given."""


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    usage: Usage
    written_tokens: int
    """Prompt tokens that went into the provider's cache."""
    finish_reason: str


@dataclass(slots=True)
class _Progress:
    answering: bool = False
    """The provider had accepted the request and begun to answer."""


class _Stream(Protocol):
    """What is used of LiteLLM's stream."""

    chunks: list[Any]

    def __aiter__(self) -> AsyncIterator[Any]: ...

    async def aclose(self) -> None: ...


class LiteLlmClient:
    """One `litellm.Router` with a model group per deployment."""

    def __init__(
        self, deployments: Sequence[Deployment], clock: Clock, prepare: Callable[[], None] | None = None
    ) -> None:
        """`prepare` runs once, after LiteLLM is imported and before the router is built."""
        self._deployments = deployments
        self._clock = clock
        self._prepare = prepare
        self._loading = asyncio.Lock()
        self._router: Any = None
        self._prices: Mapping[str, Mapping[str, object]] = {}
        self._no_usage_option: set[str] = set()

    @property
    def prices(self) -> Mapping[str, Mapping[str, object]]:
        """LiteLLM's own price map; empty before `load`."""
        return self._prices

    async def load(self) -> None:
        """Import LiteLLM and build the router, once."""
        async with self._loading:
            if self._router is None:
                self._router = await asyncio.to_thread(self._build)
                _users.add(id(self))

    async def close(self) -> None:
        """Close LiteLLM's connections, once nobody in this process uses them any more."""
        if self._router is None:
            return
        self._router = None
        _users.discard(id(self))
        if not _users:
            litellm = import_litellm()
            await litellm.close_litellm_async_clients()
            # LiteLLM would hand a closed client out again.
            litellm.in_memory_llm_clients_cache.flush_cache()

    def _build(self) -> object:
        litellm = import_litellm()
        if self._prepare:
            self._prepare()
        self._prices = litellm.model_cost
        return litellm.Router(
            model_list=[_group(deployment) for deployment in self._deployments],
            num_retries=0,
            max_fallbacks=0,
            disable_cooldowns=True,
            enable_pre_call_checks=False,
        )

    async def stream(
        self, deployment: Deployment, request: ModelRequest, timeout_s: float, on_text: Callable[[str], None]
    ) -> Answer:
        """One attempt. `timeout_s` bounds it whole; silence for half of the call's own time ends it too.

        Raises AttemptFailed.
        """
        progress = _Progress()
        try:
            async with asyncio.timeout(timeout_s):
                try:
                    return await self._attempt(deployment, request, timeout_s, on_text, progress)
                except Exception as error:
                    if not self._refuses_usage_option(deployment, error):
                        raise
                return await self._attempt(deployment, request, timeout_s, on_text, progress)
        except AttemptFailed:
            raise
        except Exception as error:
            failure = classify(error, deployment.model, self._clock.now(), answering=progress.answering)
            raise AttemptFailed(failure) from error

    async def _attempt(
        self,
        deployment: Deployment,
        request: ModelRequest,
        timeout_s: float,
        on_text: Callable[[str], None],
        progress: _Progress,
    ) -> Answer:
        extra: dict[str, Any] = {}
        if deployment.name not in self._no_usage_option:
            extra["stream_options"] = {"include_usage": True}
        silence = (request.timeout_s or timeout_s) / 2
        async with asyncio.timeout(silence):
            stream: _Stream = await self._router.acompletion(
                model=deployment.name,
                messages=_messages(deployment, request),
                max_tokens=request.max_output_tokens,
                stream=True,
                timeout=_LIBRARY_TIMEOUT_S,
                num_retries=0,
                max_retries=0,
                extra_headers={"Idempotency-Key": f"{request.run_id}/{request.step}"},
                **extra,
            )
        progress.answering = True
        try:
            return await _read(stream, deployment, request, silence, on_text)
        finally:
            await _close(stream)

    def _refuses_usage_option(self, deployment: Deployment, error: Exception) -> bool:
        """An older server that does not know `stream_options`: ask it again without."""
        if deployment.name in self._no_usage_option or getattr(error, "status_code", 0) not in {400, 422}:
            return False
        if "stream_options" not in str(error) and "include_usage" not in str(error):
            return False
        self._no_usage_option.add(deployment.name)
        return True


@functools.cache
def import_litellm() -> Any:
    """LiteLLM, quiet and offline. Takes seconds the first time: call it in a thread."""
    os.environ.update(_ENVIRONMENT)
    # LiteLLM builds some of its pydantic types late, with warnings that mean nothing to a user.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"(pydantic|litellm|openai)(\..*)?$")
    with _no_garbage_hunt():
        import litellm

    litellm.telemetry = False
    # It would load a tokenizer and count every prompt, to no end: core.gateway.prices counts, and providers report.
    litellm.disable_token_counter = True
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx", "openai"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return litellm


@contextmanager
def _no_garbage_hunt() -> Iterator[None]:
    """Importing makes a million objects that stay; looking through them for garbage is a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _group(deployment: Deployment) -> dict[str, Any]:
    params: dict[str, Any] = {"model": deployment.model, "max_retries": 0}
    if deployment.api_key:
        params["api_key"] = deployment.api_key
    if deployment.base_url:
        params["api_base"] = deployment.base_url
    return {"model_name": deployment.name, "litellm_params": params}


def _messages(deployment: Deployment, request: ModelRequest) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": m.role, "content": m.content} for m in request.messages]
    if "claude" in deployment.model and messages and messages[0]["role"] == "system":
        # Anthropic caches only up to a mark; the other providers find the stable prefix themselves.
        mark = {"type": "text", "text": messages[0]["content"], "cache_control": {"type": "ephemeral"}}
        messages[0]["content"] = [mark]
    return messages


async def _read(
    stream: _Stream, deployment: Deployment, request: ModelRequest, silence_s: float, on_text: Callable[[str], None]
) -> Answer:
    parts: list[str] = []
    usage: Any = None
    finish = ""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(silence_s) as patience:
        async for chunk in stream:
            patience.reschedule(loop.time() + silence_s)
            for choice in chunk.choices or []:
                if text := getattr(choice.delta, "content", None):
                    parts.append(text)
                    on_text(text)
                finish = choice.finish_reason or finish
            usage = getattr(chunk, "usage", None) or usage
    text = "".join(parts)
    sent = list(stream.chunks)
    reported = any(getattr(chunk, "usage", None) for chunk in sent)
    if not any(choice.finish_reason for chunk in sent for choice in chunk.choices or []):
        raise AttemptFailed(Failure("cut" if text else "garbage", deployment.model, may_be_billed=True))
    if finish == "content_filter" and not text:
        raise AttemptFailed(Failure("content_policy", deployment.model, may_be_billed=True))
    if usage is None or not reported:
        return Answer(text, estimate(request, text), 0, finish)
    return Answer(text, _usage(usage), _int(getattr(usage, "cache_creation_input_tokens", 0)), finish)


def estimate(request: ModelRequest, text: str) -> Usage:
    """Usage nobody reported."""
    prompt = sum(likely_tokens(message.content) for message in request.messages)
    return Usage(prompt, likely_tokens(text), estimated=True)


def _usage(usage: object) -> Usage:
    details = getattr(usage, "prompt_tokens_details", None)
    return Usage(
        prompt_tokens=_int(getattr(usage, "prompt_tokens", 0)),
        completion_tokens=_int(getattr(usage, "completion_tokens", 0)),
        cached_tokens=_int(getattr(details, "cached_tokens", 0)),
    )


def _int(value: object) -> int:
    return max(0, value) if isinstance(value, int) else 0


async def _close(stream: _Stream) -> None:
    """Give the connection back; a stream that cannot be closed in time is left to the collector."""
    try:
        async with asyncio.timeout(_CLOSE_S):
            await stream.aclose()
    except Exception:
        logging.getLogger(__name__).debug("closing a model stream failed", exc_info=True)
