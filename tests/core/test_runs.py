"""The table of runs, its commands, and the sweep of dead ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.errors import UsageError
from config.paths import user_paths
from config.settings import Settings
from core.events import RunFinished
from core.ids import RunId
from core.run.commands import send, take
from core.run.runs import (
    begin_run,
    claim,
    create_run,
    find_run,
    finish_run,
    list_runs,
    rate_run,
    rating_of,
    run_lock,
    set_status,
    sweep,
)
from core.storage.store import Store

ONE, TWO = RunId("261122-2104-00000a"), RunId("261122-2105-00000b")


@pytest.fixture
def two_runs(store: Store, tmp_path: Path) -> Store:
    create_run(store, ONE, tmp_path, "first", Settings(), {"yes": True})
    create_run(store, TWO, tmp_path, "second", Settings(), {})
    return store


def test_runs_are_found_by_id_by_start_and_as_last(two_runs: Store) -> None:
    assert find_run(two_runs, ONE).options == {"yes": True}
    assert find_run(two_runs, "261122-2105").id == TWO
    assert find_run(two_runs, "last").id == TWO
    assert [row.id for row in list_runs(two_runs)] == [TWO, ONE]


def test_an_ambiguous_or_unknown_run_is_one_clear_sentence(two_runs: Store) -> None:
    with pytest.raises(UsageError, match="several runs"):
        find_run(two_runs, "2611")
    for ref in ("nope", "", "%", "_"):
        with pytest.raises(UsageError, match="no run"):
            find_run(two_runs, ref)


def test_a_command_is_taken_once_and_in_order(two_runs: Store) -> None:
    send(two_runs, ONE, "pause")
    send(two_runs, ONE, "decide", {"approved": True})
    send(two_runs, TWO, "cancel")
    assert [command.kind for command in take(two_runs, ONE)] == ["pause", "decide"]
    assert take(two_runs, ONE) == []
    assert [command.kind for command in take(two_runs, TWO)] == ["cancel"]


def test_a_second_rating_replaces_the_first(two_runs: Store) -> None:
    assert rating_of(two_runs, ONE) is None
    rate_run(two_runs, ONE, 2, "meh")
    rate_run(two_runs, ONE, 5, "great")
    assert rating_of(two_runs, ONE) == (5, "great")


def test_the_sweep_finds_the_run_whose_process_was_killed_and_only_that(two_runs: Store, tmp_path: Path) -> None:
    paths = user_paths()
    program = (
        "import sys, time; from config.paths import user_paths; from core.run.runs import run_lock\n"
        "lock = run_lock(user_paths(), sys.argv[1]); assert lock.acquire(0)\n"
        "print('held', flush=True); time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, ONE], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    set_status(two_runs, ONE, "running")
    with run_lock(paths, TWO) as _:
        set_status(two_runs, TWO, "running")
        assert sweep(two_runs, paths) == []
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert sweep(two_runs, paths) == [ONE]
    assert find_run(two_runs, ONE).status == "interrupted"
    assert find_run(two_runs, TWO).status == "running"


@pytest.mark.parametrize(
    ("verdict", "code", "status"),
    [
        ("verified", 0, "finished"),
        ("not_verified", 1, "finished"),
        ("stopped", 7, "finished"),
        ("conflict", 8, "finished"),
        ("failed", 4, "interrupted"),
        ("failed", 5, "interrupted"),
        ("stopped", 6, "interrupted"),
        ("cancelled", 130, "interrupted"),
    ],
)
def test_a_run_is_finished_when_something_was_decided_about_its_code(
    two_runs: Store, verdict: str, code: int, status: str
) -> None:
    begin_run(two_runs, ONE)
    finish_run(two_runs, ONE, RunFinished(verdict, "why", code))
    row = find_run(two_runs, ONE)
    assert (row.status, row.verdict, row.exit_code, row.pid) == (status, verdict, code, None)
    begin_run(two_runs, ONE)
    row = find_run(two_runs, ONE)
    assert (row.status, row.verdict, row.exit_code, row.summary) == ("running", "", None, {})


def test_a_run_is_claimed_by_one_process_only(two_runs: Store) -> None:
    lock = claim(user_paths(), ONE)
    with pytest.raises(UsageError, match="another process"):
        claim(user_paths(), ONE)
    lock.release()
    claim(user_paths(), ONE).release()
