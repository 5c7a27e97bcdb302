"""How events reach a stream: as JSON lines, or as lines a person reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TextIO

from core.events import Event


def event_sink(stream: TextIO | None, env: Mapping[str, str], json_lines: bool) -> Callable[[Event], None]:
    """A function that writes one event to `stream`; None, a stream that was closed from the start, swallows it."""
    if stream is None:
        return lambda _: None
    if json_lines:
        from app.output import put_json

        return lambda event: put_json(event.to_dict())
    from app.printer import Printer

    return Printer(stream, colour_wanted(stream, env)).event


def colour_wanted(stream: TextIO, env: Mapping[str, str]) -> bool:
    """Colour only on a terminal that has it, and not for people who set NO_COLOR."""
    return stream.isatty() and not env.get("NO_COLOR") and env.get("TERM", "dumb") != "dumb"
