"""`nexus --headless`: drives one run in this process. stdout is the result, stderr the progress."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.arguments import HeadlessArgs
from app.event_sink import event_sink
from app.exit import warn
from app.output import put, say
from app.run_settings import settings_for
from app.text import duration, usd
from app.wiring import opener
from config.errors import UsageError
from config.paths import Paths, user_paths
from core import events as ev
from core.control import RunControl
from core.delivery import recover
from core.event_log import EventLog
from core.events import Event
from core.ids import new_run_id
from core.run_context import RunContext
from core.run_session import RunSession
from core.runs import RunRow, create_run, find_run, sweep
from core.store import Store

_SECOND_INTERRUPT_S = 2.0


def run(args: HeadlessArgs) -> int:
    """Start or resume a run and see it through. Raises NexusError before there is a run to report on."""
    paths = user_paths()
    with Store(paths.database) as store:
        sweep(store, paths)
        for delivery in recover(store):
            warn(f"A delivery that was cut off has been settled: {delivery.state.replace('_', ' ').lower()}.")
        row = _resumed(store, args) if args.resume or args.last else _started(store, paths, args)
        if args.detach:
            return _detach(row, paths)
        return asyncio.run(_drive(store, paths, row, args))


async def _drive(store: Store, paths: Paths, row: RunRow, args: HeadlessArgs) -> int:
    log = EventLog(store, row.id)
    log.listen(_guarded(event_sink(sys.stdout if args.json else sys.stderr, os.environ, args.json)))
    control = RunControl(store, row.id, log)
    _listen_to_signals(control)
    if not args.json:
        say(f"run {row.id}")
    session = RunSession(store, paths, row, log, opener(store, paths), _backend)
    finished = await session.drive(control)
    if not args.json:
        _print_result(row, finished)
    return finished.exit_code


def _backend(run: RunContext) -> str:
    return run.executor.backend_name


def _started(store: Store, paths: Paths, args: HeadlessArgs) -> RunRow:
    run_id = new_run_id(datetime.now(UTC))
    options: dict[str, Any] = {"delivery": "apply" if args.yes else "ask" if args.ask else "branch"}
    task, project = args.task, Path(args.cwd).expanduser().absolute()
    if args.demo:
        from evals.demo.layout import cassette, lay_out, request

        project = lay_out(Path(tempfile.mkdtemp(prefix="nexus-demo-")))
        task, options = request(), {"delivery": "apply", "cassette": str(cassette()), "profile": "recorded answers"}
    if not project.is_dir():
        raise UsageError(f"{project} is not a folder.", "Name the project's folder with -C.")
    if args.record:
        options["record"] = str(Path(args.record).absolute())
    loaded = settings_for(args, project, os.environ)
    for text in loaded.warnings:
        warn(text)
    options.setdefault("profile", _profile_name(loaded.settings.models.profile, loaded.settings.models.model))
    return create_run(store, run_id, project, task, loaded.settings, options)


def _profile_name(profile: str, model: str) -> str:
    return f"{profile} ({model})" if model else profile


def _resumed(store: Store, args: HeadlessArgs) -> RunRow:
    row = find_run(store, args.resume or "last")
    if row.status == "finished" and row.exit_code == 0:
        raise UsageError(
            f"Run {row.id} is finished and verified; there is nothing to resume.",
            f"`nexus show {row.id}` shows it; a new request starts a new run.",
        )
    return row


def _detach(row: RunRow, paths: Paths) -> int:
    """Hand the run to a process of its own, which outlives this terminal, and print its id."""
    folder = paths.run_dir(row.id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "engine.log").open("ab") as output:
        # -P: a project with an `app` or `config` folder of its own must not be taken for us.
        subprocess.Popen(
            [sys.executable, "-P", "-m", "app", "--headless", "--resume", row.id],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={key: value for key, value in os.environ.items() if not key.startswith("NEXUS_DETACH")},
        )
    put(row.id)
    say(f"The run goes on in the background; watch it with `nexus attach {row.id}`.")
    return 0


def _listen_to_signals(control: RunControl) -> None:
    """First ^C (or SIGTERM) stops the work and keeps what there is; a second within two seconds ends at once."""
    loop = asyncio.get_running_loop()
    first: list[float] = []

    def stop(name: str) -> None:
        if first and time.monotonic() - first[0] < _SECOND_INTERRUPT_S:
            os._exit(130)
        first[:] = [time.monotonic()]
        control.cancel(f"The run was interrupted ({name}).")

    loop.add_signal_handler(signal.SIGINT, stop, "^C")
    loop.add_signal_handler(signal.SIGTERM, stop, "SIGTERM")
    # A closed terminal is no reason to stop: the work goes on, and `nexus attach` finds it.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


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
    if finished.delivered_to.startswith(("commit", "branch")):
        put(f"look at it with: git -C {row.project} show {finished.delivered_to.partition(' ')[2]}")
    estimated = " (partly estimated)" if finished.cost_estimated else ""
    put(
        f"cost {usd(finished.cost_micros)}{estimated}, {finished.model_calls} model calls, "
        f"{finished.prompt_tokens} + {finished.completion_tokens} tokens, {finished.retries} retries, "
        f"{duration(finished.duration_ms)}"
    )
    if finished.report:
        put(f"report {finished.report}")
    if finished.delivered_to and not finished.delivered_to.startswith("branch"):
        put(f"undo with: nexus undo {row.id}")
