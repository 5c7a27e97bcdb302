"""Runs a set of checks and prints what they found; the exit code says whether the machine can do the work."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import chain, repeat
from pathlib import Path

from app.doctor.examination import in_order
from app.doctor.model import Check, Result, this_machine
from app.event_sink import colour_wanted
from app.output import put, put_json, put_text
from config.errors import ConfigError, SandboxUnavailable
from config.version import VERSION

_COLOURS = {"ok": "\x1b[32m", "warn": "\x1b[33m", "fail": "\x1b[31m"}
_PLAIN = "\x1b[0m"


def examine(checks: Sequence[Check], project: Path, env: Mapping[str, str], as_json: bool) -> int:
    """Run, print, and return 0, 3, or 5 when only the sandbox fails."""
    results = in_order(checks, this_machine(project, env))
    code = exit_code(results)
    if as_json:
        put_json({"ok": code == 0, "exit_code": code, "version": VERSION, "checks": [asdict(one) for one in results]})
        return code
    put_results(results, env)
    put(_tally(results))
    return code


def put_results(results: Sequence[Result], env: Mapping[str, str]) -> None:
    """One line for each, and one for its remedy."""
    colour = colour_wanted(sys.stdout, env)
    width = max(len(one.id) for one in results)
    # A terminal would break lines in the middle of words; what is read by programs stays one line.
    room = shutil.get_terminal_size().columns - width - 6 if sys.stdout.isatty() else 0
    for one in results:
        mark = f"{_COLOURS[one.status]}{one.status:4}{_PLAIN}" if colour else f"{one.status:4}"
        put_text(f"{mark}  ")
        first, *more = _wrapped(one.summary, room)
        put(f"{one.id:{width}}  {first}")
        for line in more:
            put(f"{'':{width + 6}}  {line}")
        if one.remedy:
            for mark, line in zip(chain("→", repeat(" ")), _wrapped(one.remedy, room - 2), strict=False):
                put(f"{'':{width + 6}}  {mark} {line}")


def _wrapped(text: str, room: int) -> list[str]:
    return (textwrap.wrap(text, max(room - 2, 30), break_on_hyphens=False) if room > 0 else []) or [text]


def exit_code(results: Sequence[Result]) -> int:
    failed = [one.id for one in results if one.status == "fail"]
    if not failed:
        return 0
    only_sandbox = all(name.startswith(("sandbox", "language.")) for name in failed)
    return SandboxUnavailable.exit_code if only_sandbox else ConfigError.exit_code


def _tally(results: Sequence[Result]) -> str:
    count = {status: sum(one.status == status for one in results) for status in ("ok", "warn", "fail")}
    return f"{count['ok']} ok, {count['warn']} to look at, {count['fail']} failed"
