"""Delivery to the user's files: all or nothing, and never over what the user did meanwhile."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from config.errors import DeliveryConflict
from core.storage.locks import FileLock
from core.storage.store import Store
from tests.support.delivery import Run, git, make_repo, picture, put

TEXT = "one\ntwo\nthree\nfour\nfive\n"


@pytest.fixture(params=["git", "plain"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    if request.param == "git":
        make_repo(folder, {})
    for name in ("a.py", "b.py", "gone.py", "pkg/deep/c.py"):
        put(folder, name, TEXT)
    put(folder, "run.sh", "#!/bin/sh\n", 0o700)
    return folder


@pytest.fixture
def run(project: Path, store: Store, nexus_home: Path) -> Run:
    return Run.on(project, store, nexus_home)


def change_everything(run: Run) -> None:
    run.write("a.py", "A\n")
    run.remove("gone.py")
    run.remove("pkg/deep/c.py")
    run.write("new/folder/n.py", "n\n")
    run.write("tool.sh", "#!/bin/sh\n", 0o755)
    run.write("run.sh", "#!/bin/sh\necho\n", 0o755)
    (run.workspace.root / "link").symlink_to("a.py")


def test_every_kind_of_change_arrives_with_permissions_kept(project: Path, run: Run) -> None:
    change_everything(run)
    delivery = run.deliver()
    assert delivery.state == run.state == "APPLIED"
    assert delivery.files == tuple(sorted(delivery.files))
    assert (project / "a.py").read_text() == "A\n"
    assert not (project / "gone.py").exists()
    assert not (project / "pkg").exists()
    assert (project / "new/folder/n.py").read_text() == "n\n"
    assert (project / "run.sh").stat().st_mode & 0o777 == 0o700
    assert (project / "tool.sh").stat().st_mode & 0o100
    assert (project / "link").readlink() == Path("a.py")
    assert (project / "b.py").read_text() == TEXT


def test_delivering_again_answers_the_same_and_changes_nothing(project: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    first = run.deliver()
    put(project, "a.py", "the user goes on\n")
    assert run.deliver() == first
    assert (project / "a.py").read_text() == "the user goes on\n"


def test_only_approved_files_are_delivered(project: Path, run: Run) -> None:
    change_everything(run)
    assert run.deliver(only=("a.py", "new/folder/n.py")).files == ("a.py", "new/folder/n.py")
    assert (project / "gone.py").exists()


def test_nothing_changed_is_nothing_delivered(project: Path, run: Run) -> None:
    before = picture(project)
    assert run.deliver().files == ()
    assert picture(project) == before


def test_edits_the_user_made_meanwhile_are_merged(project: Path, run: Run) -> None:
    run.write("a.py", TEXT.replace("five", "FIVE"))
    put(project, "a.py", TEXT.replace("one", "ONE"), 0o600)
    put(project, "b.py", "mine alone\n")
    assert run.deliver().files == ("a.py",)
    assert (project / "a.py").read_text() == "ONE\ntwo\nthree\nfour\nFIVE\n"
    assert (project / "a.py").stat().st_mode & 0o777 == 0o600
    assert (project / "b.py").read_text() == "mine alone\n"


def test_a_change_the_user_made_too_is_no_conflict(project: Path, run: Run) -> None:
    run.write("a.py", "same\n")
    run.write("b.py", "B\n")
    put(project, "a.py", "same\n")
    assert run.deliver().files == ("b.py",)


@pytest.mark.parametrize("clash", ["same lines", "deleted", "appeared", "kept", "folder", "pipe", "link"])
def test_a_conflict_delivers_nothing_and_keeps_the_work(project: Path, run: Run, clash: str) -> None:
    change_everything(run)
    if clash == "same lines":
        put(project, "a.py", "mine\n")
    elif clash == "deleted":
        (project / "a.py").unlink()
    elif clash == "appeared":
        put(project, "tool.sh", "mine\n")
    elif clash == "kept":
        put(project, "gone.py", "still needed\n")
    elif clash == "folder":
        put(project, "link/of/mine", "x")
    elif clash == "pipe":
        os.mkfifo(project / "tool.sh")
    else:
        (project / "a.py").unlink()
        (project / "a.py").symlink_to("b.py")
    before = picture_of_files(project)
    with pytest.raises(DeliveryConflict, match="Nothing was delivered") as raised:
        run.deliver()
    assert raised.value.exit_code == 8
    assert picture_of_files(project) == before
    assert run.state == "CONFLICT"
    if (project / ".git").exists():
        branch = f"nexus/{run.id}"
        assert branch in raised.value.remedy
        assert git(project, "show", f"{branch}:new/folder/n.py") == "n"
        assert git(project, "show", f"{branch}:a.py") == "A"
        assert "gone.py" not in git(project, "ls-tree", "-r", "--name-only", branch).splitlines()
    else:
        kept = run.artefacts / "changes.patch"
        assert str(kept) in raised.value.remedy
        assert b"+A\n" in kept.read_bytes()


def picture_of_files(project: Path) -> dict[str, object]:
    pipe = project / "tool.sh"
    if pipe.is_fifo():
        return {str(path): path.lstat().st_mode for path in project.rglob("*") if ".git" not in path.parts}
    return dict(picture(project))


def test_a_conflict_that_the_user_mended_is_delivered_by_the_next_try(project: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    put(project, "a.py", "mine\n")
    with pytest.raises(DeliveryConflict):
        run.deliver()
    put(project, "a.py", TEXT)
    assert run.deliver().state == "APPLIED"
    assert (project / "a.py").read_text() == "A\n"


def test_a_folder_that_became_a_link_out_of_the_project_is_refused(project: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    run.write("pkg/deep/c.py", "C\n")
    outside = project.parent / "outside"
    put(outside, "c.py", TEXT)
    (project / "pkg/deep/c.py").unlink()
    (project / "pkg/deep").rmdir()
    (project / "pkg/deep").symlink_to(outside)
    with pytest.raises(DeliveryConflict, match="symbolic link"):
        run.deliver()
    assert (outside / "c.py").read_text() == TEXT
    assert (project / "a.py").read_text() == TEXT


def test_a_file_becomes_a_folder_and_a_folder_a_file(project: Path, run: Run) -> None:
    run.remove("a.py")
    run.write("a.py/inner.py", "x\n")
    run.remove("pkg/deep/c.py")
    (run.workspace.root / "pkg/deep").rmdir()
    (run.workspace.root / "pkg").rmdir()
    run.write("pkg", "now a file\n")
    before = picture(project)
    run.deliver()
    assert (project / "a.py/inner.py").read_text() == "x\n"
    assert (project / "pkg").read_text() == "now a file\n"
    run.undo()
    assert picture(project) == before


def test_a_failure_in_the_middle_takes_everything_back(project: Path, run: Run) -> None:
    """A folder where the run wants a file, seen only when the file is put there: the last step fails."""
    run.write("a.py", "A\n")
    run.write("b.py", "B\n")
    run.remove("gone.py")
    run.write("zzz", "Z\n")
    (project / "zzz").mkdir()
    before = picture(project)
    with pytest.raises(DeliveryConflict, match="zzz"):
        run.deliver()
    assert picture(project) == before


def test_two_runs_deliver_one_after_the_other(project: Path, store: Store, nexus_home: Path) -> None:
    runs = [Run.on(project, store, nexus_home, number) for number in (1, 2)]
    runs[0].write("a.py", TEXT.replace("one", "ONE"))
    runs[1].write("a.py", TEXT.replace("five", "FIVE"))
    threads = [threading.Thread(target=run.deliver) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (project / "a.py").read_text() == "ONE\ntwo\nthree\nfour\nFIVE\n"


def test_a_delivery_that_never_ends_is_not_waited_for_without_end(project: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    run.deliver()
    lock = FileLock(next((run.store.path.parent / "locks").iterdir()))
    lock.acquire()
    with pytest.raises(DeliveryConflict, match="Another run is delivering"):
        run.deliver(wait_s=0.02)


def test_what_is_kept_for_undo_is_readable_by_this_user_only(project: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    run.deliver()
    blobs = list((run.artefacts / "blobs").iterdir())
    assert len(blobs) == 2
    assert {blob.stat().st_mode & 0o777 for blob in blobs} == {0o600}
    assert run.artefacts.stat().st_mode & 0o777 == 0o700
