"""`nexus --headless`: drives one run in this process. stdout is the result, stderr the progress."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import sys
from collections.abc import Callable

from app.arguments import HeadlessArgs
from app.engine import start_engine
from app.event_sink import event_sink
from app.exit import as_nexus_error, report_failure, warn
from app.output import put, put_json, say
from app.run_rows import resumed, started
from app.signals import Signals
from app.wiring import opener
from config.paths import Paths, user_paths
from core import events as ev
from core.delivery import recover
from core.events import Event
from core.run.control import RunControl
from core.run.run_context import RunContext
from core.run.run_session import RunSession
from core.run.runs import RunRow, claim, find_run, sweep
from core.storage.event_log import EventLog
from core.storage.store import Store
from core.text.counting import counted
from core.text.display import duration, usd


def run(args: HeadlessArgs) -> int:
    """Start or resume a run and see it through. Raises NexusError before there is a run to report on."""
    signals = Signals(functools.partial(report_failure, json_mode=args.json))
    paths = user_paths()
    with Store(paths.database) as store:
        sweep(store, paths)
        for delivery in recover(store):
            warn(f"A delivery that was cut off has been settled: {delivery.state.replace('_', ' ').lower()}.")
        again = args.resume or ("last" if args.last else "")
        run_id = find_run(store, again).id if again else started(store, args, warn).id
        lock = claim(paths, run_id)
        try:
            row, changes = resumed(store, run_id, args) if again else (find_run(store, run_id), "")
            if not args.detach:
                return asyncio.run(_drive(store, paths, row, changes, args.json, signals))
        finally:
            lock.release()
        return _detach(row, paths, args.json)


async def _drive(store: Store, paths: Paths, row: RunRow, changes: str, json_lines: bool, signals: Signals) -> int:
    log = EventLog(store, row.id)
    log.listen(_guarded(event_sink(sys.stdout if json_lines else sys.stderr, os.environ, json_lines)))
    log.listen(signals.watch)
    control = RunControl(store, row.id, log)
    signals.steer(control)
    if not json_lines:
        say(f"run {row.id}")
    session = RunSession(store, paths, row, log, opener(store, paths), _backend, as_nexus_error, changes)
    finished = await session.drive(control)
    if session.unrecorded:
        warn(f"The end of this run could not be recorded. {session.unrecorded}")
    if not json_lines:
        with contextlib.suppress(OSError):  # the reader left; the exit code and `nexus show` still tell
            _print_result(row, finished)
    return finished.exit_code


def _backend(run: RunContext) -> str:
    return run.executor.backend_name


def _detach(row: RunRow, paths: Paths, json_lines: bool) -> int:
    """Hand the run to a process of its own, which outlives this terminal, and print its id."""
    start_engine(paths, row.id)
    if json_lines:
        put_json({"kind": "run.detached", "run": row.id})
    else:
        put(row.id)
    say(f"The run goes on in the background; watch it with `nexus attach {row.id}`.")
    return 0


def _guarded(sink: Callable[[Event], None]) -> Callable[[Event], None]:
    """A reader that goes away (`| head`, a closed terminal) must not take the run with it."""
    broken = False

    def show(event: Event) -> None:
        nonlocal broken
        if broken:
            return
        try:
            sink(event)
        except (OSError, ValueError):
            broken = True

    return show


def _print_result(row: RunRow, finished: ev.RunFinished) -> None:
    put(f"{finished.verdict.replace('_', ' ')}: {finished.reason}")
    if finished.remedy:
        put(f"  {finished.remedy}")
    for path in finished.files:
        put(f"  {path}")
    place, _, name = finished.delivered_to.partition(" ")
    if place in ("commit", "branch"):
        put(f"look at it with: git -C {row.project} show {name}")
    elif place == "patch":
        put(f"apply it with: patch -p1 -d {row.project} < {name}")
    estimated = " (partly estimated)" if finished.cost_estimated else ""
    put(
        f"cost {usd(finished.cost_micros)}{estimated}, {counted(finished.model_calls, 'model call')}, "
        f"{finished.prompt_tokens} + {finished.completion_tokens} tokens, "
        f"{counted(finished.retries, 'retry', 'retries')}, {duration(finished.duration_ms)}"
    )
    if finished.report:
        put(f"report {finished.report}")
    if place in ("tree", "commit"):
        put(f"undo with: nexus undo {row.id}")
