"""`nexus attach RUN`: follow a run from another terminal, or steer it."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping

from app.event_sink import event_sink
from app.open_store import runs_store
from app.output import say
from app.parser import Parser
from config.errors import Interrupted, NexusError, UsageError
from config.paths import Paths, user_paths
from core.events import Event, RunFinished
from core.run.commands import CommandKind, send
from core.run.runs import LIVE, RunRow, find_run, sweep
from core.state import fold
from core.storage.event_log import read_events
from core.storage.store import Store

_POLL_S = 0.1
_SWEEP_EVERY_S = 2.0
_START_DEADLINE_S = 20.0
_KINDS: tuple[CommandKind, ...] = ("pause", "resume", "cancel")

_EXAMPLES = """\
  nexus attach last
  nexus attach last --pause
  nexus attach last --reject "keep the old flag as an alias"
  nexus attach 261122-2104 --approve"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    args = _parser().read(argv, env)
    with runs_store(env) as store:
        row = find_run(store, args.run)
        if _steer(store, row, args):
            return 0
        show = event_sink(sys.stdout, env, json_lines=bool(args.json))
        try:
            for event in _follow(store, user_paths(env), row.id):
                show(event)
        except KeyboardInterrupt:
            raise Interrupted(
                "You left; the run goes on.", f"nexus attach {row.id} follows it again, --cancel ends it."
            ) from None
        return _exit_code(find_run(store, row.id))


def _parser() -> Parser:
    parser = Parser(
        "nexus attach",
        "Follow a run until it ends; the exit code is that of the run. Leaving (Ctrl-C) does not stop it.\n"
        "With one of the options below, steer the run instead and return at once.",
        _EXAMPLES,
    )
    parser.add_argument("run", metavar="RUN", help="run id, the unique start of one, or `last`")
    parser.flag("--json", action="store_true", help="print one event per line as JSON")
    steer = parser.add_mutually_exclusive_group()
    steer.add_argument("--pause", action="store_true", help="pause before the next paid or slow step")
    steer.add_argument("--resume", action="store_true", help="go on after a pause")
    steer.add_argument("--cancel", action="store_true", help="stop the work and keep its results")
    steer.add_argument("--approve", action="store_true", help="say yes to what the run is asking")
    steer.add_argument("--reject", metavar="TEXT", help="say no, with the reason for the model")
    parser.add_argument(
        "--file", metavar="PATH", action="append", default=[], help="with --approve: this file only; may be repeated"
    )
    return parser


def _steer(store: Store, row: RunRow, args: Namespace) -> bool:
    """Send what the flags ask for. False when none was given. Raises UsageError when the run cannot be steered."""
    if args.file and not args.approve:
        raise UsageError("--file names what is approved, so it needs --approve.", "nexus attach --help")
    decided = args.approve or args.reject is not None
    kind = next((name for name in _KINDS if getattr(args, name)), None)
    if not decided and kind is None:
        return False
    if row.status in ("finished", "interrupted"):
        remedy = f"nexus --headless --resume {row.id}" if row.status == "interrupted" else f"nexus show {row.id}"
        raise UsageError(f"The run {row.id} is {row.status}; nothing drives it now.", remedy)
    if kind is not None:
        send(store, row.id, kind)
        say(f"Asked {row.id} to {kind}.")
        return True
    waiting = fold(read_events(store, row.id)).approval
    if waiting is None:
        raise UsageError(f"The run {row.id} is not asking for a decision.", f"nexus attach {row.id} follows it.")
    if unknown := sorted(set(args.file) - set(waiting.files)):
        raise UsageError(
            f"The run {row.id} has no change of {', '.join(unknown)}.", f"It changed: {', '.join(waiting.files)}."
        )
    answer = {"approval": waiting.approval, "approved": bool(args.approve), "comment": args.reject or ""}
    send(store, row.id, "decide", answer | ({"files": args.file} if args.file else {}))
    say(f"{'Approved' if args.approve else 'Rejected'}: {waiting.question}")
    return True


def _follow(store: Store, paths: Paths, run_id: str) -> Iterator[Event]:
    """Events from the first on, until the run has ended or nobody drives it."""
    seen = 0
    ended = False
    swept = time.monotonic()
    give_up = time.monotonic() + _START_DEADLINE_S
    while True:
        status = find_run(store, run_id).status
        fresh = read_events(store, run_id, seen)
        if fresh and fresh[0].seq > seen + 1 and status in LIVE:
            fresh = []  # an event was refused by a busy database; the run hands it in again
        for event in fresh:
            seen, ended = event.seq, isinstance(event.body, RunFinished)
            yield event
        if status in ("finished", "interrupted") and (ended or not fresh):
            return
        if time.monotonic() > give_up and not fresh:
            if status == "finished":
                return  # its last event was never written
            if status == "queued":
                raise NexusError(f"The run {run_id} has not started.", f"nexus --headless --resume {run_id} starts it.")
        if time.monotonic() - swept > _SWEEP_EVERY_S:
            sweep(store, paths)
            swept = time.monotonic()
        if not fresh:
            time.sleep(_POLL_S)


def _exit_code(row: RunRow) -> int:
    if row.exit_code is None:
        raise Interrupted(f"The run {row.id} was interrupted.", f"nexus --headless --resume {row.id} continues it.")
    return row.exit_code
