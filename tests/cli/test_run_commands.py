"""`nexus runs, show, replay, rate, attach`: looking at runs and steering them, from other processes."""

from __future__ import annotations

import json
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.paths import user_paths
from config.settings import Settings
from core import events as ev
from core.delivery import deliver
from core.ids import RunId
from core.run.commands import take
from core.run.runs import create_run, finish_run, rating_of, run_lock, set_status
from core.storage.event_log import EventLog
from core.storage.store import Store
from core.workspace import Workspace
from tests.support.nexus import clean_env, in_terminal, run_nexus, start

REQUEST = "add a --verbose flag\x1b]0;owned\x07 to the CLI"


@pytest.fixture
def env(nexus_home: Path) -> dict[str, str]:
    return clean_env(nexus_home)


@pytest.fixture
def home_store(nexus_home: Path) -> Iterator[Store]:
    with Store(user_paths({"NEXUS_HOME": str(nexus_home)}).database) as opened:
        yield opened


def begin(store: Store, run_id: str, status: str = "running") -> EventLog:
    """A run as the engine leaves it after its first steps."""
    create_run(store, RunId(run_id), Path("/work/tool"), REQUEST, Settings(), {})
    if status != "queued":
        set_status(store, run_id, status)
    log = EventLog(store, RunId(run_id), clock=lambda: 1_800_000_000.0)
    log.emit(ev.RunStarted(REQUEST, "/work/tool", "openai", "bubblewrap", 500_000, "0.1.0"))
    log.emit(ev.PhaseStarted("implementer"))
    log.emit(ev.ModelCalled("implementer", "implementer.1/0", "openai/x", 9000))
    log.emit(ev.ModelAnswered("implementer", "implementer.1/0", "openai/x", 1200, 300, 0, 4200, True, 900, 1))
    return log


def end(store: Store, log: EventLog, run_id: str, verdict: str = "verified", code: int = 0) -> None:
    body = ev.RunFinished(verdict, "12 tests passed.", code, 4200, files=["cli.py"], delivered_to="tree")
    log.emit(ev.SandboxFinished("verify", 0, "passed", "ok", 12, 0, 80, backend="bubblewrap"))
    log.emit(body)
    finish_run(store, run_id, body)


def test_without_runs_every_command_says_so_and_creates_nothing(env: dict[str, str], nexus_home: Path) -> None:
    done = run_nexus("runs", env=env)
    assert (done.code, done.out) == (0, "")
    assert json.loads(run_nexus("runs", "--json", env=env).out) == []
    for command in ("show", "replay", "attach", "undo"):
        assert "There are no runs yet" in run_nexus(command, "last", env=env).err
    assert not nexus_home.exists()


def test_runs_are_listed_newest_first_and_limited(home_store: Store, env: dict[str, str]) -> None:
    for name in ("260101-0000-aaaaaa", "260102-0000-bbbbbb", "260103-0000-cccccc"):
        end(home_store, begin(home_store, name), name)
    lines = run_nexus("runs", "--limit", "2", env=env).out.splitlines()
    assert [line.split()[0] for line in lines] == ["RUN", "260103-0000-cccccc", "260102-0000-bbbbbb"]
    assert "verified" in lines[1]
    assert "$0.0042" in lines[1]
    rows = json.loads(run_nexus("runs", "--json", env=env).out)
    assert [row["id"][-1] for row in rows] == ["c", "b", "a"]
    assert rows[0]["request"] == REQUEST


def test_what_a_request_contains_never_reaches_the_terminal_raw(home_store: Store, env: dict[str, str]) -> None:
    end(home_store, begin(home_store, "r1"), "r1")
    colourful = {**env, "TERM": "xterm-256color"}
    for argv in (["runs"], ["show", "last"], ["replay", "last"]):
        code, text = in_terminal(*argv, env=colourful)
        assert code == 0
        assert "\x1b]0;" not in text
        assert "\x07" not in text
        assert "verbose" in text


def test_a_run_whose_process_died_is_listed_as_interrupted(home_store: Store, env: dict[str, str]) -> None:
    begin(home_store, "r1")
    assert json.loads(run_nexus("runs", "--json", env=env).out)[0]["status"] == "interrupted"
    assert "nexus --headless --resume r1" in run_nexus("show", "r1", env=env).out


def test_a_unique_start_of_an_id_is_enough_and_an_ambiguous_one_is_explained(
    home_store: Store, env: dict[str, str]
) -> None:
    for name in ("260101-aa", "260101-ab"):
        end(home_store, begin(home_store, name), name)
    assert run_nexus("show", "260101-aa", env=env).code == 0
    ambiguous = run_nexus("show", "260101", env=env)
    assert ambiguous.code == 2
    assert "260101-aa, 260101-ab" in ambiguous.err
    assert run_nexus("show", "%", env=env).code == 2


def test_show_tells_what_happened_and_what_it_cost(home_store: Store, env: dict[str, str]) -> None:
    end(home_store, begin(home_store, "r1"), "r1")
    run_nexus("rate", "r1", "4", "good", env=env)
    text = run_nexus("show", "last", env=env).out
    for part in ("verified", "12 passed, 0 failed", "$0.0042 of $0.50 (partly estimated)", "cli.py", "4 of 5: good"):
        assert part in text
    data = json.loads(run_nexus("show", "last", "--json", env=env).out)
    assert data["state"]["spent_micros"] == 4200
    assert data["rating"] == {"stars": 4, "note": "good"}
    assert data["run"]["exit_code"] == 0


def test_a_rating_is_stored_and_replaced(home_store: Store, env: dict[str, str]) -> None:
    end(home_store, begin(home_store, "r1"), "r1")
    assert run_nexus("rate", "last", "2", env=env).code == 0
    assert run_nexus("rate", "last", "5", "fine after all", env=env).code == 0
    assert rating_of(home_store, "r1") == (5, "fine after all")


def test_replay_writes_the_events_as_they_were(home_store: Store, env: dict[str, str]) -> None:
    end(home_store, begin(home_store, "r1"), "r1")
    done = run_nexus("replay", "last", "--json", "--speed", "1000", env=env)
    kinds = [json.loads(line)["kind"] for line in done.out.splitlines()]
    assert kinds[0] == "run.started"
    assert kinds[-1] == "run.finished"
    assert [json.loads(line)["seq"] for line in done.out.splitlines()] == list(range(1, len(kinds) + 1))
    assert "12 tests passed" in run_nexus("replay", "last", env=env).out


def test_an_event_of_a_newer_version_is_passed_through(home_store: Store, env: dict[str, str]) -> None:
    end(home_store, begin(home_store, "r1"), "r1")
    home_store.write(
        lambda db: db.execute(
            "INSERT INTO events (run_id, seq, at, body) VALUES ('r1', 99, 1800000009, ?)",
            ('{"kind": "hologram.shown", "v": 7, "colour": "blue"}',),
        )
    )
    last = json.loads(run_nexus("replay", "r1", "--json", env=env).out.splitlines()[-1])
    assert (last["kind"], last["colour"]) == ("hologram.shown", "blue")
    assert run_nexus("show", "r1", env=env).code == 0


# --- attach ---


def test_attach_follows_a_live_run_to_its_end_and_takes_its_exit_code(
    home_store: Store, env: dict[str, str], nexus_home: Path
) -> None:
    with run_lock(user_paths({"NEXUS_HOME": str(nexus_home)}), "r1"):
        log = begin(home_store, "r1")
        process = start(["attach", "r1", "--json"], None, env)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["kind"] == "run.started"
        end(home_store, log, "r1", "not_verified", 1)
        out, said = process.communicate(timeout=60)
    assert json.loads(out.splitlines()[-1])["kind"] == "run.finished"
    assert (process.returncode, said) == (1, "")


def test_attach_tells_why_a_run_stopped_that_can_be_resumed(home_store: Store, env: dict[str, str]) -> None:
    end(home_store, begin(home_store, "r1"), "r1", "stopped", 6)
    assert run_nexus("attach", "r1", env=env).code == 6
    assert run_nexus("runs", env=env).out.splitlines()[1].split()[1] == "interrupted"


def test_attach_notices_that_the_process_of_a_run_died(
    home_store: Store, env: dict[str, str], nexus_home: Path
) -> None:
    lock = run_lock(user_paths({"NEXUS_HOME": str(nexus_home)}), "r1")
    assert lock.acquire()
    begin(home_store, "r1")
    process = start(["attach", "r1", "--json"], None, env)
    assert process.stdout is not None
    process.stdout.readline()
    lock.release()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nexus --headless --resume r1" in said


def test_leaving_attach_does_not_stop_the_run(home_store: Store, env: dict[str, str], nexus_home: Path) -> None:
    with run_lock(user_paths({"NEXUS_HOME": str(nexus_home)}), "r1"):
        begin(home_store, "r1")
        process = start(["attach", "r1"], None, env)
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "the run goes on" in said
        assert "Traceback" not in said
        assert take(home_store, "r1") == []


def test_attach_steers_a_live_run(home_store: Store, env: dict[str, str], nexus_home: Path) -> None:
    with run_lock(user_paths({"NEXUS_HOME": str(nexus_home)}), "r1"):
        log = begin(home_store, "r1")
        refused = run_nexus("attach", "r1", "--approve", env=env)
        assert refused.code == 2
        assert "not asking" in refused.err
        log.emit(ev.ApprovalRequested("delivery", "Apply 3 files?", "reject"))
        for flags in (["--pause"], ["--resume"], ["--approve"], ["--reject", "keep the alias"], ["--cancel"]):
            assert run_nexus("attach", "r1", *flags, env=env).code == 0
        sent = take(home_store, "r1")
    assert [one.kind for one in sent] == ["pause", "resume", "decide", "decide", "cancel"]
    assert sent[2].payload == {"approval": "delivery", "approved": True, "comment": ""}
    assert sent[3].payload == {"approval": "delivery", "approved": False, "comment": "keep the alias"}


def test_a_finished_run_cannot_be_steered(home_store: Store, env: dict[str, str]) -> None:
    end(home_store, begin(home_store, "r1"), "r1")
    done = run_nexus("attach", "r1", "--pause", env=env)
    assert done.code == 2
    assert "is finished" in done.err
    assert take(home_store, "r1") == []


def test_attach_to_a_resumed_run_does_not_stop_at_its_first_end(home_store: Store, env: dict[str, str]) -> None:
    log = begin(home_store, "r1")
    end(home_store, log, "r1", "stopped", 7)
    log.emit(ev.RunResumed("continued"))
    end(home_store, log, "r1")
    done = run_nexus("attach", "r1", "--json", env=env)
    kinds = [json.loads(line)["kind"] for line in done.out.splitlines()]
    assert kinds.count("run.finished") == 2
    assert done.code == 0


# --- undo ---


def test_undo_takes_a_delivery_back_and_show_says_so(home_store: Store, env: dict[str, str], tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.txt").write_text("before\n")
    create_run(home_store, RunId("r1"), project, REQUEST, Settings(), {})
    workspace = Workspace.create(project, "r1", tmp_path / "cache")
    (workspace.root / "a.txt").write_text("after\n")
    deliver(home_store, "r1", workspace, tmp_path / "artefacts", "change a")
    assert (project / "a.txt").read_text() == "after\n"
    done = run_nexus("undo", "last", env=env)
    assert (done.code, done.out) == (0, "a.txt\n")
    assert (project / "a.txt").read_text() == "before\n"
    assert json.loads(run_nexus("show", "r1", "--json", env=env).out)["undone"] is True
    again = run_nexus("undo", "last", env=env)
    assert again.code == 2
    assert "undone already" in again.err


def test_undo_leaves_later_work_alone_when_it_is_in_the_way(
    home_store: Store, env: dict[str, str], tmp_path: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.txt").write_text("before\n")
    create_run(home_store, RunId("r1"), project, REQUEST, Settings(), {})
    workspace = Workspace.create(project, "r1", tmp_path / "cache")
    (workspace.root / "a.txt").write_text("after\n")
    deliver(home_store, "r1", workspace, tmp_path / "artefacts", "change a")
    (project / "a.txt").write_text("mine\n")
    done = run_nexus("undo", "last", env=env)
    assert done.code == 8
    assert (project / "a.txt").read_text() == "mine\n"


# --- a database in trouble ---


def test_a_damaged_or_newer_database_is_one_sentence(env: dict[str, str], nexus_home: Path) -> None:
    nexus_home.mkdir()
    path = nexus_home / "nexus.db"
    path.write_bytes(b"this is not a database, " * 100)
    damaged = run_nexus("runs", env=env)
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA application_id = {0x4E455855}")
        db.execute("PRAGMA user_version = 999")
    newer = run_nexus("show", "last", env=env)
    for done, said in ((damaged, "damaged"), (newer, "newer")):
        assert done.code == 3
        assert said in done.err
        assert done.err.count("\n") == 2


def test_two_readers_at_once_are_fine(home_store: Store, env: dict[str, str]) -> None:
    end(home_store, begin(home_store, "r1"), "r1")
    for process in [start(["runs"], None, env) for _ in range(3)]:
        out, said = process.communicate(timeout=60)
        assert (process.returncode, said, len(out.splitlines())) == (0, "", 2)
