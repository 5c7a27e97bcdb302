"""How a process ends: the sentence on stderr, the last JSON line, the saved traceback, the exit code."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

from app.output import put_json, say
from config.errors import BudgetExceeded, DeliveryConflict, GuardrailStop, Interrupted, NexusError, NotVerified

OK = 0
BROKEN_PIPE = 141
"""128 + SIGPIPE, what a shell reports for a program whose reader left."""

_VERDICTS: tuple[tuple[type[NexusError], str], ...] = (
    (Interrupted, "cancelled"),
    (DeliveryConflict, "conflict"),
    (NotVerified, "not_verified"),
    (BudgetExceeded, "stopped"),
    (GuardrailStop, "stopped"),
)


def report_failure(error: BaseException, json_mode: bool, run: str = "") -> int:
    """Say on stderr what went wrong and return the exit code.

    With `json_mode` the last line of stdout becomes a `run.finished` object, as on every other path; `run` is the id
    of the run if it had one. An unexpected error becomes one sentence and a file with the traceback.
    """
    known = _as_nexus_error(error)
    say(f"nexus: {known.message}")
    if known.remedy:
        say(f"  {known.remedy}")
    if json_mode:
        _print_finished(known, run)
    return known.exit_code


def warn(text: str) -> None:
    """One line on stderr that stops nothing."""
    say(f"nexus: {text}")


def reader_left() -> int:
    """End quietly after the reader of stdout went away (`nexus runs | head -1`)."""
    # The interpreter flushes stdout once more at exit; give it somewhere to write to.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return BROKEN_PIPE


def _as_nexus_error(error: BaseException) -> NexusError:
    if isinstance(error, NexusError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Interrupted("Interrupted.")
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
            file.writelines(traceback.format_exception(error))
    except OSError:
        return None
    return path


def _print_finished(error: NexusError, run: str) -> None:
    from core.events import Event, RunFinished
    from core.ids import RunId

    verdict = next((name for kind, name in _VERDICTS if isinstance(error, kind)), "failed")
    body = RunFinished(verdict, error.message, error.exit_code, remedy=error.remedy)
    try:
        put_json(Event(RunId(run), 0, time.time(), body).to_dict())
    except BrokenPipeError:
        reader_left()
    except (OSError, ValueError):
        pass  # stdout is closed: nobody reads, and the exit code still tells
