"""Undo brings back what was there, and keeps what the user did since."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import DeliveryConflict, UsageError
from core.storage.store import Store
from tests.support.delivery import Run, git, make_repo, picture, put

TEXT = "one\ntwo\nthree\nfour\nfive\n"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", {"a.py": TEXT, "b.py": TEXT, "deep/er/c.py": TEXT})


@pytest.fixture
def run(repo: Path, store: Store, nexus_home: Path) -> Run:
    return Run.on(repo, store, nexus_home)


def test_a_committed_delivery_is_undone_by_a_commit(repo: Path, run: Run) -> None:
    before, tree = picture(repo), git(repo, "rev-parse", "HEAD^{tree}")
    run.write("a.py", "A\n")
    run.remove("deep/er/c.py")
    run.write("new/n.py", "n\n")
    delivered = run.deliver("Add n")
    undone = run.undo()
    assert (undone.state, run.state) == ("UNDONE", "UNDONE")
    assert picture(repo) == before
    assert undone.commit == git(repo, "rev-parse", "HEAD")
    assert git(repo, "rev-parse", "HEAD^{tree}") == tree
    assert git(repo, "rev-parse", "HEAD^") == delivered.commit
    assert git(repo, "log", "-1", "--format=%s") == 'Undo "Add n"'
    assert f"This reverts commit {delivered.commit}" in git(repo, "log", "-1", "--format=%b")
    assert git(repo, "status", "--porcelain") == ""


def test_a_delivery_without_a_commit_is_undone_without_one(repo: Path, store: Store, nexus_home: Path) -> None:
    put(repo, "a.py", "dirty\n", 0o600)
    before, head = picture(repo), git(repo, "rev-parse", "HEAD")
    run = Run.on(repo, store, nexus_home)
    run.write("a.py", "dirtier\n")
    run.deliver()
    run.undo()
    assert picture(repo) == before
    assert git(repo, "rev-parse", "HEAD") == head


def test_work_done_since_is_kept(repo: Path, run: Run) -> None:
    run.write("a.py", TEXT.replace("one", "ONE"))
    run.write("n.py", "n\n")
    run.deliver()
    put(repo, "a.py", TEXT.replace("one", "ONE").replace("five", "mine"))
    put(repo, "b.py", "mine\n")
    undone = run.undo()
    assert (repo / "a.py").read_text() == TEXT.replace("five", "mine")
    assert (repo / "b.py").read_text() == "mine\n"
    assert not (repo / "n.py").exists()
    assert undone.commit == ""
    assert "uncommitted changes" in undone.detail


def test_later_commits_stay(repo: Path, run: Run) -> None:
    run.write("a.py", TEXT.replace("one", "ONE"))
    run.deliver()
    put(repo, "b.py", "later\n")
    git(repo, "commit", "--quiet", "--all", "--message", "later")
    assert run.undo().commit == git(repo, "rev-parse", "HEAD")
    assert (repo / "a.py").read_text() == TEXT
    assert (repo / "b.py").read_text() == "later\n"


def test_changes_in_the_same_lines_stop_the_undo_before_it_begins(repo: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    run.write("b.py", "B\n")
    run.deliver()
    put(repo, "b.py", "B, improved\n")
    before = picture(repo)
    with pytest.raises(DeliveryConflict, match=r"Nothing was undone.*b\.py") as raised:
        run.undo()
    assert "git revert" in raised.value.remedy
    assert picture(repo) == before
    assert run.state == "APPLIED"


def test_undo_twice_and_undo_of_nothing_are_told_apart(repo: Path, store: Store, nexus_home: Path, run: Run) -> None:
    with pytest.raises(UsageError, match="delivered nothing"):
        run.undo()
    run.write("a.py", "A\n")
    run.deliver()
    run.undo()
    with pytest.raises(UsageError, match="undone already"):
        run.undo()
    second = Run.on(repo, store, nexus_home, 2)
    second.write("a.py", "A\n")
    put(repo, "a.py", "mine\n")
    with pytest.raises(DeliveryConflict):
        second.deliver()
    with pytest.raises(UsageError, match="changed no file"):
        second.undo()


def test_undo_works_when_the_workspace_is_long_gone(repo: Path, run: Run) -> None:
    before = picture(repo)
    run.write("a.py", "A\n")
    run.deliver()
    run.workspace.dispose()
    run.undo()
    assert picture(repo) == before


def test_a_branch_is_deleted_while_it_is_as_it_was_left(repo: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    branch = run.deliver(mode="branch").branch
    assert run.undo().state == "UNDONE"
    assert git(repo, "branch", "--list", branch) == ""


def test_a_branch_with_commits_of_the_user_or_checked_out_is_kept(repo: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    branch = run.deliver(mode="branch").branch
    git(repo, "checkout", "--quiet", branch)
    with pytest.raises(DeliveryConflict, match="checked out"):
        run.undo()
    git(repo, "commit", "--quiet", "--allow-empty", "--message", "mine")
    git(repo, "checkout", "--quiet", "main")
    with pytest.raises(DeliveryConflict, match="commits of yours"):
        run.undo()
    assert git(repo, "branch", "--list", branch).strip() == branch


NAMES = st.sampled_from(["a", "b", "d/x", "d/y", "d/e/z", "ü n"])
CONTENT = st.binary(max_size=30) | st.sampled_from([b"", b"1\n2\n3\n", b"1\r\n2\r\n"])
FILE = st.tuples(CONTENT, st.sampled_from([0o644, 0o755, 0o600]))
TREES = st.dictionaries(NAMES, FILE, max_size=5)


@given(start=TREES, work=TREES, with_git=st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_deliver_then_undo_is_the_identity(
    tmp_path_factory: pytest.TempPathFactory,
    start: dict[str, tuple[bytes, int]],
    work: dict[str, tuple[bytes, int]],
    with_git: bool,
) -> None:
    home = tmp_path_factory.mktemp("round")
    project = home / "project"
    project.mkdir()
    if with_git:
        make_repo(project, {})
    for path, (content, mode) in start.items():
        put(project, path, content, mode)
    if with_git and start:
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--message", "start")
    before = picture(project)
    with Store(home / "nexus.db") as store:
        run = Run.on(project, store, home)
        for path in start.keys() - work.keys():
            run.remove(path)
        for path, (content, mode) in work.items():
            run.write(path, content, mode)
        run.deliver()
        delivered = {path: file[1] for path, file in picture(project).items() if not path.endswith("/")}
        assert delivered == {path: content for path, (content, _) in work.items()}
        run.undo()
    assert picture(project) == before
