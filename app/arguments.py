"""The flags of a headless run, and their typed form."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.parser import Parser, assignment, positive
from config.errors import UsageError


@dataclass(frozen=True, slots=True)
class HeadlessArgs:
    """What `nexus --headless` was asked to do. At most one of task, resume, last and demo is set."""

    task: str = ""
    """The request, read and checked."""
    resume: str = ""
    """A run id, the unique start of one, or empty."""
    last: bool = False
    """Resume the newest run."""
    demo: bool = False
    json: bool = False
    yes: bool = False
    """Apply verified work without asking."""
    ask: bool = False
    """Wait for an answer through `nexus attach` before applying."""
    branch: bool = False
    """Leave verified work on a branch; what happens when none of the three is set."""
    detach: bool = False
    record: str = ""
    """Cassette file that the model's answers are recorded to."""
    cwd: str = "."
    time_limit_s: float | None = None
    budget_usd: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """Overrides for `config.loader.load_settings`: those of `-c`, and those the flags stand for."""


_SOURCES = ("task", "file", "resume", "last", "demo")
_DELIVERIES = ("yes", "ask", "branch")

_EXAMPLES = """\
  nexus --headless "add a --verbose flag to the CLI" -C ~/src/tool --yes
  nexus --headless -f task.md --json --budget 0.25 > events.jsonl
  git log -1 --format=%B | nexus --headless -
  nexus --headless --resume last
  nexus --headless --demo

exit codes:
  0 verified and delivered   1 not verified     2 usage               3 configuration
  4 provider                 5 no sandbox       6 budget              7 stopped by a guardrail
  8 delivery conflict        130 interrupted
"""


def headless_parser() -> Parser:
    parser = Parser(
        "nexus --headless",
        "Turn a request into verified code without a terminal.\n\n"
        "stdout carries the result (with --json: one event per line, the last is run.finished); progress goes to\n"
        "stderr. Standard input is read only when TASK is `-`.",
        _EXAMPLES,
    )
    parser.add_argument("task", metavar="TASK", nargs="?", help="the request, or - to read it from standard input")
    parser.flag("--headless", action="store_true", twin=False, help=argparse.SUPPRESS)
    parser.flag("-f", "--file", metavar="FILE", help="read the request from a file")
    parser.flag("--resume", metavar="RUN", help="continue a run that was interrupted or stopped")
    parser.flag("--last", action="store_true", help="continue the newest run")
    parser.flag("--demo", action="store_true", help="build a sample project with recorded model answers, no network")
    parser.flag("-C", "--cwd", metavar="DIR", help="work in this folder (default: here)")
    parser.flag("--json", action="store_true", help="write events as JSON lines to stdout")
    parser.flag("-y", "--yes", action="store_true", help="apply verified work without asking")
    parser.flag("--ask", action="store_true", help="wait for `nexus attach RUN --approve` before applying")
    parser.flag("--branch", action="store_true", help="leave verified work on the branch nexus/RUN (the default)")
    parser.flag("--budget", metavar="USD", type=positive, help="most this run may spend")
    parser.flag("--time-limit", metavar="SECONDS", type=positive, help="longest this run may work")
    parser.flag("-m", "--model", metavar="MODEL", help="one model for every phase, such as openai/gpt-5-mini")
    parser.flag("--profile", metavar="NAME", help="model profile (default: chosen by the keys present)")
    parser.flag(
        "-c",
        "--set",
        metavar="KEY=VALUE",
        dest="settings",
        type=assignment,
        action="append",
        twin=False,
        help="override a setting, such as sandbox.timeout_s=300; may be repeated [NEXUS_SECTION__KEY]",
    )
    parser.flag("--detach", action="store_true", help="start the run in the background and print its id")
    parser.flag("--record", metavar="FILE", help="record the model's answers to a cassette that can be replayed")
    return parser


def read_headless(argv: list[str], env: Mapping[str, str]) -> HeadlessArgs:
    """Typed arguments from the command line and the environment. Raises UsageError or ConfigError."""
    from app.task_text import checked_task, task_from_file, task_from_stdin

    found = headless_parser().read(argv, env, exclusive=(_SOURCES, _DELIVERIES))
    if all(getattr(found, name) is None for name in _SOURCES):
        raise UsageError("There is no task.", 'Say what to build: nexus --headless "add a --verbose flag"')
    ways = [name for name in ("yes", "branch", "ask") if getattr(found, name)]
    if len(ways) > 1:
        raise UsageError(f"Give one of --yes, --branch and --ask, not {' and '.join(ways)} together.")
    # A run that goes on keeps its settings, but for what is said on the command line now.
    changing = headless_parser().read(argv, {}) if found.resume or found.last else found
    task = ""
    if found.file is not None:
        task = task_from_stdin() if found.file == "-" else task_from_file(found.file)
    elif found.task is not None:
        task = task_from_stdin() if found.task == "-" else checked_task(found.task, "The task")
    return HeadlessArgs(
        task=task,
        resume=found.resume or "",
        last=bool(found.last),
        demo=bool(found.demo),
        json=bool(found.json),
        yes=bool(changing.yes),
        ask=bool(changing.ask),
        branch=bool(changing.branch),
        detach=bool(found.detach),
        record=found.record or "",
        cwd=found.cwd or ".",
        time_limit_s=changing.time_limit,
        budget_usd=changing.budget,
        settings=_overrides(changing),
    )


def _overrides(found: argparse.Namespace) -> dict[str, str]:
    """Settings that flags stand for; `-c` is the more specific one and wins."""
    flags = {
        "budgets.run_usd": found.budget,
        "limits.wall_clock_s": found.time_limit,
        "models.model": found.model,
        "models.profile": found.profile,
    }
    given = {key: str(value) for key, value in flags.items() if value is not None}
    return given | dict(found.settings or [])
