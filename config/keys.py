"""The settings schema seen as a flat list of keys (`limits.wall_clock_s`): names, meanings, parsing from text."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from typing import get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from config.errors import ConfigError, NexusError, UsageError
from config.settings import Section, Settings

ENV_PREFIX = "NEXUS_"
COMMAND_LINE = "command line"
"""Origin of an override given with `-c`; a mistake in one is a usage error, not a configuration error."""
TYPED = ""
"""Origin of what is being typed just now: errors need not say where it stands."""

SettingValue = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Key:
    """One setting."""

    section: str
    name: str
    default: SettingValue
    meaning: str
    kind: str
    """`text`, `whole number`, `number`, `yes or no` or `choice`."""
    choices: tuple[str, ...] = ()
    """All that may be written, where that is a short list."""
    bounds: str = ""
    """What a number must keep to, such as `0 to 1,000,000` or `more than 0`."""

    @property
    def dotted(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def env(self) -> str:
        return f"{ENV_PREFIX}{self.section}__{self.name}".upper()


@cache
def all_keys() -> dict[str, Key]:
    """Every setting by its dotted name, in the order of the schema."""
    found: dict[str, Key] = {}
    for section, model in _sections().items():
        for name, field in model.model_fields.items():
            key = _key(section, name, field)
            found[key.dotted] = key
    return found


_KINDS: dict[object, str] = {bool: "yes or no", int: "whole number", float: "number", str: "text"}


def _key(section: str, name: str, field: FieldInfo) -> Key:
    kind = _KINDS.get(field.annotation, "choice")
    choices = {"choice": get_args(field.annotation), "yes or no": ("true", "false")}.get(kind, ())
    return Key(section, name, field.default, field.description or "", kind, choices, _bounds(field))


def _bounds(field: FieldInfo) -> str:
    limits = {rule: getattr(one, rule) for one in field.metadata for rule in ("gt", "ge", "le") if hasattr(one, rule)}
    if "gt" in limits:
        return f"more than {limits['gt']:,}"
    if "le" in limits:
        return f"{limits['ge']:,} to {limits['le']:,}"
    return f"at least {limits['ge']:,}" if limits else ""


def parse_value(dotted: str, text: str, origin: str) -> SettingValue:
    """The typed value of `text` for a key.

    Raises ConfigError (UsageError when the origin is the command line) naming the origin, the key, what is allowed
    and, for an unknown key, the nearest one.
    """
    key = all_keys().get(dotted)
    if key is None:
        raise _unknown(dotted, origin)
    try:
        section = _sections()[key.section](**{key.name: text})
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        problem = problem[:1].lower() + problem[1:]
        raise _error(origin, f"{dotted} is {_shown(text)}: {problem}.", key.meaning) from None
    value: SettingValue = getattr(section, key.name)
    return value


def as_text(value: SettingValue) -> str:
    """The value as it is written in a file or on the command line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def build_settings(values: dict[str, SettingValue]) -> Settings:
    """Settings from a value per dotted key."""
    nested: dict[str, dict[str, SettingValue]] = {}
    for dotted, value in values.items():
        section, _, name = dotted.partition(".")
        nested.setdefault(section, {})[name] = value
    return Settings.model_validate(nested)


def value_of(settings: Settings, dotted: str) -> SettingValue:
    """The value of a key that exists."""
    section, _, name = dotted.partition(".")
    value: SettingValue = getattr(getattr(settings, section), name)
    return value


@cache
def _sections() -> dict[str, type[Section]]:
    found: dict[str, type[Section]] = {}
    for name, field in Settings.model_fields.items():
        model = field.annotation
        assert isinstance(model, type) and issubclass(model, Section)
        found[name] = model
    return found


def _unknown(dotted: str, origin: str) -> NexusError:
    near = difflib.get_close_matches(dotted, all_keys(), n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}? " if near else ""
    return _error(origin, f"there is no setting {_shown(dotted)}.", f"{hint}`nexus config show` lists them all.")


def _error(origin: str, message: str, remedy: str) -> NexusError:
    kind = UsageError if origin in (COMMAND_LINE, TYPED) else ConfigError
    return kind(f"{origin}: {message}" if origin else message, remedy)


def _shown(text: str) -> str:
    """Text of unknown origin, short and without control characters."""
    return repr(text if len(text) <= 80 else text[:77] + "...")
