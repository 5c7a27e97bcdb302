"""Applying edits to a folder: what changes, what stays to the byte, and what the model is told."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import StoreError
from core.edits import (
    ApplyResult,
    DeleteFile,
    Edit,
    EditPolicy,
    MakeExecutable,
    RenameFile,
    ReplaceInFile,
    Replacement,
    WriteFile,
    apply_edits,
)

Write = Callable[[str, bytes], Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def write(root: Path) -> Write:
    def put(path: str, data: bytes) -> Path:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        return target

    return put


def apply(root: Path, *edits: Edit, policy: EditPolicy | None = None) -> ApplyResult:
    return apply_edits(root, edits, policy or EditPolicy())


def swap(path: str, search: str, replace: str) -> ReplaceInFile:
    return ReplaceInFile(path, (Replacement(search, replace),))


# --- bytes that stay ---------------------------------------------------------------------------------

ends = st.sampled_from(["\n", "\r\n"])
words = st.text("abcdef #(){}=\t.é", max_size=12).filter(lambda text: text == text.strip())


@given(
    before=st.lists(st.tuples(words, ends), max_size=6),
    after=st.lists(st.tuples(words, ends), max_size=6),
    target_end=ends,
    new=st.lists(words.filter(bool), max_size=4),
    bom=st.booleans(),
    last_newline=st.booleans(),
)
def test_a_replacement_leaves_every_other_byte_alone(
    before: list[tuple[str, str]],
    after: list[tuple[str, str]],
    target_end: str,
    new: list[str],
    bom: bool,
    last_newline: bool,
) -> None:
    head = "".join(line + end for line, end in before)
    tail = "".join(line + end for line, end in after)
    if not last_newline:
        tail = tail.removesuffix("\n").removesuffix("\r")
    target = "UNIQUE TARGET LINE" + (target_end if tail or last_newline else "")
    mark = "\ufeff" if bom else ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "f.txt")
        file.write_bytes((mark + head + target + tail).encode())
        result = apply(Path(folder), swap("f.txt", "UNIQUE TARGET LINE\n", "".join(f"{line}\n" for line in new)))
        data = file.read_bytes().decode()
    assert not result.problems
    assert data.startswith(mark + head)
    assert data.endswith(tail)
    middle = data[len(mark + head) : len(data) - len(tail)]
    assert middle.replace("\r\n", "\n").splitlines() == new
    if new and not tail:
        assert middle.endswith("\n") == last_newline


@given(lines=st.lists(words, min_size=1, max_size=6), end=ends, bom=st.booleans(), last=st.booleans())
def test_a_whole_file_keeps_the_newline_style_bom_and_last_newline(
    lines: list[str], end: str, bom: bool, last: bool
) -> None:
    old = ("\ufeff" if bom else "") + end.join(["old", "lines"]) + (end if last else "")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "f.txt")
        file.write_bytes(old.encode())
        apply(Path(folder), WriteFile("f.txt", "".join(f"{line}\n" for line in lines)))
        data = file.read_bytes().decode()
    assert data == ("\ufeff" if bom else "") + end.join(lines) + (end if last else "")


def test_lines_a_replacement_keeps_keep_their_own_newlines(root: Path, write: Write) -> None:
    file = write("f.py", b"a\r\nb\nc\r\nd\r\n")
    apply(root, swap("f.py", "a\nb\nc\n", "a\nb\nnew\nc\n"))
    assert file.read_bytes() == b"a\r\nb\nnew\r\nc\r\nd\r\n"


def test_appending_after_a_last_line_without_newline(root: Path, write: Write) -> None:
    file = write("f.py", b"a\nb")
    apply(root, swap("f.py", "b\n", "b\nc\n"))
    assert file.read_bytes() == b"a\nb\nc"


def test_permissions_survive_and_the_executable_bit_can_be_given(root: Path, write: Write) -> None:
    write("run.sh", b"echo\n").chmod(0o750)
    plain = write("tool", b"x\n")
    plain.chmod(0o640)
    result = apply(root, WriteFile("run.sh", "echo hi\n"), MakeExecutable("tool"), WriteFile("new", "#!\n", True))
    assert result.changed == ("new", "run.sh", "tool")
    assert stat.S_IMODE((root / "run.sh").stat().st_mode) == 0o750
    assert stat.S_IMODE(plain.stat().st_mode) == 0o750
    assert (root / "new").stat().st_mode & stat.S_IXUSR


def test_a_rename_keeps_content_and_bit_and_later_edits_follow(root: Path, write: Write) -> None:
    write("old/a.sh", b"one\r\n").chmod(0o755)
    result = apply(root, RenameFile("old/a.sh", "new/b.sh"), swap("new/b.sh", "one\n", "two\n"))
    assert result.changed == ("new/b.sh", "old/a.sh")
    assert (root / "new/b.sh").read_bytes() == b"two\r\n"
    assert (root / "new/b.sh").stat().st_mode & stat.S_IXUSR
    assert not (root / "old").exists()


def test_writing_what_is_there_already_changes_nothing(root: Path, write: Write) -> None:
    write("a.py", b"x\n")
    assert apply(root, WriteFile("a.py", "x\n")) == ApplyResult((), ())


def test_deleting_removes_the_file(root: Path, write: Write) -> None:
    write("a.py", b"x\n")
    assert apply(root, DeleteFile("a.py")).changed == ("a.py",)
    assert not (root / "a.py").exists()


# --- matching ----------------------------------------------------------------------------------------


def test_trailing_whitespace_may_differ(root: Path, write: Write) -> None:
    file = write("f.py", b"def f():   \n    return 1\n")
    assert not apply(root, swap("f.py", "def f():\n    return 1  \n", "def f():\n    return 2\n")).problems
    assert file.read_bytes() == b"def f():   \n    return 2\n"


def test_a_uniform_indentation_shift_is_carried_over(root: Path, write: Write) -> None:
    file = write("f.py", b"class A:\n    def f(self):\n        return 1\n")
    apply(root, swap("f.py", "def f(self):\n    return 1\n", "def f(self):\n    x = 2\n\n    return x\n"))
    assert file.read_bytes() == b"class A:\n    def f(self):\n        x = 2\n\n        return x\n"


def test_too_much_indentation_is_taken_away(root: Path, write: Write) -> None:
    file = write("f.py", b"def f():\n\treturn 1\n")
    apply(root, swap("f.py", "\t\tdef f():\n\t\t\treturn 1\n", "\t\tdef f():\n\t\t\treturn 2\n"))
    assert file.read_bytes() == b"def f():\n\treturn 2\n"


def test_blank_lines_around_the_search_text_do_not_matter(root: Path, write: Write) -> None:
    file = write("f.py", b"a = 1\nb = 2\n")
    assert not apply(root, swap("f.py", "\nb = 2\n\n", "\nb = 3\n\n")).problems
    assert file.read_bytes() == b"a = 1\nb = 3\n"


def test_a_misremembered_line_is_forgiven_when_only_one_place_is_near(root: Path, write: Write) -> None:
    body = "def area(width, height):\n    # The area of a rectangle in metres.\n    return width * height\n"
    file = write("f.py", f"import os\n\n{body}\n\ndef other():\n    pass\n".encode())
    wrong = body.replace("in metres", "in meters")
    assert not apply(root, swap("f.py", wrong, wrong.replace("width * height", "abs(width * height)"))).problems
    text = file.read_text()
    assert "abs(width * height)" in text
    assert "in metres" in text, "a line the model only misremembered keeps its own text"


def test_two_places_that_are_equally_near_are_refused(root: Path, write: Write) -> None:
    one = "def area_of_one(width, height):\n    return width * height\n"
    file = write("f.py", (one + one.replace("one", "two")).encode())
    before = file.read_bytes()
    result = apply(root, swap("f.py", one.replace("one", "six"), "pass\n"))
    assert len(result.problems) == 1
    assert file.read_bytes() == before


@pytest.mark.parametrize("odd", ["    keep_this_call()", "y" * 600])
def test_one_unlike_line_in_a_long_block_is_not_forgiven(root: Path, write: Write, odd: str) -> None:
    lines = [f"    value_{n} = compute(value, other_{n})" for n in range(60)]
    file = write("f.py", "\n".join([*lines[:30], odd, *lines[30:], ""]).encode())
    before = file.read_bytes()
    misread = odd[:-4] + "z" if len(odd) > 400 else "    return 0"
    wrong = "\n".join([*lines[:30], misread, *lines[30:], ""])
    result = apply(root, swap("f.py", wrong, "\n".join([*lines, ""])))
    assert len(result.problems) == 1
    assert file.read_bytes() == before


def test_an_ambiguous_text_is_refused_with_its_lines(root: Path, write: Write) -> None:
    write("f.py", b"x = 1\ny = 2\nx = 1\n")
    result = apply(root, swap("f.py", "x = 1\n", "x = 3\n"))
    assert result.changed == ()
    assert "lines 1, 3" in result.problems[0].feedback


def test_a_failed_search_shows_the_nearest_real_lines_with_numbers(root: Path, write: Write) -> None:
    write("f.py", b"import os\n\ndef total(items):\n    return sum(items)\n")
    feedback = apply(root, swap("f.py", "def total(items):\n    return len(items) + 1\n", "")).problems[0].feedback
    assert "3 | def total(items):" in feedback
    assert "4 |     return sum(items)" in feedback


def test_feedback_shows_no_secret_and_no_escape(root: Path, write: Write) -> None:
    key = "sk-" + "a1B2" * 8
    write("f.py", f"KEY = '{key}'\x1b[31m\ndef total(items):\n    return 1\n".encode())
    feedback = apply(root, swap("f.py", "def total(items):\n    return 2 * 3\n", "")).problems[0].feedback
    assert "def total" in feedback
    assert key not in feedback
    assert "\x1b" not in feedback


def test_a_change_that_is_there_already_is_named_as_such(root: Path, write: Write) -> None:
    write("f.py", b"value = compute_new(1, 2)\n")
    result = apply(root, swap("f.py", "old_thing()\n", "value = compute_new(1, 2)\n"))
    assert "already there, at line 1" in result.problems[0].feedback


def test_good_pairs_are_applied_and_only_the_bad_one_comes_back(root: Path, write: Write) -> None:
    file = write("f.py", b"a = 1\nb = 2\nc = 3\n")
    good, bad = Replacement("a = 1\n", "a = 9\n"), Replacement("missing_name(1)\n", "x\n")
    result = apply(root, ReplaceInFile("f.py", (good, bad, Replacement("c = 3\n", "c = 8\n"))))
    assert file.read_bytes() == b"a = 9\nb = 2\nc = 8\n"
    assert "2 of 3" in result.problems[0].feedback
    assert "do not send them again" in result.problems[0].feedback


def test_a_search_in_a_large_repetitive_file_ends_in_a_result(root: Path, write: Write) -> None:
    write("f.py", b"    value = compute(value, other)  # again\n" * 20_000)
    search = "".join(f"    value = compute(value, otter{n})  # again\n" for n in range(200))
    result = apply(root, swap("f.py", search, "x\n"))
    assert result.changed == ()


def test_empty_search_creates_a_missing_file_and_is_refused_on_another(root: Path, write: Write) -> None:
    write("f.py", b"x\n")
    result = apply(root, swap("new.py", "", "x = 1\n"), swap("f.py", "", "y\n"))
    assert (root / "new.py").read_bytes() == b"x = 1\n"
    assert [problem.path for problem in result.problems] == ["f.py"]
    assert (root / "f.py").read_bytes() == b"x\n"


def test_code_that_was_left_out_is_never_written(root: Path, write: Write) -> None:
    write("f.py", b"a = 1\nb = 2\n")
    result = apply(root, WriteFile("f.py", "a = 2\n# ... rest of the code unchanged ...\n"))
    assert result.changed == ()
    assert "left out" in result.problems[0].reason


# --- what may not be touched -------------------------------------------------------------------------


def snapshot(folder: Path) -> dict[str, bytes | str]:
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


REFUSED = [
    "/etc/passwd", "../outside.py", "a/../../outside.py", "a/./b.py", "a//b.py", "~/x.py", "C:/x.py", "C:\\x.py", "",
    ".git/config", ".git", "sub/.git/hooks/pre-commit", ".GIT/config", ".nexus/config.yaml", ".env", "prod.env",
    "deep/.env.local", "server.pem", "id_rsa", "keys/server.key", "credentials", ".netrc", ".aws/config",
    "vault.kdbx", "cert.pfx", "secrets.yaml", "nul", "con.py", "a/LPT1.txt", "dot.", "space ", "a\x1b[31m.py",
    "a\nb.py", "a\u202eb.py", "x" * 256, "d/" * 130 + "f.py", "link/inside.py", "link.py", "folder", "file/under.py",
    "FILE", "nested/mine.py", "vendored/lib.py", "vendored",
]  # fmt: skip


@pytest.mark.parametrize("path", REFUSED)
def test_refused_paths_never_touch_the_disk(root: Path, write: Write, path: str) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "inside.py").write_text("secret\n")
    (root / "link").symlink_to(outside)
    (root / "link.py").symlink_to(outside / "inside.py")
    write("folder/x.py", b"x\n")
    write("file", b"x\n")
    write("nested/.git", b"gitdir: elsewhere\n")
    write("vendored/lib.py", b"x\n")
    write("good.py", b"x\n")
    before = snapshot(root.parent)
    policy = EditPolicy(readonly_prefixes=("vendored/",))
    edits: list[Edit] = [WriteFile(path, "y\n", True), swap(path, "x\n", "y\n"), swap(path, "", "y\n"),
                         DeleteFile(path), RenameFile("good.py", path), RenameFile(path, "taken.py"),
                         MakeExecutable(path)]  # fmt: skip
    for edit in edits:
        result = apply(root, edit, policy=policy)
        assert result.changed == ()
        assert len(result.problems) == 1
        assert "\x1b" not in result.problems[0].feedback + result.problems[0].path
    assert snapshot(root.parent) == before


@given(st.text(max_size=40))
def test_no_path_whatever_writes_outside_the_folder(path: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "work")
        root.mkdir()
        apply(root, WriteFile(path, "x\n"))
        assert [entry.name for entry in Path(folder).iterdir()] == ["work"]


@pytest.mark.parametrize("path", [".env.example", ".github/workflows/ci.yml", "src/keys.py", "app/[id]/page.tsx"])
def test_harmless_neighbours_of_refused_names_are_written(root: Path, path: str) -> None:
    assert apply(root, WriteFile(path, "x\n")).changed == (path,)


@pytest.mark.parametrize(
    ("first", "second"), [("a.py", "A.py"), ("pkg", "pkg/mod.py"), ("pkg/mod.py", "pkg"), ("pkg/a.py", "PKG/A.py")]
)
def test_two_new_files_that_cannot_both_exist_everywhere(root: Path, first: str, second: str) -> None:
    result = apply(root, WriteFile(first, "1\n"), WriteFile(second, "2\n"))
    assert result.changed == (first,)
    assert len(result.problems) == 1


@pytest.mark.parametrize("content", ["a\0b\n", "\ud800\n", "x" * 1_000_001])
def test_binary_and_oversized_content_is_refused(root: Path, write: Write, content: str) -> None:
    write("old.txt", b"old\n")
    result = apply(
        root, WriteFile("new.txt", content), WriteFile("old.txt", content), swap("old.txt", "old\n", content)
    )
    assert result.changed == ()
    assert len(result.problems) == 3


@pytest.mark.parametrize("data", [b"\x89PNG\0\1", "caf\xe9\n".encode("latin-1")])
def test_a_file_that_is_not_utf8_text_is_not_edited(root: Path, write: Write, data: bytes) -> None:
    file = write("f.txt", data)
    assert len(apply(root, WriteFile("f.txt", "x\n"), swap("f.txt", "caf\n", "x\n")).problems) == 2
    assert file.read_bytes() == data


def test_a_missing_file_is_answered_with_the_nearest_paths(root: Path, write: Write) -> None:
    write("src/app/models.py", b"x\n")
    feedback = apply(root, swap("src/models.py", "x\n", "y\n")).problems[0].feedback
    assert "src/app/models.py" in feedback


def test_a_rename_onto_an_existing_file_is_refused(root: Path, write: Write) -> None:
    write("a.py", b"a\n")
    write("b.py", b"b\n")
    assert apply(root, RenameFile("a.py", "b.py")).changed == ()
    assert (root / "b.py").read_bytes() == b"b\n"


def test_more_edits_than_the_policy_allows_are_cut_off(root: Path) -> None:
    edits = [WriteFile(f"f{n}.py", "x\n") for n in range(5)]
    result = apply(root, *edits, policy=EditPolicy(max_edits=3))
    assert result.changed == ("f0.py", "f1.py", "f2.py")
    assert len(result.problems) == 1


def test_a_folder_that_cannot_be_written_is_one_clear_error(root: Path, write: Write) -> None:
    write("a.py", b"x\n")
    full = Path("/proc/self")
    with pytest.raises(StoreError, match=r"Cannot write new\.py"):
        apply_edits(full, [WriteFile("new.py", "x\n")], EditPolicy())
