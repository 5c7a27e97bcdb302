"""The two streams: results on stdout, everything a person reads meanwhile on stderr. No other place writes to them."""

from __future__ import annotations

import json
import sys

from app.text import printable


def put(line: str = "") -> None:
    """One line of the result. Control characters in it are replaced."""
    if sys.stdout is not None:
        sys.stdout.write(printable(line) + "\n")


def put_text(text: str) -> None:
    """Text of our own, as it is."""
    if sys.stdout is not None:
        sys.stdout.write(text)


def put_json(value: object) -> None:
    """The whole result as one JSON value, or one line of a stream of them."""
    if sys.stdout is not None:
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()


def say(line: str) -> None:
    """One line for the person watching; never part of a result."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(printable(line) + "\n")
            sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody watches; the exit code and the log still tell
