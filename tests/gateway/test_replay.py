"""Recorded sessions: the same path as a real call, the same answers after a resume, no network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.errors import ProviderError, UsageError
from config.settings import Settings
from core.gateway.cassettes import Cassette
from core.ids import Phase
from core.storage.store import Store
from tests.support.gateways import Opened, request, rows, settings_for
from tests.support.openai_script import Answer
from tests.support.openai_server import OpenAIServer

pytestmark = pytest.mark.anyio

TAPE = {
    "format": 1,
    "title": "adder",
    "source": "written by hand for this test",
    "recorded_at": "2026-11-22",
    "entries": [
        {"phase": "analyst", "text": "first\n" * 50, "prompt_tokens": 900, "completion_tokens": 120},
        {"phase": "implementer", "text": "attempt one"},
        {"phase": "implementer", "text": "attempt two"},
        {"phase": "implementer", "text": "for that step", "step": "implementer.7/0"},
    ],
}


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    path = tmp_path / "adder.json"
    path.write_text(json.dumps(TAPE))
    return path


async def play(store: Store, tape: Path, step: str, *, book: bool = True) -> str:
    """Ask in a process of its own, as far as the gateway can tell."""
    phase: Phase = "analyst" if step.startswith("analyst") else "implementer"
    async with Opened(store, Settings(), cassette=tape) as opened:
        paid = await opened.gateway.complete(request(step, phase=phase))
        if book:
            await store.awrite(paid.book)
    return paid.reply.text


async def test_a_recording_answers_by_phase_and_order_for_nothing(store: Store, tape: Path) -> None:
    async with Opened(store, Settings(), cassette=tape) as opened:
        pieces: list[str] = []
        paid = await opened.gateway.complete(request(), pieces.append)
        await store.awrite(paid.book)
    assert paid.reply.text == "".join(pieces) == "first\n" * 50 and len(pieces) > 10
    assert (paid.reply.model, paid.reply.cost_micros) == ("replay/adder", 0)
    assert (paid.reply.usage.prompt_tokens, paid.reply.usage.completion_tokens) == (900, 120)
    assert not paid.reply.usage.estimated
    assert rows(store, "decisions")[0]["model"] == "replay/adder"


async def test_a_resumed_run_gets_the_same_answers(store: Store, tape: Path) -> None:
    first = await play(store, tape, "implementer.0/0")
    lost = await play(store, tape, "implementer.1/0", book=False)
    assert [first, lost] == ["attempt one", "attempt two"]
    assert await play(store, tape, "implementer.1/0") == "attempt two"
    assert await play(store, tape, "implementer.0/0") == "attempt one"


async def test_an_entry_may_name_its_step(store: Store, tape: Path) -> None:
    assert await play(store, tape, "implementer.7/0") == "for that step"


async def test_a_step_beyond_the_recording_says_so(store: Store, tape: Path) -> None:
    await play(store, tape, "analyst.0/0")
    with pytest.raises(ProviderError, match=r"recording has no answer for analyst.1/0") as caught:
        await play(store, tape, "analyst.1/0")
    assert caught.value.exit_code == 4


async def test_what_was_recorded_plays_back(store: Store, tmp_path: Path) -> None:
    tape = tmp_path / "new.json"
    with OpenAIServer(lambda call: Answer(f"said in {call.step}", prompt_tokens=10, completion_tokens=3)) as server:
        async with Opened(store, settings_for(server.base_url), record=tape) as opened:
            for step in ("analyst.0/0", "analyst.0/1"):
                await opened.ask(request(step))
    cassette = Cassette.read(tape)
    assert (cassette.title, cassette.source) == ("new", "recorded from the profile custom")
    with Store(tmp_path / "later.db") as later:
        assert await play(later, tape, "analyst.0/0") == "said in analyst.0/0"
        assert await play(later, tape, "analyst.0/1") == "said in analyst.0/1"


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}', '{"format": 1, "entries": [{"nope": 1}]}', "[]"])
def test_an_unusable_recording_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="cannot be read"):
        Cassette.read(path)
