"""Loads models.yaml: which model each phase asks, and where its key is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, ValidationError

from config.errors import ConfigError, ProviderError
from config.settings import ModelSettings, Section

Size = Literal["small", "medium", "large"]
Triple = tuple[Size, Size, Size]
"""Primary, escalation, fallback."""

DEMO = "`nexus --demo`"
"""The command that needs no model, as remedies name it."""

_SHIPPED = Path(__file__).with_name("models.yaml")


class ByComplexity(Section):
    trivial: Triple
    simple: Triple
    complex: Triple


class Profile(Section):
    """One provider family, or one server."""

    keys: tuple[str, ...] = ()
    """Environment variables that may hold the key; the first that is set counts."""
    base_url: str = ""
    """Address of the server; empty: the provider's own."""
    free: bool = False
    """Its calls cost nothing, as on one's own machine."""
    openai_compatible: bool = False
    """Any model name is asked in the OpenAI protocol."""
    small: str = ""
    medium: str = ""
    large: str = ""
    phases: dict[str, ByComplexity] | None = None
    """Replaces the shared table for the phases it names."""


class Profiles(Section):
    model_config = ConfigDict(extra="forbid", frozen=True)

    phases: dict[str, ByComplexity]
    profiles: dict[str, Profile]


def load_profiles(user_file: Path | None = None) -> Profiles:
    """The shipped profiles, with those of `user_file` added or in their place. Raises ConfigError."""
    shipped = _shipped()
    if user_file is None or not user_file.is_file():
        return shipped
    own = _read(user_file)
    phases, profiles = own.get("phases", {}), own.get("profiles", {})
    if not isinstance(phases, dict) or not isinstance(profiles, dict) or own.keys() - {"phases", "profiles"}:
        raise ConfigError(f"{user_file} must hold `profiles:` and, if need be, `phases:`.", f"Compare {_SHIPPED}.")
    return _validate(
        {"phases": _plain(shipped.phases) | phases, "profiles": _plain(shipped.profiles) | profiles}, user_file
    )


def choose_profile(profiles: Profiles, models: ModelSettings, env: Mapping[str, str]) -> tuple[str, Profile]:
    """Name and profile to use. Raises ConfigError for an unknown name, ProviderError when `auto` finds no key."""
    if models.profile != "auto":
        if models.profile in profiles.profiles:
            return models.profile, profiles.profiles[models.profile]
        raise ConfigError(
            f"There is no model profile named {models.profile!r}.",
            f"Choose one of: auto, {', '.join(profiles.profiles)}.",
        )
    if models.base_url:
        return "custom", profiles.profiles["custom"]
    named = provider_of(models.model)
    for name, profile in profiles.profiles.items():
        if named and profile_provider(profile) != named:
            continue
        if not profile.openai_compatible and find_key(profile, env):
            return name, profile
    wanted = [p for p in profiles.profiles.values() if p.keys and not p.openai_compatible]
    if named:
        wanted = [p for p in wanted if profile_provider(p) == named] or wanted
    raise no_provider(key for profile in wanted for key in profile.keys)


def no_provider(keys: Iterable[str]) -> ProviderError:
    return ProviderError(
        "No model provider is configured: no key is in the environment.",
        f"Set one of {', '.join(keys)}, or choose a local server with --profile ollama;"
        f" {DEMO} shows Nexus at work without any account.",
    )


def find_key(profile: Profile, env: Mapping[str, str]) -> str:
    """The key, or an empty string."""
    return next((env[name].strip() for name in profile.keys if env.get(name, "").strip()), "")


def provider_of(model: str) -> str:
    """`anthropic` for `anthropic/claude-…`; empty for a bare name."""
    provider, slash, _ = model.partition("/")
    return provider if slash else ""


def profile_provider(profile: Profile) -> str:
    return provider_of(profile.medium)


@cache
def _shipped() -> Profiles:
    return _validate(_read(_SHIPPED), _SHIPPED)


def _read(path: Path) -> dict[str, object]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path} cannot be read: {reason}.", "Mend it, or move it away.") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path} must be a mapping.", f"Compare {_SHIPPED}.")
    return data


def _validate(data: Mapping[str, object], path: Path) -> Profiles:
    try:
        return Profiles.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path} is not valid at {where}: {first['msg']}.", f"Compare {_SHIPPED}.") from error


def _plain(models: Mapping[str, Section]) -> dict[str, object]:
    return {name: model.model_dump() for name, model in models.items()}
