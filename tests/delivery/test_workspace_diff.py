"""The diff people read is one that `git apply` understands."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.files.tree import Entry
from core.workspace import Workspace
from core.workspace.changes import Pair, patch
from tests.support.delivery import git, make_repo, picture, put

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "x\r", "\f", "é"]), max_size=12)


@given(old=LINES, new=LINES, ends=st.tuples(st.booleans(), st.booleans()))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_git_apply_turns_the_old_text_into_the_new_one(
    tmp_path: Path, old: list[str], new: list[str], ends: tuple[bool, bool]
) -> None:
    before = ("\n".join(old) + "\n" * ends[0]).encode()
    after = ("\n".join(new) + "\n" * ends[1]).encode()
    file = put(tmp_path, "f.txt", before)
    text = patch((Pair("f.txt", Entry(before, 0o100644), Entry(after, 0o100644)),))
    if before != after:
        subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=text, check=True)
    assert file.read_bytes() == after


def test_added_deleted_renamed_modes_links_and_odd_names_apply(tmp_path: Path, nexus_home: Path) -> None:
    repo = make_repo(
        tmp_path / "repo",
        {"gone.py": "x\n", "mode.sh": "echo\n", "sp ace.txt": "1\n", 'q"uo\\te\t.txt': "1\n", "é": "1\n"},
    )
    workspace = Workspace.create(repo, "run-1", nexus_home / "cache")
    root = workspace.root
    (root / "gone.py").unlink()
    (root / "mode.sh").chmod(0o755)
    put(root, "new dir/new.py", "n\n", 0o755)
    put(root, "empty", "")
    (root / "link").symlink_to("mode.sh")
    for name in ("sp ace.txt", 'q"uo\\te\t.txt', "é"):
        put(root, name, "2\n")
    subprocess.run(["git", "apply", "-"], cwd=repo, input=workspace.diff().encode(), check=True)
    assert picture(repo) == picture(root)


def test_a_file_that_became_a_link_is_one_removed_and_one_added(tmp_path: Path, nexus_home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a": "text\n", "b": "b\n"})
    workspace = Workspace.create(repo, "run-1", nexus_home / "cache")
    (workspace.root / "a").unlink()
    (workspace.root / "a").symlink_to("b")
    subprocess.run(["git", "apply", "-"], cwd=repo, input=workspace.diff().encode(), check=True)
    assert (repo / "a").readlink() == Path("b")


def test_binary_files_are_named_not_shown(tmp_path: Path, nexus_home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"logo.png": b"\x89PNG\0\1"})
    workspace = Workspace.create(repo, "run-1", nexus_home / "cache")
    put(workspace.root, "logo.png", b"\x89PNG\0\2" + os.urandom(9))
    assert workspace.diff().splitlines()[1:] == ["Binary files a/logo.png and b/logo.png differ"]


def test_an_edit_of_the_same_size_at_the_same_moment_is_seen(tmp_path: Path, nexus_home: Path) -> None:
    for name, files in (("git", {"a.py": "a = 1\n"}), ("copy", {})):
        folder = tmp_path / name
        make_repo(folder, files) if files else put(folder, "a.py", "a = 1\n")  # type: ignore[arg-type]
        workspace = Workspace.create(folder, f"run-{name}", nexus_home / "cache")
        file = workspace.root / "a.py"
        stamp = file.stat().st_mtime_ns
        with file.open("r+b") as handle:
            handle.write(b"a = 2\n")
        if name == "git":
            os.utime(file, ns=(stamp, stamp))
        assert [change.path for change in workspace.changes()] == ["a.py"], name
    assert git(tmp_path / "git", "status", "--porcelain") == ""
