"""`screens.ports.ModelsDesk`: the profiles, their prices, and what was spent. LiteLLM is not imported for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.terminal.remedies import with_keys
from config.errors import ConfigError, NexusError
from config.loader import LoadedSettings, load_settings
from config.model_profiles import Profile, Profiles, load_profiles
from config.paths import Paths
from config.settings import ModelSettings
from core.clock import SystemClock
from core.cost_manager import CostManager, Limits
from core.gateway.prices import Price, PriceBook, bundled_library
from core.gateway.spending import spent_by_day, spent_by_model
from core.model_router import ModelRouter, host_of
from core.storage.store import Store
from screens.ports import ModelLine, ProfileLine, ProfilesPage, Spending

_MILLION = 1_000_000
_SIZES = ("small", "medium", "large")


@dataclass(frozen=True, slots=True)
class UserModels:
    store: Store
    paths: Paths
    folder: Path
    env: Mapping[str, str]

    async def profiles(self) -> ProfilesPage:
        return await asyncio.to_thread(self._profiles)

    async def spending(self, days: int) -> Spending:
        return await asyncio.to_thread(self._spending, days)

    def _profiles(self) -> ProfilesPage:
        loaded = load_settings(self.folder, self.env, {})
        known = load_profiles(self.paths.config / "models.yaml")
        models = loaded.settings.models
        try:
            router = ModelRouter.of(known, models, self.env)
        except NexusError as error:
            lines = tuple(self._line(name, one, known, models) for name, one in known.profiles.items())
            return ProfilesPage(lines, "", with_keys(str(error)))
        used = router.deployments()
        all_profiles = {**known.profiles, router.profile_name: router.profile}  # a provider may have no profile
        lines = tuple(
            self._line(name, one, known, models, used[0].base_url, used[0].model if models.model else "")
            if name == router.profile_name
            else self._line(name, one, known, models)
            for name, one in all_profiles.items()
        )
        return ProfilesPage(lines, router.profile_name, self._why(router, loaded))

    def _line(
        self, name: str, profile: Profile, known: Profiles, models: ModelSettings, server: str = "", only: str = ""
    ) -> ProfileLine:
        """`only`: the one model that the settings ask for everything."""
        tables = {**known.phases, **(profile.phases or {})}
        named = [(size, only or getattr(profile, size)) for size in _SIZES]
        return ProfileLine(
            name=name,
            keys=tuple((key, bool(self.env.get(key, "").strip())) for key in profile.keys),
            server=host_of(server or profile.base_url),
            models=tuple(_prices([each for each in named if each[1]], models, profile.free)),
            chains={phase: dict(table.model_dump()) for phase, table in tables.items()},
        )

    def _why(self, router: ModelRouter, loaded: LoadedSettings) -> str:
        models, origins = loaded.settings.models, loaded.origins
        if models.profile != "auto":
            why = f"models.profile says so ({origins['models.profile']})."
        elif models.base_url:
            why = f"models.base_url names a server ({origins['models.base_url']})."
        else:
            key = next(name for name in router.profile.keys if self.env.get(name, "").strip())
            first = "the provider of models.model" if models.model and "/" in models.model else "the first"
            why = f"It is {first} whose key is in the environment: {key}."
        if models.model:
            why += f" models.model asks one model for everything ({origins['models.model']})."
        return why

    def _spending(self, days: int) -> Spending:
        settings = load_settings(self.folder, self.env, {}).settings
        clock = SystemClock()
        today = datetime.fromtimestamp(clock.now(), UTC).date()
        return Spending(
            days=tuple(spent_by_day(self.store, days, today)),
            models=tuple(spent_by_model(self.store, today.replace(day=1))),
            scopes=tuple(CostManager(self.store, Limits.of(settings), clock).scopes("", "")),
        )


def _prices(named: Iterable[tuple[str, str]], models: ModelSettings, free: bool) -> Iterable[ModelLine]:
    """What the engine would reckon with."""
    for size, model in named:
        differs: list[str] = []
        try:
            price = PriceBook(models, free=free, warn=differs.append).price(model, bundled_library())
        except ConfigError:
            yield ModelLine(size, model, None, None, "")
            continue
        rates = price.rates
        yield ModelLine(
            size, model, rates.input / _MILLION, rates.output / _MILLION, _source(price, bool(differs)), price.long_over
        )


def _source(price: Price, differs: bool) -> str:
    if price.origin == "free":
        return "the profile: free"
    if price.origin == "settings":
        return "your settings"
    if price.origin == "litellm":
        return "LiteLLM"
    return f"Nexus, {price.origin.partition(':')[0]}" + (", or LiteLLM if higher" if differs else "")
