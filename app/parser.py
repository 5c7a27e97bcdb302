"""A command-line parser whose flags have twins in the environment, and the checks of their values."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, NoReturn

from config.errors import ConfigError, UsageError

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError, and takes flags that are not given from `NEXUS_<FLAG>`."""

    def __init__(self, prog: str, description: str, examples: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=f"examples:\n{examples}" if examples else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self._twins: dict[str, tuple[str, argparse.Action]] = {}

    def flag(self, *names: str, twin: bool = True, **options: Any) -> None:
        """Add an option. Its twin in the environment has the name of the last (long) spelling."""
        options.setdefault("default", None)
        variable = "NEXUS_" + names[-1].lstrip("-").upper().replace("-", "_")
        if twin and options.get("help"):
            options["help"] = f"{options['help']} [{variable}]"
        action = self.add_argument(*names, **options)
        if twin:
            self._twins[action.dest] = (variable, action)

    def read(
        self, argv: list[str], env: Mapping[str, str], exclusive: tuple[tuple[str, ...], ...] = ()
    ) -> argparse.Namespace:
        """Parse; the command line wins over the environment.

        Of each group in `exclusive` at most one may be given; when one is on the command line, the others are not
        taken from the environment. Raises UsageError, and ConfigError for an unusable variable.
        """
        # Intermixed parsing lets flags stand between positionals, but cannot do with `--`.
        found = self.parse_args(argv) if "--" in argv else self.parse_intermixed_args(argv)
        decided = {name for group in exclusive if _given(found, group) for name in group}
        for dest, (variable, action) in self._twins.items():
            if getattr(found, dest) is None and variable in env and dest not in decided:
                setattr(found, dest, _from_env(action, variable, env[variable]))
        for group in exclusive:
            if len(given := _given(found, group)) > 1:
                self.error(f"{' and '.join(given)} cannot be given together")
        return found

    def long_flags(self) -> list[str]:
        """The long spelling of every option that help shows."""
        return [
            name
            for action in self._actions
            if action.help != argparse.SUPPRESS
            for name in action.option_strings
            if name.startswith("--")
        ]

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"`{self.prog} --help` shows how it is used.")


def _given(found: argparse.Namespace, group: tuple[str, ...]) -> list[str]:
    return [name for name in group if getattr(found, name) is not None]


def _from_env(action: argparse.Action, variable: str, text: str) -> object:
    if action.nargs == 0:
        if text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return None
        raise ConfigError(f"{variable} is {text!r}, which is neither yes nor no.", "Set it to 1 or 0.")
    if not text:
        return None
    if not callable(action.type):
        return text
    try:
        return action.type(text)
    except (ValueError, argparse.ArgumentTypeError) as error:
        raise ConfigError(f"{variable} is {text!r}: {error}.", "Mend or unset the variable.") from None


def positive(text: str) -> float:
    """A finite number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above zero")
    return value


def count(text: str) -> int:
    """A whole number above zero."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


def assignment(text: str) -> tuple[str, str]:
    """`section.key=value`."""
    key, equals, value = text.partition("=")
    if not equals or "." not in key:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form section.key=value")
    return key.strip(), value
