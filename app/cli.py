"""The `nexus` program: picks the command, and turns every way of ending into one sentence and an exit code.

Imported on every start, so it imports almost nothing; a command's module is loaded when that command is given.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from app.output import claim_standard_streams, flush_streams, put_text

COMMANDS: dict[str, str] = {
    "runs": "list runs, newest first",
    "show": "what a run did, found and cost",
    "attach": "follow a running run; pause, cancel, approve or reject it",
    "replay": "play a run's events again",
    "serve": "show the full-screen terminal in a browser",
    "undo": "take back what a run delivered",
    "rate": "say how good a run was",
    "doctor": "check that this machine can do the work",
    "config": "show and change settings",
    "sandbox": "build and inspect the sandbox",
    "completion": "print a shell completion script",
}

_HELP = """\
usage: nexus [PATH] [--run RUN] [--demo]   the full-screen terminal
       nexus --headless TASK [options]     build and verify what TASK asks for, without a terminal
       nexus COMMAND ...                   see below; `nexus COMMAND --help` explains one

Nexus turns a request into code that was executed in a sandbox and passed.

commands:
{commands}

options:
  -h, --help       this page; `nexus --headless --help` lists the options of a run
  -V, --version    print the version

examples:
  nexus --demo
  nexus doctor
  nexus --headless "add a --verbose flag" -C ~/src/tool --yes
  nexus show last
"""


def main() -> int:
    """Run the command line of this process and return its exit code."""
    argv = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        # A name that the locale cannot spell is printed escaped instead of ending the program.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    claim_standard_streams()
    try:
        code = _run(argv, os.environ)
    except SystemExit as stop:  # argparse, after --help
        code = stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:  # the reader left: `nexus runs | head -1`
        from app.exit import BROKEN_PIPE

        code = BROKEN_PIPE
    except BaseException as error:
        from app.exit import report_failure

        code = report_failure(error, json_mode=_wants_event_lines(argv, os.environ))
    flush_streams()
    return code


def _run(argv: list[str], env: Mapping[str, str]) -> int:
    first = argv[0] if argv else ""
    if first in COMMANDS:
        return _run_command(first, argv[1:], env)
    if _is_headless(argv, env):
        return _run_headless(argv, env)
    if first in ("-V", "--version"):
        from config.version import VERSION

        put_text(f"nexus {VERSION}\n")
        return 0
    if first in ("-h", "--help", "help"):
        width = max(map(len, COMMANDS)) + 2
        put_text(_HELP.format(commands="\n".join(f"  {name:{width}}{text}" for name, text in COMMANDS.items())))
        return 0
    return _open_terminal(argv, env)


def _run_command(name: str, argv: list[str], env: Mapping[str, str]) -> int:
    from importlib import import_module

    code: int = import_module(f"app.commands.{name}").run(argv, env)
    return code


def _run_headless(argv: list[str], env: Mapping[str, str]) -> int:
    from app.arguments import read_headless

    args = read_headless(argv, env)
    from app.headless import run

    return run(args)


def _open_terminal(argv: list[str], env: Mapping[str, str]) -> int:
    from app.terminal.launch import open_terminal

    return open_terminal(argv, env, list(COMMANDS))


def _is_headless(argv: list[str], env: Mapping[str, str]) -> bool:
    given = argv[: argv.index("--")] if "--" in argv else argv
    return "--headless" in given or (
        env.get("NEXUS_HEADLESS", "").lower() in ("1", "true", "yes", "on") and "--version" not in given
    )


def _wants_event_lines(argv: list[str], env: Mapping[str, str]) -> bool:
    """Whether stdout is promised to end with a `run.finished` object; also known when parsing failed."""
    asked = "--json" in argv or env.get("NEXUS_JSON", "").lower() in ("1", "true", "yes", "on")
    return asked and (not argv or argv[0] not in COMMANDS) and _is_headless(argv, env)
