"""Commits of exactly the delivered files, and branches, made beside the user's own work."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.storage.store import Store
from tests.support.delivery import Run, git, make_repo, picture, put

TEXT = "one\ntwo\nthree\nfour\nfive\n"
FILES: dict[str, str | bytes] = {"a.py": TEXT, "b.py": TEXT, "sub/c.py": TEXT, ".gitignore": "*.log\n"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", FILES)


@pytest.fixture
def run(repo: Path, store: Store, nexus_home: Path) -> Run:
    return Run.on(repo, store, nexus_home)


def head(repo: Path) -> str:
    return git(repo, "rev-parse", "HEAD")


def test_clean_files_are_committed_on_the_current_branch_with_the_run_in_a_trailer(repo: Path, run: Run) -> None:
    start = head(repo)
    run.write("a.py", "A\n")
    run.remove("b.py")
    run.write("n.py", "n\n", 0o755)
    delivery = run.deliver("Add n\n\nBecause it was missing.")
    assert delivery.commit == head(repo)
    assert git(repo, "rev-parse", "HEAD^") == start
    assert git(repo, "status", "--porcelain") == ""
    assert git(repo, "log", "-1", "--format=%s|%(trailers:key=Nexus-Run,valueonly)").strip() == f"Add n|{run.id}"
    assert git(repo, "show", "--format=", "--raw", "--abbrev=1", "HEAD").count("\n") == 2
    assert git(repo, "ls-files", "--stage", "n.py").startswith("100755")
    git(repo, "fsck", "--strict")


def test_the_users_other_changes_stay_as_they_are_staged_or_not(repo: Path, run: Run) -> None:
    put(repo, "b.py", "staged\n")
    git(repo, "add", "b.py")
    put(repo, "sub/c.py", "not staged\n")
    put(repo, "untracked.txt", "x\n")
    run.write("a.py", "A\n")
    assert run.deliver().commit
    assert git(repo, "status", "--porcelain").splitlines() == ["M  b.py", " M sub/c.py", "?? untracked.txt"]
    assert git(repo, "show", "--format=", "--name-only", "HEAD") == "a.py"


@pytest.mark.parametrize("how", ["dirty", "staged", "untracked"])
def test_files_with_uncommitted_changes_are_changed_but_not_committed(
    repo: Path, store: Store, nexus_home: Path, how: str
) -> None:
    path = "a.py" if how != "untracked" else "draft.py"
    put(repo, path, TEXT + "mine\n")
    if how == "staged":
        git(repo, "add", path)
    run = Run.on(repo, store, nexus_home)
    run.write(path, TEXT + "mine\nand theirs\n")
    start = head(repo)
    delivery = run.deliver()
    assert (delivery.state, delivery.commit) == ("APPLIED", "")
    assert delivery.detail == "Not committed: the files had uncommitted changes."
    assert head(repo) == start
    assert (repo / path).read_text() == TEXT + "mine\nand theirs\n"


def test_where_head_is_no_branch_only_the_files_change(repo: Path, run: Run) -> None:
    git(repo, "checkout", "--quiet", "--detach")
    run.write("a.py", "A\n")
    assert run.deliver().detail == "Not committed: HEAD is not on a branch."
    assert git(repo, "status", "--porcelain") == " M a.py"


def test_in_a_repository_without_a_commit_only_the_files_change(tmp_path: Path, store: Store, nexus_home: Path) -> None:
    repo = make_repo(tmp_path / "unborn", {})
    run = Run.on(repo, store, nexus_home)
    run.write("a.py", "A\n")
    assert run.deliver().detail == "Not committed: the repository has no commit yet."
    assert git(repo, "status", "--porcelain") == "?? a.py"


def test_in_the_middle_of_a_merge_only_the_files_change(repo: Path, run: Run) -> None:
    put(repo, ".git/MERGE_HEAD", head(repo) + "\n")
    run.write("a.py", "A\n")
    assert run.deliver().detail == "Not committed: a merge or rebase is in progress."


def test_a_commit_can_be_declined(repo: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    assert run.deliver(commit=False).commit == ""
    assert git(repo, "status", "--porcelain") == " M a.py"


def test_a_commit_made_meanwhile_is_built_upon(repo: Path, run: Run) -> None:
    run.write("a.py", TEXT.replace("five", "FIVE"))
    put(repo, "a.py", TEXT.replace("one", "ONE"))
    git(repo, "commit", "--quiet", "--all", "--message", "meanwhile")
    assert run.deliver().commit == head(repo)
    assert git(repo, "show", "HEAD:a.py") == "ONE\ntwo\nthree\nfour\nFIVE"
    assert git(repo, "log", "-2", "--format=%s").splitlines() == ["Add a thing", "meanwhile"]


def test_new_files_that_git_ignores_are_delivered_and_not_committed(repo: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    run.write("out.log", "log\n")
    assert run.deliver().commit
    assert git(repo, "show", "--format=", "--name-only", "HEAD") == "a.py"
    assert (repo / "out.log").exists()


def test_hooks_do_not_run_and_signing_is_not_asked_for(repo: Path, run: Run) -> None:
    for name in ("pre-commit", "post-commit", "reference-transaction", "post-index-change"):
        put(repo, f".git/hooks/{name}", "#!/bin/sh\ntouch hook-ran\nexit 1\n", 0o755)
    git(repo, "config", "commit.gpgSign", "true")
    git(repo, "config", "user.signingKey", "nobody")
    run.write("a.py", "A\n")
    assert run.deliver().commit
    assert not (repo / "hook-ran").exists()
    assert not (repo / ".git/hook-ran").exists()


def test_without_an_identity_the_commit_is_made_in_our_name(
    repo: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(repo, "config", "user.useConfigOnly", "true")
    run.write("a.py", "A\n")
    assert run.deliver().commit
    assert git(repo, "log", "-1", "--format=%an") == "Nexus"


def test_line_ending_conversion_applies_to_the_commit_and_not_to_the_file(
    tmp_path: Path, store: Store, nexus_home: Path
) -> None:
    repo = make_repo(tmp_path / "repo", {".gitattributes": "*.txt text eol=crlf\n", "a.txt": "1\r\n2\r\n"})
    run = Run.on(repo, store, nexus_home)
    run.write("a.txt", b"1\r\n2\r\n3\r\n")
    assert run.deliver().commit
    assert (repo / "a.txt").read_bytes() == b"1\r\n2\r\n3\r\n"
    assert git(repo, "cat-file", "blob", "HEAD:a.txt") == "1\n2\n3"
    assert git(repo, "status", "--porcelain") == ""


def test_a_project_in_a_folder_of_the_repository_commits_below_that_folder(
    repo: Path, store: Store, nexus_home: Path
) -> None:
    run = Run.on(repo / "sub", store, nexus_home)
    run.write("c.py", "C\n")
    run.write("[glob]*.py", "odd name\n")
    assert run.deliver().commit
    assert git(repo, "show", "--format=", "--name-only", "HEAD").splitlines() == ["sub/[glob]*.py", "sub/c.py"]
    assert git(repo, "status", "--porcelain") == ""


def test_an_index_that_another_git_holds_costs_a_word_and_not_the_commit(repo: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    put(repo, ".git/index.lock", "")
    delivery = run.deliver()
    assert delivery.commit == head(repo)
    assert "git reset" in delivery.detail
    (repo / ".git/index.lock").unlink()
    git(repo, "reset", "--quiet")
    assert git(repo, "status", "--porcelain") == ""


def test_a_branch_holds_the_work_and_the_users_tree_is_not_touched(repo: Path, run: Run) -> None:
    put(repo, "b.py", "dirty\n")
    git(repo, "add", "b.py")
    before, status, start = picture(repo), git(repo, "status", "--porcelain=v2"), head(repo)
    run.write("a.py", "A\n")
    run.write("new/n.py", "n\n")
    run.remove("sub/c.py")
    delivery = run.deliver(mode="branch")
    assert (delivery.state, delivery.branch) == ("BRANCHED", f"nexus/{run.id}")
    assert delivery.files == ("a.py", "new/n.py", "sub/c.py")
    assert picture(repo) == before
    assert git(repo, "status", "--porcelain=v2") == status
    assert git(repo, "rev-parse", f"{delivery.branch}^") == start
    shown = git(repo, "show", "--format=", "--name-status", delivery.branch).splitlines()
    assert shown == ["M\ta.py", "A\tnew/n.py", "D\tsub/c.py"]
    assert run.deliver(mode="branch") == delivery


def test_a_branch_carries_the_change_and_not_the_users_uncommitted_lines(
    repo: Path, store: Store, nexus_home: Path
) -> None:
    put(repo, "a.py", TEXT.replace("one", "private draft"))
    run = Run.on(repo, store, nexus_home)
    run.write("a.py", TEXT.replace("one", "private draft").replace("five", "FIVE"))
    branch = run.deliver(mode="branch").branch
    assert git(repo, "show", f"{branch}:a.py") + "\n" == TEXT.replace("five", "FIVE")


def test_branch_names_that_are_taken_are_not_overwritten(repo: Path, store: Store, nexus_home: Path) -> None:
    git(repo, "branch", "nexus")
    first = Run.on(repo, store, nexus_home, 1)
    first.write("a.py", "A\n")
    git(repo, "branch", f"nexus-{first.id}")
    git(repo, "branch", "-m", "nexus", "other")
    git(repo, "branch", f"nexus/{first.id}")
    taken = git(repo, "rev-parse", f"nexus/{first.id}")
    assert first.deliver(mode="branch").branch == f"nexus/{first.id}-2"
    assert git(repo, "rev-parse", f"nexus/{first.id}") == taken


def test_a_branch_named_nexus_is_stepped_around(repo: Path, run: Run) -> None:
    git(repo, "branch", "nexus")
    run.write("a.py", "A\n")
    assert run.deliver(mode="branch").branch == f"nexus-{run.id}"


def test_without_git_a_branch_is_a_patch(tmp_path: Path, store: Store, nexus_home: Path) -> None:
    put(tmp_path / "plain", "a.py", TEXT)
    run = Run.on(tmp_path / "plain", store, nexus_home)
    run.write("a.py", "A\n")
    delivery = run.deliver(mode="branch")
    assert (delivery.state, delivery.branch) == ("BRANCHED", "")
    assert str(run.artefacts / "changes.patch") in delivery.detail
    assert (tmp_path / "plain/a.py").read_text() == TEXT
