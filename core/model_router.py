"""Which models a request may go to, in which order, and with which key and address.

The order is the profile's: tier 0 asks primary, fallback, escalation; tier 1 asks escalation, fallback, primary.
Each model becomes a group of `litellm.Router` (core.gateway.litellm_client); who is asked next is decided here and in
core.resilience, never by LiteLLM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from config.errors import ConfigError
from config.model_profiles import (
    ByComplexity,
    Profile,
    Profiles,
    choose_profile,
    find_key,
    no_provider,
    profile_provider,
    provider_of,
)
from config.settings import ModelSettings
from core.ids import Complexity, Phase

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "host.docker.internal"})  # noqa: S104
_NO_KEY_NEEDED = "not-needed"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model and how to reach it."""

    model: str
    """LiteLLM name, such as `anthropic/claude-opus-5-5`."""
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    keys: tuple[str, ...] = ()
    """Variables that may hold the key, to name in an error."""

    @property
    def name(self) -> str:
        """What breakers and limits count by."""
        return f"{self.model} at {self.base_url}" if self.base_url else self.model


class ModelRouter:
    """The choice of models of one run."""

    def __init__(
        self,
        profile_name: str,
        profile: Profile,
        phases: Mapping[str, ByComplexity],
        deployments: Mapping[str, Deployment],
    ) -> None:
        """`deployments` by size; a single model stands under all three."""
        self.profile_name = profile_name
        self.profile = profile
        self._phases = phases
        self._by_size = dict(deployments)

    @staticmethod
    def of(profiles: Profiles, models: ModelSettings, env: Mapping[str, str]) -> ModelRouter:
        """Raises ConfigError for unusable model settings, ProviderError (exit 4) when no provider is configured."""
        name, profile = _pick(profiles, models, env)
        base_url = _base_url(name, profile, models, env)
        key = _key(profile, base_url, env)
        sizes = {"small": profile.small, "medium": profile.medium, "large": profile.large}
        if models.model:
            sizes = dict.fromkeys(sizes, qualify(models.model, name, profile, base_url))
        elif not all(sizes.values()):
            raise ConfigError(f"The model profile {name!r} names no model.", "Name one with -m MODEL (models.model).")
        deployments = {size: Deployment(model, key, base_url, profile.keys) for size, model in sizes.items()}
        return ModelRouter(name, profile, {**profiles.phases, **(profile.phases or {})}, deployments)

    @staticmethod
    def replaying(model: str) -> ModelRouter:
        """Every phase asks one recorded session."""
        only = dict.fromkeys(("small", "medium", "large"), Deployment(model))
        return ModelRouter("replay", Profile(free=True), {}, only)

    def chain(self, phase: Phase, complexity: Complexity, tier: int) -> tuple[Deployment, ...]:
        """The models to ask, first choice first, each once."""
        by_complexity = self._phases.get(phase)
        triple = getattr(by_complexity, complexity) if by_complexity else ("medium", "large", "small")
        primary, escalation, fallback = (self._by_size[size] for size in triple)
        order = (primary, fallback, escalation) if tier == 0 else (escalation, fallback, primary)
        return tuple(dict.fromkeys(order))

    def deployments(self) -> tuple[Deployment, ...]:
        return tuple(dict.fromkeys(self._by_size.values()))


def qualify(model: str, profile_name: str, profile: Profile, base_url: str) -> str:
    """The LiteLLM name of what the user typed after -m. Raises ConfigError when the profile cannot offer it."""
    provider = profile_provider(profile) or ("openai" if base_url or profile.openai_compatible else "")
    if not provider or model.startswith(f"{provider}/"):
        return model
    named = provider_of(model)
    if not named or base_url or provider == "openrouter":
        return f"{provider}/{model}"
    raise ConfigError(
        f"The model {model} is not one of the profile {profile_name!r}.",
        "Leave --profile out, or name a model of that provider.",
    )


def host_of(url: str) -> str:
    """Host and port of an address, without what may be secret in it."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def is_local(url: str) -> bool:
    return (urlsplit(url).hostname or "") in _LOCAL_HOSTS


def _pick(profiles: Profiles, models: ModelSettings, env: Mapping[str, str]) -> tuple[str, Profile]:
    named = provider_of(models.model)
    known = {profile_provider(profile) for profile in profiles.profiles.values()}
    if models.profile == "auto" and not models.base_url and named and named not in known:
        # A provider without a profile: LiteLLM's naming of keys is the convention.
        profile = Profile(keys=(f"{named.upper().replace('-', '_')}_API_KEY",))
        if not find_key(profile, env):
            raise no_provider(profile.keys)
        return named, profile
    return choose_profile(profiles, models, env)


def _base_url(name: str, profile: Profile, models: ModelSettings, env: Mapping[str, str]) -> str:
    url = models.base_url or profile.base_url
    if name == "ollama" and not models.base_url and env.get("OLLAMA_HOST"):
        host = env["OLLAMA_HOST"]
        url = f"{host if '://' in host else f'http://{host}'}".rstrip("/") + "/v1"
    if not url and profile.openai_compatible:
        raise ConfigError(f"The model profile {name!r} needs the address of a server.", "Set models.base_url.")
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ConfigError(f"models.base_url is not a web address: {url}.", "It looks like http://127.0.0.1:8000/v1.")
    return url.rstrip("/")


def _key(profile: Profile, base_url: str, env: Mapping[str, str]) -> str:
    if key := find_key(profile, env):
        return key
    if not profile.keys or (base_url and is_local(base_url)):
        return _NO_KEY_NEEDED
    raise no_provider(profile.keys)
