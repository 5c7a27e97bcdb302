"""How a process ends: the sentence on stderr, the last JSON line, the saved traceback, the exit code."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

from app.output import put_json, say
from config.errors import Interrupted, NexusError
from config.system_errors import explain_os_error
from core.text.display import one_line, printable

BROKEN_PIPE = 141
"""128 + SIGPIPE, what a shell reports for a program whose reader left."""


def report_failure(error: BaseException, json_mode: bool, run: str = "") -> int:
    """Say on stderr what went wrong and return the exit code.

    With `json_mode` the last line of stdout becomes a `run.finished` object, as on every other path; `run` is the id
    of the run if it had one. An unexpected error becomes one sentence and a file with the traceback.
    """
    known = as_nexus_error(error)
    say(f"nexus: {one_line(known.message)}")
    if known.remedy:
        say(f"  {known.remedy}")
    if json_mode:
        _print_finished(known, run)
    return known.exit_code


def warn(text: str) -> None:
    """One line on stderr that stops nothing."""
    say(f"nexus: {text}")


def as_nexus_error(error: BaseException) -> NexusError:
    """One sentence and a remedy for any error; the traceback of an unexpected one is saved."""
    if isinstance(error, NexusError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Interrupted("Interrupted.")
    if isinstance(error, OSError) and (known := explain_os_error(error)) is not None:
        return known
    saved = _save_traceback(error)
    where = f"The details are in {saved}." if saved else "The details could not be saved."
    return NexusError(f"An unexpected {type(error).__name__} stopped the command.", f"{where} Please report it.")


def _save_traceback(error: BaseException) -> Path | None:
    """Write the traceback where only the user can read it. None when even that fails."""
    from config.paths import make_private_dir, user_paths

    try:
        folder = make_private_dir(user_paths().data / "crash")
        path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(printable("".join(traceback.format_exception(error))))
    except OSError:
        return None
    return path


def _print_finished(error: NexusError, run: str) -> None:
    from core.events import Event, RunFinished
    from core.ids import RunId
    from core.run.outcome import verdict_of

    body = RunFinished(verdict_of(error), error.message, error.exit_code, remedy=error.remedy)
    try:
        put_json(Event(RunId(run), 0, time.time(), body).to_dict())
    except (OSError, ValueError):
        pass  # nobody reads, and the exit code still tells
