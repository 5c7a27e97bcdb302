"""`nexus [PATH]`: until the full-screen terminal exists, says what to use instead."""

from __future__ import annotations

import difflib
from pathlib import Path

from app.cli import NO_TERMINAL
from config.errors import UsageError


def open_terminal(argv: list[str], commands: list[str]) -> int:
    """Raises UsageError: for a mistyped command with the one that was meant, else that there is no terminal yet."""
    first = argv[0] if argv else ""
    if first.startswith("-"):
        raise UsageError(f"There is no option {first}.", "`nexus --help` lists what there is.")
    if first and not Path(first).is_dir():
        near = difflib.get_close_matches(first, commands, n=1)
        raise UsageError(
            f"{first!r} is neither a command nor a folder.",
            f"Did you mean `nexus {near[0]}`?" if near else "`nexus --help` lists the commands.",
        )
    raise UsageError(NO_TERMINAL)
