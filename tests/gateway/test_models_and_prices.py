"""Which model is asked, with which key, at which price."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError, NexusError, ProviderError
from config.model_profiles import load_profiles
from config.settings import ModelSettings
from core.gateway.litellm_client import import_litellm
from core.gateway.model_calls import Message, Usage
from core.gateway.prices import FREE, Price, PriceBook, Rates, bundled_library, most_tokens
from core.model_router import ModelRouter


def router(env: dict[str, str] | None = None, user_file: Path | None = None, **models: Any) -> ModelRouter:
    return ModelRouter.of(load_profiles(user_file), ModelSettings(**models), env or {})


KEYS = {"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "o", "GEMINI_API_KEY": "g", "OPENROUTER_API_KEY": "r"}


@pytest.mark.parametrize(
    ("variable", "profile"),
    [("ANTHROPIC_API_KEY", "anthropic"), ("OPENAI_API_KEY", "openai"), ("GEMINI_API_KEY", "gemini"),
     ("GOOGLE_API_KEY", "gemini"), ("OPENROUTER_API_KEY", "openrouter")],
)  # fmt: skip
def test_the_key_in_the_environment_decides_the_profile(variable: str, profile: str) -> None:
    chosen = router({variable: "the-key", "UNRELATED": "x"})
    assert chosen.profile_name == profile
    assert {deployment.api_key for deployment in chosen.deployments()} == {"the-key"}


def test_the_first_profile_of_the_file_wins_and_an_empty_key_is_none() -> None:
    assert router(KEYS).profile_name == "anthropic"
    assert router({**KEYS, "ANTHROPIC_API_KEY": " "}).profile_name == "openai"


def test_without_any_key_the_sentence_names_the_variables_and_the_demo() -> None:
    with pytest.raises(ProviderError) as caught:
        router()
    assert caught.value.exit_code == 4
    for word in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "--profile ollama", "--demo"):
        assert word in caught.value.remedy


@pytest.mark.parametrize(
    ("models", "words"),
    [({"profile": "nope"}, "no model profile named 'nope'"), ({"profile": "custom"}, "needs the address"),
     ({"base_url": "ftp://x", "model": "m"}, "not a web address"),
     ({"base_url": "http://localhost:1"}, "names no model"),
     ({"profile": "anthropic", "model": "openai/gpt-6-luna"}, "not one of the profile")],
)  # fmt: skip
def test_unusable_model_settings_are_a_configuration_error(models: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        router(KEYS, **models)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("models", "model", "base_url"),
    [({"model": "anthropic/claude-opus-5-5"}, "anthropic/claude-opus-5-5", ""),
     ({"model": "openai/gpt-6-luna"}, "openai/gpt-6-luna", ""),
     ({"model": "claude-opus-5-5"}, "anthropic/claude-opus-5-5", ""),
     ({"model": "mistral/large"}, "mistral/large", ""),
     ({"profile": "openrouter", "model": "openai/gpt-5.1"}, "openrouter/openai/gpt-5.1", ""),
     ({"profile": "ollama", "model": "llama3:8b"}, "openai/llama3:8b", "http://127.0.0.1:11434/v1"),
     ({"base_url": "http://localhost:8000/v1/", "model": "qwen/q3"}, "openai/qwen/q3", "http://localhost:8000/v1")],
)  # fmt: skip
def test_one_model_may_be_named_for_every_phase(models: dict[str, str], model: str, base_url: str) -> None:
    chosen = router({**KEYS, "MISTRAL_API_KEY": "m"}, **models)
    (only,) = chosen.chain("implementer", "complex", 1)
    assert (only.model, only.base_url) == (model, base_url)
    assert chosen.chain("analyst", "trivial", 0) == (only,)


def test_a_local_server_needs_no_key_and_gets_none_of_ours() -> None:
    (only,) = router(KEYS, base_url="http://127.0.0.1:8000/v1", model="m").deployments()
    assert only.api_key == "not-needed"
    with pytest.raises(ProviderError, match="No model provider"):
        router(KEYS, base_url="https://models.example/v1", model="m")
    (remote,) = router({"NEXUS_API_KEY": "n"}, base_url="https://models.example/v1", model="m").deployments()
    assert remote.api_key == "n"


@pytest.mark.parametrize("host", ["gpu:1234", "http://gpu:1234", "http://gpu:1234/"])
def test_ollama_is_found_where_its_own_variable_says(host: str) -> None:
    assert router({"OLLAMA_HOST": host}, profile="ollama").deployments()[0].base_url == "http://gpu:1234/v1"


def test_tiers_start_with_the_primary_or_the_escalation_and_name_each_model_once() -> None:
    chosen = router(KEYS, profile="anthropic")
    names = [
        [d.model.rpartition("-5-5")[0].rpartition("-")[2] for d in chosen.chain("implementer", "simple", tier)]
        for tier in (0, 1)
    ]
    assert names == [["sonnet", "haiku", "opus"], ["opus", "haiku", "sonnet"]]
    assert len(chosen.chain("integrator", "complex", 0)) == 2


MINE = """
profiles:
  mine: {free: true, base_url: "http://127.0.0.1:9/v1", small: openai/a, medium: openai/b, large: openai/b}
"""


def test_a_user_s_file_adds_and_replaces_profiles(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    path.write_text(MINE)
    assert [d.model for d in router(user_file=path, profile="mine").deployments()] == ["openai/a", "openai/b"]
    assert router(KEYS, user_file=path).profile_name == "anthropic"


@pytest.mark.parametrize("text", ["profiles: [", "- a", "profiles: 3", "profiles: {a: {smal: x}}", "other: {}"])
def test_an_unusable_profile_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "models.yaml"
    path.write_text(text)
    with pytest.raises(NexusError) as caught:
        load_profiles(path)
    assert caught.value.exit_code == 3 and "\n" not in str(caught.value)


def test_no_key_shows_in_a_representation() -> None:
    assert "the-key" not in repr(router({"OPENAI_API_KEY": "the-key"}).deployments())


# --- prices ---

RATES = Rates(input=2_000_000, output=10_000_000, cached=100_000, cache_write=2_500_000)
PRICE = Price(RATES, "test", 1000, Rates(4_000_000, 20_000_000, 200_000, 5_000_000))


def book(**models: float) -> tuple[PriceBook, list[str]]:
    warnings: list[str] = []
    return PriceBook(ModelSettings(**models), free=False, warn=warnings.append), warnings


def test_every_model_of_the_shipped_profiles_has_a_price_that_litellm_confirms() -> None:
    library = import_litellm().model_cost
    prices, warnings = book()
    for name, profile in load_profiles().profiles.items():
        for model in {profile.small, profile.medium, profile.large} - {""}:
            if not profile.free:
                assert prices.price(model, library).rates.output > 0
                assert name == "openrouter" or model in library or model.partition("/")[2] in library
    assert warnings == []


def test_a_price_that_moved_is_told_once_and_the_higher_rate_counts() -> None:
    prices, warnings = book()
    library = {"claude-sonnet-5-5": {"input_cost_per_token": 3e-6, "output_cost_per_token": 9e-6}}
    for _ in range(2):
        rates = prices.price("anthropic/claude-sonnet-5-5", library).rates
    assert (rates.input, rates.output) == (3_000_000, 10_000_000)
    assert len(warnings) == 1 and "anthropic/claude-sonnet-5-5" in warnings[0]


def test_a_price_only_litellm_knows_is_used() -> None:
    library = {"gpt-x": {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}
    assert book()[0].price("openai/gpt-x", library).rates == Rates(1_000_000, 2_000_000, 1_000_000, 1_000_000)


def test_an_unknown_price_is_refused_unless_the_settings_state_it() -> None:
    with pytest.raises(ConfigError, match="No price is known for openai/own"):
        book()[0].price("openai/own", {})
    stated = book(input_usd_per_mtok=0, output_usd_per_mtok=0.5)[0].price("openai/own", {})
    assert (stated.rates.input, stated.rates.output) == (0, 500_000)


def test_cached_and_written_tokens_have_their_own_rates() -> None:
    assert RATES.cost(1000, 400, 100, 200) == 500 * 2 + 40 + 250 + 2000
    assert PRICE.cost(Usage(1000, 200, 400), 100) == 3290
    assert FREE.cost(Usage(10**9, 10**9)) == 0


def test_a_fraction_of_a_micro_dollar_is_rounded_up() -> None:
    assert Rates(1, 1, 1, 1).cost(1, 0, 0, 0) == 1


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 3000), st.integers(0, 3000))
def test_no_call_costs_more_than_its_worst_case(bound: int, most: int, prompt: int, cached: int, written: int) -> None:
    prompt = min(prompt, bound)
    cached = min(cached, prompt)
    written = min(written, prompt - cached)
    assert PRICE.cost(Usage(prompt, most, cached), written) <= PRICE.worst(bound, most)


@given(st.text(max_size=400))
def test_a_prompt_never_has_more_tokens_than_were_counted(text: str) -> None:
    library = import_litellm()
    library.disable_token_counter = False
    try:
        counted = library.token_counter(model="gpt-5", messages=[{"role": "user", "content": text}])
    finally:
        library.disable_token_counter = True
    assert 0 < counted <= most_tokens((Message("user", text),))


def test_litellms_map_is_read_without_importing_it() -> None:
    library = import_litellm().model_cost
    assert len(bundled_library()) > 1000
    assert all(library.get(model) == row for model, row in bundled_library().items() if "/" in model)
