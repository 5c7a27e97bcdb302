"""`kill -9` at random instants, with a provider that fails one request in three: nothing lost, nothing paid twice."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.support.nexus import environment, nexus, start
from tests.support.openai_script import FaultPlan, Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import LEARNER, REQUEST, make_project, tree_of

KILLS = 10
MOST_EVENTS = 14
"""A process is killed after a random number of new events, so that kills land in the work and not in imports."""


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What an undisturbed run delivers."""
    folder = tmp_path_factory.mktemp("undisturbed")
    project = make_project(folder / "shop")
    with OpenAIServer(Script.of(LEARNER)) as server:
        done = nexus(["--headless", REQUEST, "--json", "--yes"], project, environment(folder / "home", server.base_url))
    assert done.code == 0, done.err
    return tree_of(project)


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_run_delivers_the_same_and_pays_for_no_call_twice(
    tmp_path: Path, nexus_home: Path, expected: dict[str, bytes], seed: int
) -> None:
    rng = random.Random(seed)
    project = make_project(tmp_path / "shop")
    before = tree_of(project)
    faults = FaultPlan(share=0.3, kinds=("429:0", "500", "cut", "garbage", "html"), seed=seed)
    with OpenAIServer(Script.of(LEARNER), faults=faults) as server:
        env = environment(nexus_home, server.base_url)
        args = ["--headless", REQUEST, "--json", "--yes"]
        for _ in range(KILLS):
            asked = server.requests
            recorded = _recorded_steps(nexus_home)
            finished = _run_and_kill(args, project, env, rng)
            again = {entry.key.partition("/")[2] for entry in server.log[asked:]}
            assert not again & recorded, "a recorded answer was asked for again"
            _assert_no_half_written_file(tree_of(project), before, expected)
            if finished:
                break
            if _recorded_run(nexus_home):
                args = ["--headless", "--last", "--json"]
        for _ in range(8):  # a provider this bad may defeat one process; every resume goes further
            if tree_of(project) == expected:
                break
            nexus(args, project, env)
        assert tree_of(project) == expected
        assert server.answered_twice() == []
    ledger = _rows(nexus_home, "SELECT step, count(*) FROM ledger WHERE state = 'reserved' GROUP BY step")
    assert ledger == []


def _run_and_kill(args: list[str], project: Path, env: dict[str, str], rng: random.Random) -> bool:
    """True when the run ended before its time came."""
    process = start(args, project, env)
    assert process.stdout is not None
    last = ""
    for _ in range(rng.randrange(MOST_EVENTS)):
        line = process.stdout.readline()
        if not line:
            break
        last = line
    time.sleep(rng.random() * 0.03)
    os.kill(process.pid, signal.SIGKILL)
    rest = process.communicate()[0].splitlines()
    last = rest[-1] if rest else last
    try:
        event = json.loads(last or "{}")
    except json.JSONDecodeError:  # cut off by the kill
        return False
    return event.get("kind") == "run.finished" and event.get("exit_code") == 0


def _assert_no_half_written_file(now: dict[str, bytes], before: dict[str, bytes], after: dict[str, bytes]) -> None:
    for path, content in now.items():
        if ".nexus" in path:
            continue  # a temporary file of the delivery, which recovery removes
        assert content in (before.get(path), after.get(path)), f"{path} is neither old nor new"


def _recorded_steps(home: Path) -> set[str]:
    return {str(row[0]) for row in _rows(home, "SELECT step FROM journal WHERE result IS NOT NULL")}


def _recorded_run(home: Path) -> bool:
    return bool(_rows(home, "SELECT id FROM runs"))


def _rows(home: Path, sql: str) -> list[tuple[object, ...]]:
    path = home / "nexus.db"
    if not path.exists():
        return []
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchall()
    except sqlite3.OperationalError:  # killed before the tables were made
        return []
    finally:
        db.close()
