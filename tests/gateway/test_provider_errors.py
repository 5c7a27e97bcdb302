"""Every way a provider fails: one sentence, the right exit code, and a bill that is honest."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from config.errors import ConfigError, NexusError, ProviderError
from core.gateway.backoff import Backoff, read_retry_after
from core.gateway.circuit_breaker import BreakerPolicy
from core.gateway.error_classes import HANDLING, AttemptFailed, Failure, Handling, classify
from core.gateway.rate_limiter import RateLimits
from core.resilience import Exhausted, ResilienceManager
from core.storage.store import Store
from tests.support.fake_clock import FakeClock
from tests.support.gateways import Opened, request, rows, settings_for
from tests.support.openai_script import FaultPlan
from tests.support.openai_server import OpenAIServer

pytestmark = pytest.mark.anyio

CASES: list[tuple[str, type[NexusError], str, int, str]] = [
    # fault, error, part of the sentence, requests, state of the ledger
    ("401", ProviderError, "refused the key", 1, "released"),
    ("403", ProviderError, "refused the key", 1, "released"),
    ("402", ProviderError, "no credit", 1, "released"),
    ("insufficient_quota", ProviderError, "no credit", 1, "released"),
    ("429", ProviderError, "rate limit", 3, "released"),
    ("500", ProviderError, "server error", 3, "released"),
    ("529", ProviderError, "overloaded", 3, "released"),
    ("cut", ProviderError, "cut off", 3, "settled"),
    ("truncated", ProviderError, "cut off", 3, "settled"),
    ("reset", ProviderError, "could not be reached", 3, "settled"),
    ("html", ProviderError, "not a model answer", 3, "settled"),
    ("garbage", ProviderError, "not a model answer", 3, "settled"),
    ("context_too_long", ProviderError, "longer than", 1, "released"),
    ("content_policy", ProviderError, "content policy", 1, "released"),
    ("model_not_found", ConfigError, "does not know the model", 1, "released"),
    ("400", ProviderError, "malformed", 1, "released"),
]


@pytest.mark.parametrize(("fault", "error", "words", "requests", "state"), CASES, ids=[case[0] for case in CASES])
async def test_each_failure_is_one_sentence_with_the_right_exit_code(
    store: Store, fault: str, error: type[NexusError], words: str, requests: int, state: str
) -> None:
    with OpenAIServer(faults=FaultPlan.always(fault)) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            with pytest.raises(error, match=words) as caught:
                await opened.gateway.complete(request())
        assert server.requests == requests
    assert caught.value.exit_code == (3 if error is ConfigError else 4)
    assert "\n" not in str(caught.value) and caught.value.remedy
    ledger, decisions = rows(store, "ledger"), rows(store, "decisions")
    assert {row["state"] for row in ledger} == {state}
    assert [row["decision"] for row in decisions] == ["failed"] * requests
    assert all(row["estimated"] == (state == "settled") for row in ledger)


async def test_a_server_that_is_not_there_is_named_as_such_and_costs_nothing(store: Store) -> None:
    with OpenAIServer() as server:
        url = server.base_url
    async with Opened(store, settings_for(url)) as opened:
        with pytest.raises(ProviderError, match="could not be reached after 3 attempts"):
            await opened.gateway.complete(request())
    assert {row["state"] for row in rows(store, "ledger")} == {"released"}


async def test_a_hanging_server_ends_with_the_deadline(store: Store) -> None:
    with OpenAIServer(faults=FaultPlan.always("hang")) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            with pytest.raises(ProviderError, match="did not answer in time"):
                await opened.gateway.complete(request(timeout_s=1))
        assert 1 <= server.requests <= 3, "silence ends an attempt after half of the time"
    assert {row["state"] for row in rows(store, "ledger")} == {"settled"}


def test_litellm_says_nothing_on_either_stream(tmp_path: Path) -> None:
    script = (
        "import asyncio, pathlib\n"
        "from config.errors import ProviderError\n"
        "from core.storage.store import Store\n"
        "from tests.support.gateways import Opened, request, settings_for\n"
        "from tests.support.openai_script import FaultPlan\n"
        "from tests.support.openai_server import OpenAIServer\n"
        "async def main():\n"
        "    faults = FaultPlan(None, 'cut', 'garbage', 'html', '401')\n"
        "    with OpenAIServer(faults=faults) as server, Store(pathlib.Path('nexus.db').absolute()) as store:\n"
        "        async with Opened(store, settings_for(server.base_url)) as opened:\n"
        "            for number in range(3):\n"
        "                try:\n"
        "                    await opened.ask(request(f'analyst.{number}/0'))\n"
        "                except ProviderError:\n"
        "                    pass\n"
        "asyncio.run(main())\n"
    )
    env = {"PYTHONPATH": str(Path(__file__).parents[2]), "NEXUS_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# --- the chain, on a clock of its own ---


def manager(store: Store, clock: FakeClock) -> ResilienceManager:
    return ResilienceManager(store, RateLimits(0, 0), clock, random.Random(7), breaker=BreakerPolicy(failures=99))


def quiet(*_: object) -> None: ...


def failing(*failures: Failure) -> tuple[list[str], Callable[[str], Awaitable[str]]]:
    """An attempt that fails in the given ways, then answers; and whom it asked."""
    asked: list[str] = []
    left = list(failures)

    async def attempt(target: str) -> str:
        asked.append(target)
        if left:
            raise AttemptFailed(left.pop(0))
        return "answer"

    return asked, attempt


@pytest.mark.parametrize("value", ["7", "7.0", "date"])
async def test_retry_after_is_a_minimum_in_seconds_or_as_a_date(store: Store, value: str) -> None:
    clock = FakeClock()
    if value == "date":
        value = format_datetime(datetime.fromtimestamp(clock.now(), UTC) + timedelta(seconds=7), usegmt=True)
    asked, attempt = failing(Failure("rate_limited", "m", retry_after_s=read_retry_after(value, clock.now())))
    assert await manager(store, clock).run(["m"], attempt, 100.0, quiet) == "answer"
    assert clock.slept == [pytest.approx(7, abs=1)] and asked == ["m", "m"]


async def test_a_retry_that_would_come_too_late_goes_to_the_next_model_at_once(store: Store) -> None:
    clock = FakeClock()
    asked, attempt = failing(Failure("rate_limited", "m", retry_after_s=500))
    assert await manager(store, clock).run(["m", "n"], attempt, 100.0, quiet) == "answer"
    assert asked == ["m", "n"] and clock.slept == []


async def test_the_chain_waits_for_an_open_breaker_when_the_deadline_allows(store: Store) -> None:
    clock = FakeClock()
    asked, attempt = failing(Failure("breaker_open", "m", retry_after_s=5))
    assert await manager(store, clock).run(["m"], attempt, 100.0, quiet) == "answer"
    assert clock.slept == [5] and asked == ["m", "m"]


async def test_the_error_told_is_the_provider_s_not_the_breaker_s(store: Store) -> None:
    _, attempt = failing(Failure("server_error", "m"), Failure("breaker_open", "m", retry_after_s=500))
    with pytest.raises(Exhausted) as caught:
        await manager(store, FakeClock()).run(["m"], attempt, 100.0, quiet)
    assert caught.value.failure.kind == "server_error"


def test_backoff_is_uniform_below_a_doubling_ceiling() -> None:
    backoff, rng = Backoff(base_s=0.5, cap_s=30), random.Random(1)
    for attempt, ceiling in ((1, 0.5), (2, 1.0), (3, 2.0), (10, 30.0)):
        waits = [backoff.wait(attempt, None, rng) for _ in range(500)]
        assert 0 <= min(waits) < ceiling * 0.1 and ceiling * 0.9 < max(waits) <= ceiling
    assert backoff.wait(1, 90.0, rng) == 90.0


@pytest.mark.parametrize("value", ["", "soon", "nan", "inf", "-", "Mon, 99 Foo"])
def test_an_unreadable_retry_after_is_ignored(value: str) -> None:
    assert read_retry_after(value, 0.0) is None


@pytest.mark.parametrize(
    ("status", "handling"),
    [(408, "retry"), (409, "retry"), (425, "retry"), (429, "retry"), (500, "retry"), (502, "retry"), (503, "retry"),
     (529, "retry"), (404, "fallback"), (413, "fallback"), (400, "stop"), (401, "stop"), (402, "stop"), (403, "stop")],
)  # fmt: skip
def test_each_status_has_its_handling(status: int, handling: Handling) -> None:
    error = Exception("no words")
    error.status_code = status  # type: ignore[attr-defined]
    error.litellm_response_headers = {"server": "x"}  # type: ignore[attr-defined]
    failure = classify(error, "m", 0.0, answering=False)
    assert HANDLING[failure.kind] == handling and failure.status == status and not failure.may_be_billed


def test_a_key_in_a_provider_s_message_is_not_repeated() -> None:
    error = Exception("Incorrect API key provided: sk-abcdefghijklmnopqrstuvwx")
    assert "abcdef" not in classify(error, "m", 0.0, answering=False).detail
