"""The snapshot of a project without git, and what can be no project at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from config.errors import UsageError
from core.workspace import Workspace
from tests.support.delivery import make_repo, picture, put


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    put(folder, "a.py", "a = 1\n")
    put(folder, "run.sh", "#!/bin/sh\n", 0o755)
    put(folder, "dos.txt", b"x\r\n\xff\x00")
    return folder


def open_on(project: Path, home: Path, run: str = "run-1") -> Workspace:
    return Workspace.create(project, run, home / "cache")


def test_the_copy_is_exact_and_its_changes_are_found(project: Path, nexus_home: Path) -> None:
    workspace = open_on(project, nexus_home)
    assert picture(workspace.root) == picture(project)
    assert workspace.changes() == ()
    put(workspace.root, "a.py", "b = 1\n")
    (workspace.root / "run.sh").chmod(0o644)
    put(workspace.root, "new/x.py", "x\n")
    (workspace.root / "dos.txt").unlink()
    assert [(change.path, change.kind) for change in workspace.changes()] == [
        ("a.py", "modified"),
        ("dos.txt", "deleted"),
        ("new/x.py", "added"),
        ("run.sh", "modified"),
    ]
    workspace.reset()
    assert workspace.changes() == ()
    assert picture(workspace.root) == picture(project)


def test_caches_that_tools_leave_in_the_work_tree_are_no_change(project: Path, nexus_home: Path) -> None:
    workspace = open_on(project, nexus_home)
    put(workspace.root, "pkg/__pycache__/a.cpython-311.pyc", b"\0")
    put(workspace.root, ".pytest_cache/v/x", "x")
    assert workspace.changes() == ()
    workspace.reset()
    assert picture(workspace.root) == picture(project)


def test_ignored_files_environments_and_packages_stay_behind(project: Path, nexus_home: Path) -> None:
    put(project, ".gitignore", "*.log\n/build/\n!keep.log\n")
    put(project, ".nexusignore", "secret/\n")
    put(project, "sub/.gitignore", "!loud.log\nquiet.txt\n")
    for path in ("x.log", "build/out", "secret/key", "node_modules/m/i.js", ".venv/bin/python", "sub/quiet.txt"):
        put(project, path, "no")
    put(project, "my-env/pyvenv.cfg", "home = /usr\n")
    for path in ("keep.log", "sub/loud.log", "src/build/in"):
        put(project, path, "yes")
    assert open_on(project, nexus_home).base_files() == (
        ".gitignore", ".nexusignore", "a.py", "dos.txt", "keep.log", "run.sh", "src/build/in", "sub/.gitignore",
        "sub/loud.log",
    )  # fmt: skip


def test_links_are_copied_as_links_and_never_followed_out(project: Path, nexus_home: Path) -> None:
    put(project.parent / "outside", "secret.txt", "secret")
    (project / "file-link").symlink_to("../outside/secret.txt")
    (project / "folder-link").symlink_to("../outside")
    os.mkfifo(project / "pipe")
    workspace = open_on(project, nexus_home)
    assert workspace.base_files() == ("a.py", "dos.txt", "file-link", "folder-link", "run.sh")
    assert (workspace.root / "folder-link").readlink() == Path("../outside")
    assert workspace.base_bytes("file-link") == b"../outside/secret.txt"


def test_the_base_stays_when_the_users_files_move_and_a_half_made_tree_is_rebuilt(
    project: Path, nexus_home: Path
) -> None:
    before = picture(project)
    workspace = open_on(project, nexus_home)
    put(project, "a.py", "moved on\n")
    shutil.rmtree(workspace.root)
    assert picture(Workspace.open(project, "run-1", nexus_home / "cache").root) == before


def test_a_start_that_was_killed_before_its_base_was_complete_begins_anew(project: Path, nexus_home: Path) -> None:
    put(nexus_home / "cache/worktrees/run-1", "base/blobs/half", "x")
    assert picture(Workspace.open(project, "run-1", nexus_home / "cache").root) == picture(project)


def test_a_wiped_cache_is_told_not_hidden(project: Path, nexus_home: Path) -> None:
    open_on(project, nexus_home)
    shutil.rmtree(nexus_home / "cache")
    with pytest.raises(UsageError, match="Start a new run"):
        Workspace.open(project, "run-1", nexus_home / "cache")


def test_a_git_project_is_copied_where_git_is_not_installed(
    tmp_path: Path, nexus_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repo(tmp_path / "repo", {"a.py": "a\n", ".gitignore": "*.log\n"})
    put(repo, "x.log", "no")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing-here"))
    workspace = open_on(repo, nexus_home)
    assert workspace.base_files() == (".gitignore", "a.py")
    assert not (workspace.root / ".git").exists()


def test_disposing_leaves_nothing_behind(project: Path, nexus_home: Path) -> None:
    workspace = open_on(project, nexus_home)
    workspace.dispose()
    assert list((nexus_home / "cache/worktrees").iterdir()) == []


def test_too_much_to_copy_is_refused_with_the_file_to_blame(project: Path, nexus_home: Path) -> None:
    with put(project, "data/huge.bin", b"").open("r+b") as file:
        file.truncate(300_000_000)
    with pytest.raises(UsageError, match=r"data/huge\.bin.*\.nexusignore"):
        open_on(project, nexus_home)


def test_a_home_directory_or_a_whole_system_is_no_project(
    tmp_path: Path, nexus_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home" / "ada"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for folder in (home, home.parent, Path("/")):
        with pytest.raises(UsageError, match="not a project"):
            open_on(folder, nexus_home)
    (home / "project").mkdir()
    assert open_on(home / "project", nexus_home).base_files() == ()


def test_what_is_no_folder_is_named(tmp_path: Path, nexus_home: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        open_on(tmp_path / "absent", nexus_home)
    with pytest.raises(UsageError, match="not a folder"):
        open_on(put(tmp_path, "file", "x"), nexus_home)
