"""What tokens cost, in integers.

A rate is micro-dollars per million tokens, which is what a dollar price per million tokens times a million is; so all
sums are exact and rounded up once. The dated snapshot in config/prices.json is the truth; LiteLLM's own map is
compared at call time, and where they differ the higher rate counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from config.errors import ConfigError
from config.settings import ModelSettings
from core.gateway.model_calls import Message, Usage
from core.ids import digest

_SNAPSHOT = "prices.json"
_LIBRARY_FILE = "model_prices_and_context_window_backup.json"
_MILLION = 1_000_000
_TOLERANCE = 0.01
_PER_MESSAGE = 16
"""Tokens a provider adds around a message: role, separators."""
_BYTES_PER_TOKEN = 3
"""On the low side for English and code, so that an estimate is rather too high."""

# Field of LiteLLM's map for each rate.
_LIBRARY = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
}


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-dollars per million tokens."""

    input: int
    output: int
    cached: int
    cache_write: int

    def cost(self, prompt: int, cached: int, written: int, completion: int) -> int:
        """Micro-dollars, rounded up; `prompt` includes `cached` and `written`."""
        fresh = max(0, prompt - cached - written)
        total = fresh * self.input + cached * self.cached + written * self.cache_write + completion * self.output
        return -(-total // _MILLION)


@dataclass(frozen=True, slots=True)
class Price:
    """What one model costs. Prompts longer than `long_over` tokens are billed at `long`, answer included."""

    rates: Rates
    origin: str
    long_over: int = 0
    long: Rates | None = None

    def worst(self, prompt_tokens: int, output_tokens: int) -> int:
        """Micro-dollars that a call can cost at most."""
        tiers = [self.rates]
        if self.long is not None and prompt_tokens > self.long_over:
            tiers.append(self.long)
        return max(
            replace(tier, input=max(tier.input, tier.cache_write)).cost(prompt_tokens, 0, 0, output_tokens)
            for tier in tiers
        )

    def cost(self, usage: Usage, written: int = 0) -> int:
        """Micro-dollars for what was used; `written` tokens of the prompt went into the provider's cache."""
        long = self.long if self.long is not None and usage.prompt_tokens > self.long_over else None
        cached = min(usage.cached_tokens, usage.prompt_tokens)
        return (long or self.rates).cost(usage.prompt_tokens, cached, written, usage.completion_tokens)


FREE = Price(Rates(0, 0, 0, 0), "free")


def most_tokens(messages: tuple[Message, ...]) -> int:
    """An upper bound of the prompt's tokens: a byte-level tokenizer never makes more tokens than bytes."""
    return sum(len(message.content.encode()) + _PER_MESSAGE for message in messages)


def likely_tokens(text: str) -> int:
    """An estimate, for when the provider does not say."""
    return -(-len(text.encode()) // _BYTES_PER_TOKEN)


class PriceBook:
    """Prices of the models of one run."""

    def __init__(self, models: ModelSettings, *, free: bool, warn: Callable[[str], None]) -> None:
        """`free`: the profile says its calls cost nothing. `warn` gets a sentence when price tables disagree."""
        self._models = models
        self._free = free
        self._warn = warn
        self._known: dict[str, Price] = {}

    def price(self, model: str, library: Mapping[str, Mapping[str, object]]) -> Price:
        """Price of a LiteLLM model name; `library` is LiteLLM's own map. Raises ConfigError when nobody knows it."""
        if self._free or model.startswith("replay/"):
            return FREE
        if model not in self._known:
            self._known[model] = self._find(model, library)
        return self._known[model]

    def _find(self, model: str, library: Mapping[str, Mapping[str, object]]) -> Price:
        ours = _snapshot().get(model)
        theirs = _from_library(library.get(model) or library.get(model.partition("/")[2]) or {})
        if ours is not None and theirs is not None:
            return self._agree(model, ours, theirs)
        if found := ours or theirs:
            return found
        stated = (self._models.input_usd_per_mtok, self._models.output_usd_per_mtok)
        if min(stated) < 0:
            raise ConfigError(
                f"No price is known for {model}, so its cost cannot be limited and it is not called.",
                "State it: models.input_usd_per_mtok and models.output_usd_per_mtok (0 for a server of your own).",
            )
        given, asked = (_rate(value) for value in stated)
        return Price(Rates(given, asked, given, given), "settings")

    def _agree(self, model: str, ours: Price, theirs: Price) -> Price:
        pairs = [(getattr(ours.rates, f.name), getattr(theirs.rates, f.name)) for f in fields(Rates)]
        if all(abs(a - b) <= _TOLERANCE * max(a, b) for a, b in pairs):
            return ours
        self._warn(f"Prices of {model} differ between {_SNAPSHOT} ({ours.origin}) and LiteLLM; the higher one is used.")
        return replace(ours, rates=_higher(ours.rates, theirs.rates))


@cache
def bundled_library() -> Mapping[str, Mapping[str, object]]:
    """LiteLLM's own map, read from its package without importing it, which takes seconds; empty when not found."""
    package = find_spec("litellm")
    if package is None or package.origin is None:
        return {}
    try:
        found = json.loads(Path(package.origin).with_name(_LIBRARY_FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return {model: row for model, row in found.items() if isinstance(row, dict)}


def _higher(a: Rates, b: Rates) -> Rates:
    return Rates(**{f.name: max(getattr(a, f.name), getattr(b, f.name)) for f in fields(Rates)})


@cache
def _snapshot() -> dict[str, Price]:
    text = (resources.files("config") / _SNAPSHOT).read_text(encoding="utf-8")
    data = json.loads(text)
    origin = f"{data['taken_at']}:{digest(text)[:12]}"
    return {model: _from_snapshot(row, origin) for model, row in data["models"].items()}


def _from_snapshot(row: Mapping[str, object], origin: str) -> Price:
    long = row.get("long")
    if not isinstance(long, dict):
        return Price(_rates(row), origin)
    return Price(_rates(row), origin, int(long["over_tokens"]), _rates(long))


def _rates(row: Mapping[str, object]) -> Rates:
    given = _rate(row["input"])
    return Rates(
        input=given,
        output=_rate(row["output"]),
        cached=_rate(row.get("cached", row["input"])),
        cache_write=_rate(row.get("cache_write", row["input"])),
    )


def _rate(usd_per_million: object) -> int:
    """Micro-dollars per million tokens, rounded up."""
    return -int(-Decimal(str(usd_per_million)) * _MILLION // 1)


def _from_library(row: Mapping[str, object]) -> Price | None:
    """A price from LiteLLM's map, which counts dollars per token."""
    if row.get("input_cost_per_token") is None or row.get("output_cost_per_token") is None:
        return None
    base = _library_rates(row, "")
    for field in row:
        prefix, _, tail = field.partition("_above_")
        if prefix == "input_cost_per_token" and tail.endswith("k_tokens") and tail[:-8].isdigit():
            return Price(base, "litellm", int(tail[:-8]) * 1000, _library_rates(row, f"_above_{tail}"))
    return Price(base, "litellm")


def _library_rates(row: Mapping[str, object], suffix: str) -> Rates:
    found = {name: row.get(field + suffix, row.get(field)) for name, field in _LIBRARY.items()}
    per_million = {name: Decimal(str(value)) * _MILLION for name, value in found.items() if value is not None}
    return _rates(per_million)
