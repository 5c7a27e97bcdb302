"""`kill -9` in the middle of a delivery or an undo: the next start makes it all or nothing."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.delivery import recover
from core.storage.locks import FileLock
from core.storage.store import Store
from tests.support.delivery import Picture, Run, git, make_repo, picture, put

FIRST_NEW_FILE = "os.link"
"""The operation that puts a new file in place; files that were there have been changed or removed by then."""

EVERY = 0
"""Instead of a number of rounds: one for each step."""


class Killer:
    """Carries out deliveries in children that die at a chosen step."""

    def __init__(self, home: Path, store: Store) -> None:
        self._home, self._store = home, store
        argv = [sys.executable, "-m", "tests.support.kill_delivery"]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def act(self, run: Run, action: str, at: int | str = 0) -> str:
        """`killed`, or the number of steps that the whole action took."""
        order = {
            "action": action,
            "at": at,
            "run": run.id,
            "project": str(run.workspace.project),
            "home": str(self._home),
            "database": str(self._store.path),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def killer(nexus_home: Path, store: Store) -> Iterator[Killer]:
    killer = Killer(nexus_home, store)
    yield killer
    killer.close()


def path_of(number: int) -> str:
    return f"d{number % 3}/f{number}.txt"


def make_project(folder: Path, *, with_git: bool, files: int) -> Path:
    content: dict[str, str | bytes] = {path_of(number): f"before {number}\n" * 9 for number in range(files)}
    if with_git:
        return make_repo(folder, content)
    for path, text in content.items():
        put(folder, path, text)
    return folder


def change(run: Run, files: int) -> None:
    """A third each changed, deleted and left alone; half as many new ones in new folders."""
    for number in range(files):
        path = path_of(number)
        if number % 3 == 0:
            run.write(path, f"after {number}\n" * 9)
        elif number % 3 == 1:
            run.remove(path)
        if number % 2 == 0:
            run.write(f"new/n{number}/x.txt", f"new {number}\n")


def is_whole(now: Picture, before: Picture, after: Picture) -> bool:
    """Each file is as before or as after; a temporary file may be there until recovery."""

    def fits(path: str) -> bool:
        temporary = path.rpartition("/")[2].startswith(".nexus-")
        return path.endswith("/") or temporary or now.get(path) in (before.get(path), after.get(path))

    return all(fits(path) for path in {*now, *before, *after})


@pytest.mark.parametrize(
    ("action", "with_git", "files", "rounds"),
    [
        ("deliver", False, 2, EVERY),
        ("deliver", False, 30, 8),
        ("deliver", True, 4, 10),
        ("undo", False, 2, 12),
        ("undo", True, 4, 6),
    ],
)
def test_after_a_kill_at_any_step_the_tree_is_as_before_or_as_after(
    tmp_path: Path,
    store: Store,
    nexus_home: Path,
    killer: Killer,
    action: str,
    with_git: bool,
    files: int,
    rounds: int,
) -> None:
    chance = random.Random(f"{action}{with_git}")

    def begin(number: int) -> tuple[Path, Run]:
        project = make_project(tmp_path / f"p{number}", with_git=with_git, files=files)
        run = Run.on(project, store, nexus_home, number)
        change(run, files)
        return project, run

    project, run = begin(0)
    before = picture(project)
    steps = int(killer.act(run, "deliver"))
    after = picture(project)
    if action == "undo":
        steps = int(killer.act(run, "undo"))
        assert picture(project) == before
    start, end = ("APPLIED", "UNDONE") if action == "undo" else ("", "APPLIED")
    outcomes = set()
    instants = chance.sample(range(1, steps + 1), rounds) if rounds else range(1, steps + 1)
    for number, instant in enumerate(instants, start=1):
        project, run = begin(number)
        if action == "undo":
            run.deliver()
        first, last = (after, before) if action == "undo" else (before, after)
        answer = killer.act(run, action, at=instant)
        assert answer == "killed" or int(answer) < instant, "the first run of all also makes the folder for locks"
        assert is_whole(picture(project), before, after)
        recover(store)
        assert recover(store) == ()
        assert picture(project) in (first, last)
        done = run.state == end
        assert picture(project) == (last if done else first)
        assert done or run.state in (start, "ROLLED_BACK")
        if with_git:
            assert git(project, "status", "--porcelain") == ""
            git(project, "fsck", "--strict")
        outcomes.add(done)
        if not done:
            assert (run.undo() if action == "undo" else run.deliver()).state == end
            assert picture(project) == last
    assert outcomes == {True, False}


def test_what_the_user_saved_between_the_kill_and_the_next_start_is_kept(
    tmp_path: Path, store: Store, nexus_home: Path, killer: Killer
) -> None:
    project = make_project(tmp_path / "p", with_git=False, files=9)
    run = Run.on(project, store, nexus_home)
    change(run, 9)
    before = picture(project)
    assert killer.act(run, "deliver", at=FIRST_NEW_FILE) == "killed"
    assert run.state == "APPLYING"
    edited = project / path_of(0)
    assert edited.read_text().startswith("after")
    put(project, path_of(0), edited.read_text() + "mine\n")
    (ended,) = recover(store)
    assert (ended.state, run.state) == ("ROLLED_BACK", "ROLLED_BACK")
    assert edited.read_text() == "after 0\n" * 9 + "mine\n"
    assert path_of(0) in ended.detail
    assert {**picture(project), path_of(0): None} == {**before, path_of(0): None}


def test_recovery_leaves_alone_what_a_living_process_is_doing(
    tmp_path: Path, store: Store, nexus_home: Path, killer: Killer
) -> None:
    run = Run.on(make_project(tmp_path / "p", with_git=False, files=3), store, nexus_home)
    change(run, 3)
    assert killer.act(run, "deliver", at=FIRST_NEW_FILE) == "killed"
    (lock,) = (store.path.parent / "locks").iterdir()
    with FileLock(lock):
        assert recover(store) == ()
    assert run.state == "APPLYING"
    assert [ended.state for ended in recover(store)] == ["APPLIED"]


def test_recovery_of_a_project_that_is_not_there_says_so_and_stops_nothing(
    tmp_path: Path, store: Store, nexus_home: Path, killer: Killer
) -> None:
    project = make_project(tmp_path / "p", with_git=False, files=3)
    run = Run.on(project, store, nexus_home)
    change(run, 3)
    assert killer.act(run, "deliver", at=FIRST_NEW_FILE) == "killed"
    project.rename(tmp_path / "unmounted")
    (stuck,) = recover(store)
    assert stuck.state == "APPLYING"
    assert str(project) in stuck.detail
    (tmp_path / "unmounted").rename(project)
    assert [ended.state for ended in recover(store)] == ["APPLIED"]
    assert (project / "new/n2/x.txt").read_text() == "new 2\n"
