"""Machines that get in the way: folders, disks, databases, other runs. Nothing is lost, and the reason is said."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from core.ids import RunId
from core.run.runs import create_run, find_run, list_runs
from core.storage.store import Store
from tests.support.bad_input import ended, ended_badly
from tests.support.nexus import Finished, environment, nexus, start
from tests.support.openai_script import Answer, Call, Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import COMPETENT, GOOD, TESTS, TRIVIAL, git, make_project, tree_of

RUN = ["--headless", TRIVIAL, "--json", "--yes"]
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(Script.of(COMPETENT)) as server:
        yield server


def env_for(home: Path, base_url: str = NOWHERE) -> dict[str, str]:
    return environment(home, base_url, NEXUS_LIMITS__MUTANTS="0", NEXUS_MODELS__CALL_TIMEOUT_S="30")


# --- folders ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("missing", "missing is not a folder."),
        ("shop/pyproject.toml", "pyproject.toml is not a folder."),
        ("/", "/ is not a project: it holds a whole home directory or system."),
        (".", "is not a project: it holds a whole home directory or system."),
    ],
    ids=["missing", "a-file", "root", "home"],
)
def test_a_folder_that_is_no_project_is_refused(project: Path, nexus_home: Path, place: str, sentence: str) -> None:
    # HOME is the folder around the project.
    done = nexus([*RUN, "-C", place], project.parent, env_for(nexus_home))
    assert "folder" in ended_badly(done, 2, sentence)["remedy"]


def as_user(args: list[str], project: Path, env: dict[str, str]) -> Finished:
    """Run nexus so that permissions count, also where the tests run as root."""
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    if bound and subprocess.run([*bound, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root without setpriv is refused nothing, so permissions cannot be tested")
    command = [*bound, sys.executable, "-P", "-m", "app", *args]
    done = subprocess.run(
        command, cwd=project.parent, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def closed(project: Path) -> Iterator[Path]:
    """A folder whose permissions are given back in the end."""
    yield project
    subprocess.run(["chmod", "-R", "u+rwX", project], check=True)


def test_a_folder_that_may_not_be_read_is_refused(closed: Path, nexus_home: Path) -> None:
    closed.chmod(0)
    done = as_user([*RUN, "-C", str(closed)], closed, env_for(nexus_home))
    ended_badly(done, 2, f"The folder {closed} cannot be read (Permission denied).")


def test_a_file_that_may_not_be_read_is_named(closed: Path, nexus_home: Path) -> None:
    (closed / "shop" / "secret.bin").touch(mode=0)
    done = as_user([*RUN, "-C", str(closed)], closed, env_for(nexus_home))
    last = ended_badly(done, 3, "shop/secret.bin cannot be read (Permission denied).")
    assert ".gitignore" in last["remedy"]


def test_a_data_directory_that_may_not_be_written_is_named(project: Path, nexus_home: Path) -> None:
    nexus_home.mkdir(mode=0o500)
    done = as_user([*RUN, "-C", str(project)], project, env_for(nexus_home))
    last = ended_badly(done, 3, f"The data directory {nexus_home} cannot be written (Permission denied).")
    assert "NEXUS_HOME" in last["remedy"]


def test_a_project_that_may_not_be_written_gets_a_patch_instead(
    closed: Path, nexus_home: Path, server: OpenAIServer
) -> None:
    before = tree_of(closed)
    subprocess.run(["chmod", "-R", "a-w", closed], check=True)
    done = as_user([*RUN, "-C", str(closed)], closed, env_for(nexus_home, server.base_url))
    last = ended_badly(done, 8, "Nothing was delivered: shop/prices.py cannot be written (Permission denied).")
    assert tree_of(closed) == before
    patch = next(nexus_home.rglob("changes.patch"))
    assert str(patch) in last["remedy"] and "discount" in patch.read_text()


# --- kinds of projects -----------------------------------------------------------------------------------


def test_an_empty_folder_becomes_a_project(tmp_path: Path, nexus_home: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    source = GOOD.replace("<<<<<<< SEARCH\n    return sum(prices)\n=======\n    return sum(prices)\n\n\n", "").replace(
        ">>>>>>> REPLACE\n", ""
    )
    with OpenAIServer(Script.of({"answers": {**COMPETENT["answers"], "implementer": [source]}})) as server:
        done = nexus([*RUN, "-C", str(folder)], tmp_path, env_for(nexus_home, server.base_url))
    assert ended(done, 0)["delivered_to"] == "tree"
    assert sorted(tree_of(folder)) == ["shop/prices.py", "tests/test_discount.py"]


def test_without_git_and_without_leave_the_work_is_a_patch(
    tmp_path: Path, nexus_home: Path, server: OpenAIServer
) -> None:
    folder = make_project(tmp_path / "plain", with_git=False)
    before = tree_of(folder)
    done = nexus(RUN[:-1], folder, env_for(nexus_home, server.base_url))
    place, _, patch = ended(done, 0)["delivered_to"].partition(" ")
    assert place == "patch" and patch in done.last["reason"]
    assert tree_of(folder) == before
    subprocess.run(["patch", "-p1", "-i", patch], cwd=folder, check=True, capture_output=True)
    assert "discount" in (folder / "shop/prices.py").read_text()


def test_a_dirty_tree_with_a_submodule_and_5000_files_keeps_all_that_was_not_asked_for(
    project: Path, tmp_path: Path, nexus_home: Path, server: OpenAIServer
) -> None:
    library = make_project(tmp_path / "library")  # its test file has the name of one of ours
    git(project, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), "vendor/library")
    data = project / "data"
    for number in range(5000):
        path = data / f"{number % 50}" / f"part{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"PART = {number}\n")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "Data and a library")
    (project / "shop" / "prices.py").open("a").write("\n\nCURRENCY = 'EUR'\n")
    (project / "pyproject.toml").unlink()
    (project / "notes.txt").write_text("mine\n")
    before = tree_of(project)
    done = nexus(RUN, project, env_for(nexus_home, server.base_url))
    last = ended(done, 0)
    after = tree_of(project)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed == set(last["files"]) == {"shop/prices.py", "tests/test_discount.py"}
    assert b"CURRENCY = 'EUR'" in after["shop/prices.py"] and b"def discount" in after["shop/prices.py"]
    assert last["delivered_to"] == "tree", "what was not committed before is not committed now"


# --- the database ----------------------------------------------------------------------------------------


def from_a_newer_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA application_id = 1313167445; PRAGMA user_version = 99; CREATE TABLE t (a)")


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE TABLE bookmarks (url)")


def damaged(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 64)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (from_a_newer_version, "was written by a newer Nexus (schema 99"),
        (of_another_program, "is a SQLite database of another program."),
        (damaged, "is damaged."),
    ],
    ids=["newer", "foreign", "damaged"],
)
def test_a_database_that_is_not_ours_to_use_is_left_as_it_is(
    project: Path, nexus_home: Path, make: Any, sentence: str
) -> None:
    nexus_home.mkdir()
    database = nexus_home / "nexus.db"
    make(database)
    before = database.read_bytes()
    last = ended_badly(nexus(RUN, project, env_for(nexus_home)), 3, str(database), sentence)
    assert "NEXUS_HOME" in last["remedy"] or "mv " in last["remedy"]
    assert database.read_bytes() == before


def test_a_database_that_another_program_locks_ends_the_run_and_the_rest_is_done_later(
    project: Path, nexus_home: Path
) -> None:
    """The lock comes while a model is thinking; its answer is paid for once all the same."""
    script, lock = Script.of(COMPETENT), threading.Lock()
    locked: list[sqlite3.Connection] = []

    def answer(call: Call) -> Answer:
        with lock:
            if not locked:
                db = sqlite3.connect(nexus_home / "nexus.db", isolation_level=None, check_same_thread=False)
                db.execute("BEGIN IMMEDIATE")
                locked.append(db)
        return script.answer(call)

    with OpenAIServer(answer) as server:
        env = env_for(nexus_home, server.base_url)
        done = nexus(RUN, project, env)
        last = ended_badly(done, 3, "is locked by another program.")
        assert "fuser" in last["remedy"]
        assert "could not be recorded" in done.err
        # And so does every command that comes while it lasts.
        assert nexus(["runs"], project, env).code == 3
        locked[0].close()
        resumed = nexus(["--headless", "--last", "--json"], project, env)
        assert ended(resumed, 0)["run"] == last["run"]
        assert server.answered_twice() == []
    seqs = [event["seq"] for event in resumed.events]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


# --- disks -----------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB, which `remount` makes larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk that is full needs leave to mount a small one (root); the file size limit is tested")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_fills_up_stops_the_run_and_it_goes_on_when_there_is_room(
    project: Path, small_disk: Path, server: OpenAIServer
) -> None:
    before = tree_of(project)
    env = env_for(small_disk / "home", server.base_url)
    done = nexus(RUN, project, env)
    # Which write is the first that finds no room is not up to us.
    last = ended_badly(done, 3)
    assert "is full." in last["reason"] or "o space left" in last["reason"], last["reason"]
    assert "resume" in last["remedy"]
    assert tree_of(project) == before
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    resumed = nexus(["--headless", "--last", "--json"], project, env)
    assert ended(resumed, 0)["run"] == last["run"]
    assert server.answered_twice() == []


def test_files_that_may_not_grow_are_explained(project: Path, nexus_home: Path) -> None:
    """As on a full disk, for users who cannot mount one."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    process = start(RUN, project, env_for(nexus_home), preexec_fn=limit)
    out, err = process.communicate(timeout=120)
    ended_badly(Finished(process.returncode, out, err), 3, "could not be read or written (disk I/O error).")


# --- two runs at once ------------------------------------------------------------------------------------

VAT = "Add a function `vat(price)` to shop/vat.py that returns 19 percent of the price, rounded down."
VAT_ANSWERS = {
    "implementer": "VAT.\n\n### shop/vat.py\n```python\ndef vat(price: int) -> int:\n"
    "    return price * 19 // 100\n```\n",
    "tester": "### tests/test_vat.py\n```python\nfrom shop.vat import vat\n\n\ndef test_vat():\n"
    "    assert vat(200) == 38\n```\n",
}
DOWN = TRIVIAL.replace("half up", "half down")
DOWN_ANSWERS = {
    "implementer": GOOD.replace("half up", "half down").replace("+ 50)", "+ 49)"),
    "tester": TESTS.replace("(5, 10, 5)", "(5, 10, 4)"),
}


def both(project: Path, home: Path, second: str, answers: dict[str, str]) -> list[Finished]:
    """Runs of TRIVIAL and of the task `second`, which the model answers with `answers`, begun on the same files."""
    script, together = Script.of(COMPETENT), threading.Barrier(2)

    def answer(call: Call) -> Answer:
        if call.phase == "implementer" and call.ordinal == 0:
            together.wait(60)
        return Answer(answers[call.phase]) if second in str(call.messages) else script.answer(call)

    with OpenAIServer(answer) as server:
        env = env_for(home, server.base_url)
        running = [start(["--headless", task, "--json", "--yes"], project, env) for task in (TRIVIAL, second)]
        ends = [process.communicate(timeout=120) for process in running]
    return [Finished(process.returncode, *end) for process, end in zip(running, ends, strict=True)]


def test_two_runs_in_one_repository_both_deliver(project: Path, nexus_home: Path) -> None:
    for done in both(project, nexus_home, VAT, VAT_ANSWERS):
        assert ended(done, 0)["delivered_to"].startswith("commit ")
    assert {"shop/vat.py", "tests/test_vat.py", "tests/test_discount.py"} < tree_of(project).keys()
    assert "def discount" in (project / "shop/prices.py").read_text()
    assert git(project, "status", "--porcelain") == ""
    assert len(git(project, "log", "--format=%h").split()) == 3


def test_of_two_runs_that_contradict_each_other_the_second_keeps_its_work_on_a_branch(
    project: Path, nexus_home: Path
) -> None:
    first, second = sorted(both(project, nexus_home, DOWN, DOWN_ANSWERS), key=lambda done: done.code)
    assert ended(first, 0)["delivered_to"].startswith("commit ")
    last = ended_badly(second, 8, "Nothing was delivered:", "shop/prices.py")
    branch = f"nexus/{last['run']}"
    assert branch in last["remedy"] and last["verdict"] == "conflict"
    assert "def discount" in git(project, "show", f"{branch}:shop/prices.py")
    assert git(project, "status", "--porcelain") == ""
    delivered = (project / "shop/prices.py").read_text()
    assert delivered.count("def discount") == 1 and "<<<<" not in delivered


# --- a clock that goes backwards -------------------------------------------------------------------------


def test_the_newest_run_is_the_one_begun_last_whatever_the_clock_says(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, now in (("first", 2_000_000_000.0), ("second", 1_000_000_000.0)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        create_run(store, RunId(name), tmp_path, "x", Settings(), {})
    assert find_run(store, "last").id == "second"
    assert [row.id for row in list_runs(store)] == ["second", "first"]


def test_a_project_of_another_language_is_refused_before_a_model_is_asked(tmp_path: Path, nexus_home: Path) -> None:
    project = tmp_path / "web"
    project.mkdir()
    (project / "go.mod").write_text("module web\n")
    (project / "main.go").write_text("package main\n")
    with OpenAIServer(Script.of(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url)
        done = nexus(["--headless", "Add a function two().", "--json", "--yes"], project, env)
        assert server.requests == 0
    ended_badly(done, 5, "holds go", "Python, TypeScript, C#")
