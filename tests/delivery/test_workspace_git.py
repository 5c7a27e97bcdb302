"""The snapshot of a git project: exact, pinned, and without a trace in what the user works with."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from config.errors import UsageError
from core.workspace import Workspace
from tests.support.delivery import git, make_repo, picture, put

FILES: dict[str, str | bytes] = {"a.py": "a = 1\n", "pkg/b.py": "b = 1\n", ".gitignore": "*.log\n"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", FILES)


def open_on(project: Path, home: Path, run: str = "run-1") -> Workspace:
    return Workspace.create(project, run, home / "cache")


def what_the_user_sees(repo: Path) -> list[str]:
    commands = (("status", "--porcelain=v2", "--branch"), ("log", "--all"), ("worktree", "list"), ("stash", "list"))
    return [git(repo, "--no-optional-locks", "-c", "core.hooksPath=/dev/null", *command) for command in commands]


def test_the_base_is_the_present_tree_with_uncommitted_and_untracked_files(repo: Path, nexus_home: Path) -> None:
    put(repo, "a.py", "a = 2\n")
    put(repo, "new file.py", "n = 1\n")
    put(repo, "noise.log", "not this")
    (repo / "pkg/b.py").unlink()
    workspace = open_on(repo, nexus_home)
    assert workspace.base_files() == (".gitignore", "a.py", "new file.py")
    assert workspace.base_bytes("a.py") == b"a = 2\n"
    assert workspace.base_bytes("pkg/b.py") is None
    assert set(picture(workspace.root)) == {".gitignore", "a.py", "new file.py"}
    assert workspace.changes() == ()


def test_nothing_the_user_works_with_is_touched(repo: Path, nexus_home: Path) -> None:
    put(repo, "a.py", "staged\n")
    git(repo, "add", "a.py")
    put(repo, "a.py", "and dirty\n")
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit"):
        put(repo, f".git/hooks/{name}", "#!/bin/sh\ntouch hook-ran\n", 0o755)
    watched = [repo / ".git" / name for name in ("index", "HEAD", "config")]
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in watched]
    tree, seen = picture(repo), what_the_user_sees(repo)
    workspace = open_on(repo, nexus_home)
    put(workspace.root, "a.py", "changed\n")
    workspace.reset()
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in watched] == before
    assert what_the_user_sees(repo) == seen
    assert picture(repo) == tree
    workspace.dispose()
    assert git(repo, "for-each-ref", "refs/nexus") == ""
    git(repo, "fsck", "--strict")


def test_the_work_tree_holds_no_git_folder_that_code_in_it_could_reach(repo: Path, nexus_home: Path) -> None:
    assert not (open_on(repo, nexus_home).root / ".git").exists()


@pytest.mark.parametrize("setting", ["true", "input"])
def test_line_endings_keep_every_byte(tmp_path: Path, nexus_home: Path, setting: str) -> None:
    repo = make_repo(tmp_path / "repo", {"unix.txt": b"1\n2\n", "dos.txt": b"1\r\n2\r\n", "mixed.txt": b"1\r\n2\n"})
    git(repo, "config", "core.autocrlf", setting)
    put(repo, "later.txt", b"x\r\ny\r\n")
    git(repo, "add", "later.txt")
    assert picture(open_on(repo, nexus_home).root) == picture(repo)


def test_attributes_and_filters_change_no_byte_and_start_no_program(tmp_path: Path, nexus_home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"x.txt": b"a\r\n$Id$\r\n", "big.bin": b"real content\n"})
    put(repo, ".gitattributes", "*.txt text eol=crlf ident\n*.bin filter=swap\n")
    git(repo, "config", "filter.swap.clean", "touch filter-ran; tr a-z A-Z")
    git(repo, "config", "filter.swap.smudge", "touch filter-ran; tr A-Z a-z")
    git(repo, "add", "--all")
    (repo / "filter-ran").unlink()
    workspace = open_on(repo, nexus_home)
    assert picture(workspace.root) == picture(repo)
    assert not (repo / "filter-ran").exists()


def test_a_resumed_run_sees_the_same_base_though_the_users_tree_moved_and_the_cache_is_gone(
    repo: Path, nexus_home: Path
) -> None:
    put(repo, "draft.py", "draft\n")
    first = open_on(repo, nexus_home)
    base = {path: first.base_bytes(path) for path in first.base_files()}
    put(repo, "a.py", "moved on\n")
    (repo / "draft.py").unlink()
    git(repo, "commit", "--quiet", "--all", "--message", "meanwhile")
    git(repo, "gc", "--quiet", "--prune=now")
    shutil.rmtree(nexus_home / "cache")
    again = Workspace.open(repo, "run-1", nexus_home / "cache")
    assert {path: again.base_bytes(path) for path in again.base_files()} == base
    assert (again.root / "draft.py").read_text() == "draft\n"


def test_opening_again_keeps_the_work_and_rebuilds_what_was_half_made(repo: Path, nexus_home: Path) -> None:
    first = open_on(repo, nexus_home)
    put(first.root, "a.py", "work\n")
    assert [change.path for change in open_on(repo, nexus_home).changes()] == ["a.py"]
    marker = next((nexus_home / "cache/worktrees/run-1").glob("*.json"))
    marker.unlink()
    assert Workspace.open(repo, "run-1", nexus_home / "cache").changes() == ()


def test_a_run_whose_base_is_lost_is_told_so(repo: Path, nexus_home: Path) -> None:
    with pytest.raises(UsageError, match="began with are gone"):
        Workspace.open(repo, "never-made", nexus_home / "cache")


def test_a_folder_of_a_repository_is_a_project_of_its_own(repo: Path, nexus_home: Path) -> None:
    put(repo, "pkg/.gitignore", "skip\n")
    put(repo, "pkg/skip", "x")
    put(repo, "pkg/noise.log", "x")
    workspace = open_on(repo / "pkg", nexus_home)
    assert workspace.base_files() == (".gitignore", "b.py")
    assert set(picture(workspace.root)) == {".gitignore", "b.py"}


def test_a_repository_without_a_commit(tmp_path: Path, nexus_home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {})
    assert open_on(repo, nexus_home, "empty").base_files() == ()
    put(repo, "a.py", "a = 1\n")
    assert open_on(repo, nexus_home, "unborn").base_files() == ("a.py",)
    git(repo, "add", "a.py")
    assert open_on(repo, nexus_home, "staged").base_files() == ("a.py",)


def test_a_detached_head_and_a_linked_worktree(repo: Path, nexus_home: Path) -> None:
    git(repo, "worktree", "add", "--quiet", "--detach", "../linked")
    put(repo.parent / "linked", "a.py", "other\n")
    workspace = open_on(repo.parent / "linked", nexus_home)
    assert workspace.base_bytes("a.py") == b"other\n"
    assert workspace.base_files() == (".gitignore", "a.py", "pkg/b.py")


def test_a_sparse_checkout_shows_what_is_on_disk(repo: Path, nexus_home: Path) -> None:
    git(repo, "sparse-checkout", "set", "--no-cone", "/a.py")
    assert open_on(repo, nexus_home).base_files() == ("a.py",)


def test_files_hidden_from_git_by_assume_unchanged_are_read_anew(repo: Path, nexus_home: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", "a.py")
    put(repo, "a.py", "hidden change\n")
    assert open_on(repo, nexus_home).base_bytes("a.py") == b"hidden change\n"


def test_a_merge_in_progress_is_taken_as_it_lies_on_disk(repo: Path, nexus_home: Path) -> None:
    git(repo, "checkout", "--quiet", "-b", "side")
    put(repo, "a.py", "side\n")
    git(repo, "commit", "--quiet", "--all", "--message", "side")
    git(repo, "checkout", "--quiet", "main")
    put(repo, "a.py", "main\n")
    git(repo, "commit", "--quiet", "--all", "--message", "main")
    with pytest.raises(Exception, match="non-zero"):
        git(repo, "merge", "side")
    assert open_on(repo, nexus_home).base_bytes("a.py") == (repo / "a.py").read_bytes()


def test_a_split_index_is_understood(repo: Path, nexus_home: Path) -> None:
    git(repo, "update-index", "--split-index")
    put(repo, "a.py", "a = 3\n")
    assert open_on(repo, nexus_home).base_bytes("a.py") == b"a = 3\n"


def test_a_tracked_folder_that_became_a_link_is_gone_from_the_base(repo: Path, nexus_home: Path) -> None:
    outside = repo.parent / "outside"
    put(outside, "b.py", "secret\n")
    shutil.rmtree(repo / "pkg")
    (repo / "pkg").symlink_to(outside)
    workspace = open_on(repo, nexus_home)
    assert workspace.base_files() == (".gitignore", "a.py", "pkg")
    assert (workspace.root / "pkg").is_symlink()


def test_submodules_are_there_to_read_and_their_folders_named_read_only(repo: Path, nexus_home: Path) -> None:
    library = make_repo(repo.parent / "library", {"lib.py": "lib = 1\n"})
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "libs/sub")
    put(repo, "libs/sub/extra.py", "dirty\n")
    workspace = open_on(repo, nexus_home)
    assert workspace.readonly_prefixes == ("libs/sub",)
    assert (workspace.root / "libs/sub/lib.py").read_text() == "lib = 1\n"
    assert (workspace.root / "libs/sub/extra.py").stat().st_mode & 0o222 == 0
    assert not any(path.startswith("libs/") for path in workspace.base_files())
    assert workspace.changes() == ()
    inside = open_on(repo / "libs/sub", nexus_home, "inside")
    assert inside.base_files() == ("extra.py", "lib.py")


def test_a_repository_nobody_added_is_read_only_too_even_without_a_commit(repo: Path, nexus_home: Path) -> None:
    make_repo(repo / "nested", {})
    put(repo, "nested/draft.py", "x\n")
    workspace = open_on(repo, nexus_home)
    assert workspace.readonly_prefixes == ("nested",)
    assert (workspace.root / "nested/draft.py").exists()


def test_a_repository_with_sha256_objects(tmp_path: Path, nexus_home: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "--quiet", "--object-format=sha256")
    put(repo, "a.py", "a\n")
    assert open_on(repo, nexus_home).base_bytes("a.py") == b"a\n"


def test_a_folder_that_the_repository_around_it_ignores_is_no_part_of_that_repository(
    repo: Path, nexus_home: Path
) -> None:
    put(repo, ".git/info/exclude", "scratch/\n")
    put(repo, "scratch/app.py", "x = 1\n")
    workspace = open_on(repo / "scratch", nexus_home)
    assert workspace.base_files() == ("app.py",)
    assert workspace.repo is None


def test_a_path_that_git_cannot_tell_apart_is_refused(tmp_path: Path, nexus_home: Path) -> None:
    with pytest.raises(UsageError, match="line breaks"):
        open_on(make_repo(tmp_path / "two\nlines", {"a.py": "a\n"}), nexus_home)


def test_many_files_of_the_base_are_read_in_one_go(repo: Path, nexus_home: Path) -> None:
    put(repo, "empty", "")
    put(repo, "odd\nname", b"\n\0\n")
    assert open_on(repo, nexus_home).base_contents(["odd\nname", "absent", "empty", "a.py"]) == {
        "odd\nname": b"\n\0\n",
        "empty": b"",
        "a.py": b"a = 1\n",
    }


def test_a_bare_repository_and_the_inside_of_git_are_refused(repo: Path, nexus_home: Path) -> None:
    git(repo, "clone", "--quiet", "--bare", ".", "../bare.git")
    for folder in (repo.parent / "bare.git", repo / ".git"):
        with pytest.raises(UsageError, match="not a work tree"):
            open_on(folder, nexus_home)


def test_a_repository_of_another_user_is_refused_with_the_command_that_mends_it(
    repo: Path, nexus_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setattr("core.files.git._KEPT", ("GIT_TEST_",))
    with pytest.raises(UsageError, match=r"safe\.directory"):
        open_on(repo, nexus_home)


def test_variables_that_point_git_elsewhere_are_not_followed(
    repo: Path, nexus_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repo(repo.parent / "other", {"wrong.py": "x\n"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    assert "a.py" in open_on(repo, nexus_home).base_files()


def test_nexus_own_folders_inside_the_project_are_no_part_of_it(repo: Path) -> None:
    home = repo / "nexus-home"
    put(home, "nexus.db", "x")
    workspace = open_on(repo, home)
    assert workspace.base_files() == (".gitignore", "a.py", "pkg/b.py")


def test_a_forgotten_data_set_is_refused_before_anything_is_copied(repo: Path, nexus_home: Path) -> None:
    with put(repo, "data.bin", b"").open("r+b") as file:
        file.truncate(250_000_000)
    with pytest.raises(UsageError, match=r"250 MB .*data\.bin"):
        open_on(repo, nexus_home)
    put(repo, ".nexusignore", "data.bin\n")
    assert "data.bin" not in open_on(repo, nexus_home).base_files()


def test_a_file_changed_in_the_second_the_index_was_written_is_seen(repo: Path, nexus_home: Path) -> None:
    """Same size, same second: git tells it from an unchanged one by the time stamp of the index only."""
    while time.time() % 1 > 0.5:
        time.sleep(0.01)
    second = int(time.time())
    put(repo, "a.py", "b = 2\n")
    git(repo, "add", "-A")
    put(repo, "a.py", "c = 3\n")
    while int(time.time()) == second:
        time.sleep(0.01)
    assert open_on(repo, nexus_home).base_bytes("a.py") == b"c = 3\n"
