"""Where the text of a request comes from, and what is refused: nothing, too much, or not text."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from app.output import say
from config.errors import UsageError
from core.text.redaction import strip_escapes

MAX_BYTES = 256 * 1024


def checked_task(text: str, name: str) -> str:
    """The request without surrounding blank space. Raises UsageError naming where it came from."""
    return _checked(os.fsencode(text), name)


def task_from_file(path: str) -> str:
    """The request in a file. Raises UsageError."""
    try:
        with Path(path).expanduser().open("rb") as file:
            return _read(file, f"The task file {path}")
    except OSError as error:
        raise UsageError(
            f"The task file {path} cannot be read ({error.strerror or error}).", "Check its name and permissions."
        ) from None


def task_from_stdin() -> str:
    """The request on standard input, read to its end. Raises UsageError."""
    if sys.stdin is None:
        raise UsageError("The task was to come from standard input, which is closed.", "Use -f FILE instead.")
    if sys.stdin.isatty():
        say("Type the task; end with Ctrl-D on a line of its own.")
    return _read(sys.stdin.buffer, "The task on standard input")


def _read(file: BinaryIO, name: str) -> str:
    return _checked(file.read(MAX_BYTES + 1), name)


def _checked(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"{name} is larger than {MAX_BYTES // 1024} KiB.", "Put the details in a file of the project and name it."
        )
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{name} is not text.", "Write it as UTF-8.")
    # It will be printed, committed and reported: what moves a terminal's cursor is no part of a request.
    text = strip_escapes(text).strip()
    if not text:
        raise UsageError(f"{name} is empty.", "Say what to build.")
    return text
