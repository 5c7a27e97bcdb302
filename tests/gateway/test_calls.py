"""A call through the whole gateway, against a real server."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from pathlib import Path

import pytest

from config.errors import BudgetExceeded, ConfigError, ProviderError
from config.settings import Settings
from core.events import BudgetAlert, ModelRetried
from core.storage.store import Store
from tests.support.gateways import RUN, Opened, request, rows, settings_for
from tests.support.openai_script import Answer, FaultPlan
from tests.support.openai_server import OpenAIServer

pytestmark = pytest.mark.anyio

SAID = Answer("The sum is three.\n", prompt_tokens=1000, completion_tokens=200, cached_tokens=400)


async def test_an_answer_is_streamed_paid_and_audited(store: Store) -> None:
    with OpenAIServer(lambda _: SAID) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            pieces: list[str] = []
            paid = await opened.gateway.complete(request(), pieces.append)
            assert rows(store, "ledger")[0]["state"] == "reserved"
            await store.awrite(paid.book)
    reply = paid.reply
    assert "".join(pieces) == reply.text == SAID.text
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.estimated) == (1000, 200, False)
    assert reply.cost_micros == 1000 + 2 * 200, "1 and 2 dollars a million; this price has no discount for the cache"
    (ledger,), (decision,) = rows(store, "ledger"), rows(store, "decisions")
    assert (ledger["state"], ledger["cost_micros"], ledger["estimated"]) == ("settled", 1400, 0)
    assert json.loads(ledger["usage"])["cached_tokens"] == 400
    assert (decision["decision"], decision["phase"], decision["cost_micros"]) == ("answered", "analyst", 1400)
    assert len(decision["input_hash"]) == len(decision["output_hash"]) == 64
    assert opened.kinds() == ["model.called"]


async def test_the_request_is_clean_and_carries_an_idempotency_key(store: Store) -> None:
    with OpenAIServer() as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            await opened.ask(request("implementer.1/0", phase="implementer"))
        (sent,) = server.log
    assert sent.key == f"{RUN}/implementer.1/0" and sent.phase == "implementer"
    assert set(sent.body) == {"model", "messages", "stream", "stream_options", "max_tokens"}
    assert [message["role"] for message in sent.body["messages"]] == ["system", "user"]


async def test_the_same_step_asked_twice_is_billed_once(store: Store) -> None:
    with OpenAIServer() as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            await opened.ask(request())
            await opened.ask(request())
        assert server.billed == [f"{RUN}/analyst.0/0"] and server.requests == 2


async def test_faults_are_survived_by_retries_of_one_owner(store: Store) -> None:
    with OpenAIServer("fine", faults=FaultPlan("500", "cut", None)) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            paid = await opened.ask(request())
        assert server.requests == 3, "two failed attempts and one answer: nothing else retries"
    assert paid.reply.attempts == 3
    assert [row["decision"] for row in rows(store, "decisions")] == ["failed", "failed", "answered"]
    states = [(row["state"], row["estimated"]) for row in rows(store, "ledger")]
    assert states == [("released", 0), ("settled", 1), ("settled", 0)], "a cut answer may have been billed"
    assert opened.kinds() == ["model.called", "model.retried", "model.retried"]


async def test_usage_that_was_not_reported_is_estimated_and_flagged(store: Store) -> None:
    with OpenAIServer("x" * 300, faults=FaultPlan("no_usage")) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            paid = await opened.ask(request())
    assert paid.reply.usage.estimated and paid.reply.usage.completion_tokens == 100
    assert rows(store, "ledger")[0]["estimated"] == 1


async def test_a_server_that_refuses_stream_options_is_asked_without(store: Store) -> None:
    with OpenAIServer("fine", faults=FaultPlan.always("no_stream_options")) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            first = await opened.ask(request("analyst.0/0"))
            await opened.ask(request("analyst.1/0"))
        assert server.requests == 3, "the refusal is remembered"
    assert first.reply.text == "fine" and first.reply.attempts == 1


async def test_a_crash_before_the_journal_commits_books_nothing(store: Store) -> None:
    with OpenAIServer() as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            paid = await opened.gateway.complete(request())

            def journal_that_dies(conn: sqlite3.Connection) -> None:
                paid.book(conn)
                raise OSError("killed here")

            with pytest.raises(Exception, match="killed here"):
                await store.awrite(journal_that_dies)
            assert rows(store, "ledger")[0]["state"] == "reserved"
            assert rows(store, "decisions") == []
            await store.awrite(paid.book)
            await store.awrite(paid.book)
    assert [row["decision"] for row in rows(store, "decisions")] == ["answered"]


async def test_an_answer_nobody_booked_is_paid_at_the_end(store: Store) -> None:
    with OpenAIServer() as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            await opened.gateway.complete(request())
    assert rows(store, "ledger")[0]["state"] == "settled"


async def test_a_cancelled_call_is_booked_as_an_estimate(store: Store) -> None:
    with OpenAIServer(lambda _: Answer("one two three\n" * 20, chunk_size=14, chunk_delay_s=0.02)) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            begun = asyncio.Event()
            call = asyncio.create_task(opened.gateway.complete(request(), lambda _: begun.set()))
            await asyncio.wait_for(begun.wait(), 15)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
    (ledger,) = rows(store, "ledger")
    assert (ledger["state"], ledger["estimated"]) == ("settled", 1)
    assert 0 < ledger["cost_micros"] <= ledger["reserved_micros"]


async def test_a_call_that_could_cost_too_much_is_never_made(store: Store) -> None:
    with OpenAIServer() as server:
        settings = settings_for(server.base_url).model_copy(
            update={"budgets": Settings().budgets.model_copy(update={"run_usd": 0.0005})}
        )
        async with Opened(store, settings) as opened:
            with pytest.raises(BudgetExceeded, match=r"of the run's \$0.0005"):
                await opened.gateway.complete(request())
        assert server.requests == 0
    assert [row["decision"] for row in rows(store, "decisions")] == ["refused"]
    assert rows(store, "ledger") == []


async def test_spending_raises_alerts_on_the_way_to_the_limit(store: Store) -> None:
    said = Answer("x", prompt_tokens=100, completion_tokens=200)
    with OpenAIServer(lambda _: said) as server:
        settings = settings_for(server.base_url).model_copy(
            update={"budgets": Settings().budgets.model_copy(update={"run_usd": 0.002})}
        )
        async with Opened(store, settings) as opened:
            for number in range(3):
                await opened.ask(request(f"analyst.{number}/0"))
    alerts = [event for event in opened.events if isinstance(event, BudgetAlert)]
    assert [(alert.scope, alert.percent) for alert in alerts] == [("run", 50)]
    assert alerts[0].spent_micros in {1000, 1500} and alerts[0].limit_micros == 2000


async def test_a_model_without_a_price_is_refused_before_any_request(store: Store) -> None:
    with OpenAIServer() as server:
        settings = settings_for(server.base_url, input_usd_per_mtok=-1)
        async with Opened(store, settings) as opened:
            with pytest.raises(ConfigError) as caught:
                await opened.gateway.complete(request())
        assert server.requests == 0
    assert "models.input_usd_per_mtok" in caught.value.remedy


async def test_secrets_leave_neither_by_the_prompt_nor_by_the_answer(store: Store) -> None:
    key = "sk-abcdefghijklmnopqrstuvwxyz123456"
    with OpenAIServer(f"use {key} and \x1b[31mhunter2-hunter2\x1b[0m") as server:
        env = {"DB_PASSWORD": "hunter2-hunter2"}
        async with Opened(store, settings_for(server.base_url), env) as opened:
            pieces: list[str] = []
            paid = await opened.gateway.complete(request(text=f"{key} hunter2-hunter2"), pieces.append)
        sent = json.dumps(server.log[0].body)
    assert key not in sent and "hunter2" not in sent
    assert paid.reply.text == "".join(pieces) == "use [redacted] and [redacted]"


async def test_silence_ends_a_call_within_its_time_and_leaves_room_for_a_retry(store: Store) -> None:
    with OpenAIServer("fine", faults=FaultPlan("hang")) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            paid = await opened.ask(request(timeout_s=3))
        assert server.requests == 2
    assert paid.reply.text == "fine"


async def test_a_wait_beyond_the_deadline_is_refused_at_once_with_the_time(store: Store) -> None:
    with OpenAIServer(faults=FaultPlan.always("429:3600")) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            with pytest.raises(ProviderError, match="due in 3600 s"):
                await opened.gateway.complete(request())
        assert server.requests == 1


async def test_an_open_breaker_is_remembered_by_the_next_process(store: Store) -> None:
    with OpenAIServer(faults=FaultPlan.always("500")) as server:
        for number in range(2):
            async with Opened(store, settings_for(server.base_url)) as opened:
                with pytest.raises(ProviderError, match="server error"):
                    await opened.gateway.complete(request(f"analyst.{number}/0", timeout_s=4))
        asked = server.requests
        async with Opened(store, settings_for(server.base_url)) as opened:
            with pytest.raises(ProviderError, match="left alone"):
                await opened.gateway.complete(request("analyst.9/0", timeout_s=1))
        assert asked == 5 and server.requests == asked, "five failures in a row, then nobody is bothered"


async def test_a_huge_answer_arrives_whole(store: Store) -> None:
    text = "line of text\n" * 160_000
    with OpenAIServer(text) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            paid = await opened.gateway.complete(request(max_output_tokens=80_000))
    assert len(text) > 2_000_000 and paid.reply.text == text


async def test_an_answer_far_beyond_the_length_it_was_allowed_is_cut_off(store: Store) -> None:
    with OpenAIServer("line of text\n" * 160_000) as server:
        async with Opened(store, settings_for(server.base_url)) as opened:
            with pytest.raises(ProviderError, match="beyond the length it was allowed"):
                await opened.gateway.complete(request(max_output_tokens=256))
    [row] = rows(store, "ledger")
    assert row["state"] == "settled" and row["cost_micros"] <= row["reserved_micros"]


TWO_MODELS = """
profiles:
  two:
    base_url: {url}
    free: true
    small: openai/little
    medium: openai/middle
    large: openai/big
"""


def two_models(server: OpenAIServer) -> Settings:
    home = Path(os.environ["NEXUS_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    (home / "models.yaml").write_text(TWO_MODELS.format(url=server.base_url))
    return Settings.model_validate({"models": {"profile": "two"}})


@pytest.mark.parametrize("fault", ["context_too_long", "model_not_found"])
async def test_another_model_answers_when_the_first_cannot(store: Store, fault: str) -> None:
    with OpenAIServer(lambda call: f"I am {call.body['model']}", faults=FaultPlan(fault)) as server:
        async with Opened(store, two_models(server)) as opened:
            paid = await opened.ask(request(phase="analyst", complexity="simple"))
    assert paid.reply.text == "I am middle" and paid.reply.cost_micros == 0
    (retried,) = [event for event in opened.events if isinstance(event, ModelRetried)]
    assert (retried.model, retried.next_model, retried.wait_ms) == ("openai/little", "openai/middle", 0)


async def test_escalation_asks_the_stronger_model_first(store: Store) -> None:
    with OpenAIServer(lambda call: f"I am {call.body['model']}") as server:
        async with Opened(store, two_models(server)) as opened:
            answers = [
                (await opened.ask(request(f"implementer.{tier}/0", phase="implementer", tier=tier))).reply.text
                for tier in (0, 1)
            ]
    assert answers == ["I am middle", "I am big"]


async def test_a_model_that_stays_down_is_left_for_the_next_after_three_attempts(store: Store) -> None:
    with OpenAIServer(lambda call: call.body["model"], faults=FaultPlan("529", "reset", "garbage")) as server:
        async with Opened(store, two_models(server)) as opened:
            paid = await opened.ask(request())
        assert [entry.model for entry in server.log] == ["little"] * 3 + ["middle"]
    assert paid.reply.attempts == 4


async def test_a_refused_key_stops_the_chain(store: Store) -> None:
    with OpenAIServer(faults=FaultPlan.always("401")) as server:
        async with Opened(store, two_models(server)) as opened:
            with pytest.raises(ProviderError, match="refused the key"):
                await opened.gateway.complete(request())
        assert server.requests == 1
