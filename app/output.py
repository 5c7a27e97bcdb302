"""The two streams: results on stdout, everything a person reads meanwhile on stderr. No other place writes to them."""

from __future__ import annotations

import json
import os
import sys

from core.text.display import printable


def claim_standard_streams() -> None:
    """Keep the numbers 0 to 2 for the standard streams: the next file opened, such as the database, would get one."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number


def flush_streams() -> None:
    """Write out what is buffered, at the end of a process.

    Python flushes once more when it exits, and would change the exit code over it: a stream without a reader is
    pointed to where it can be written.
    """
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)


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
