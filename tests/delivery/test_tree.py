"""Files are replaced whole, only if they are what the caller saw, and never outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.files.tree import Entry, Moved, PathRefused, Tree
from tests.support.delivery import picture, put

NEW = Entry(b"new\n", 0o100644)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    put(tmp_path / "root", "a.py", "a\n")
    return Tree(tmp_path / "root")


def test_a_file_saved_at_the_last_moment_is_never_overwritten(tree: Tree) -> None:
    seen = tree.read("a.py")
    put(tree.root, "a.py", "saved just now\n")
    before = picture(tree.root)
    for new in (NEW, None):
        with pytest.raises(Moved):
            tree.replace("a.py", seen, new, "tmp")
    with pytest.raises(Moved):
        tree.replace("a.py", None, NEW, "tmp")
    assert picture(tree.root) == before


def test_a_file_that_appeared_or_went_at_the_last_moment_is_noticed(tree: Tree) -> None:
    with pytest.raises(Moved):
        tree.replace("absent.py", NEW, Entry(b"x", 0o100644), "tmp")
    with pytest.raises(Moved):
        tree.replace("absent.py", NEW, None, "tmp")
    assert set(picture(tree.root)) == {"a.py"}


@pytest.mark.parametrize(
    "path", ["../out", "/etc/passwd", "a/../../out", ".git/config", "sub/.GIT/hooks/x", "", "a\0b"]
)
def test_paths_out_of_the_folder_or_into_git_are_refused(tree: Tree, path: str) -> None:
    with pytest.raises(PathRefused):
        tree.replace(path, None, NEW, "tmp")
    with pytest.raises(PathRefused):
        tree.read(path)


def test_links_on_the_way_are_refused_and_a_link_at_the_end_is_not_followed(tree: Tree, tmp_path: Path) -> None:
    outside = put(tmp_path / "outside", "x.py", "mine\n")
    (tree.root / "link").symlink_to(outside.parent)
    (tree.root / "file").symlink_to(outside)
    with pytest.raises(PathRefused, match="symbolic link"):
        tree.replace("link/x.py", Entry(b"mine\n", 0o100644), NEW, "tmp")
    with pytest.raises(PathRefused, match="symbolic link"):
        tree.read("link/x.py")
    tree.replace("file", tree.read("file"), NEW, "tmp")
    assert outside.read_text() == "mine\n"
    assert (tree.root / "file").read_text() == "new\n"
