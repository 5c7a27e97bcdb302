"""What a run changes, read for people: from its workspace, and later from the record of its delivery."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import DeliveryConflict, NexusError, StoreError
from config.paths import user_paths
from core.files.line_diff import ALLOWANCE, changed_words, compare, hunks
from core.run.proposal import MOST_BYTES, FileProposal, Proposal, read_proposal
from core.run.runs import set_status
from core.storage.store import Store
from tests.support.delivery import Run, git, make_repo, picture, put

TEXT = "one\ntwo\nthree\nfour\nfive\n"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", {"a.py": TEXT, "b.py": TEXT, "deep/er/c.py": TEXT})


@pytest.fixture
def run(repo: Path, store: Store, nexus_home: Path) -> Run:
    return Run.on(repo, store, nexus_home)


def read(run: Run) -> Proposal:
    return read_proposal(run.store, user_paths(), run.id)


def only(run: Run) -> FileProposal:
    (file,) = read(run).files
    return file


def stats(proposal: Proposal) -> list[tuple[str, str, int, int]]:
    return [(file.path, file.kind, file.added, file.removed) for file in proposal.files]


CHANGED = [("a.py", "changed", 2, 1), ("deep/er/c.py", "deleted", 0, 5), ("new/n.py", "added", 1, 0)]


def change(run: Run) -> None:
    run.write("a.py", TEXT.replace("two\n", "2\n2.5\n"))
    run.remove("deep/er/c.py")
    run.write("new/n.py", "n\n")


# --- where it comes from ---


def test_while_a_run_works_its_own_copy_is_compared_with_its_base(repo: Path, run: Run) -> None:
    change(run)
    put(repo, "a.py", "the user moved on\n")
    git(repo, "commit", "--quiet", "--all", "--message", "meanwhile")
    proposal = read(run)
    assert (stats(proposal), proposal.delivery) == (CHANGED, None)
    assert proposal.files[0].before is not None
    assert proposal.files[0].before.text == TEXT
    assert proposal.files[0].after is not None
    assert proposal.files[0].after.text == "one\n2\n2.5\nthree\nfour\nfive\n"


def test_looking_changes_nothing_of_the_user_and_nothing_of_the_run(repo: Path, run: Run, nexus_home: Path) -> None:
    change(run)
    worktree = nexus_home / "cache/worktrees" / run.id

    def seen() -> object:
        stamps = {path: path.lstat().st_mtime_ns for path in [*worktree.rglob("*"), *repo.rglob("*")]}
        return picture(repo), picture(worktree), stamps, git(repo, "for-each-ref")

    before = seen()
    read(run)
    assert seen() == before


def test_a_run_without_changes_proposes_nothing(run: Run) -> None:
    assert read(run).files == ()


def test_without_git_the_copy_is_compared_all_the_same(tmp_path: Path, store: Store, nexus_home: Path) -> None:
    project = tmp_path / "plain"
    for path in ("a.py", "deep/er/c.py"):
        put(project, path, TEXT)
    run = Run.on(project, store, nexus_home)
    change(run)
    assert stats(read(run)) == CHANGED


def test_after_a_delivery_the_record_tells_though_the_copy_is_put_away_and_the_files_moved_on(
    repo: Path, run: Run
) -> None:
    change(run)
    delivered = run.deliver()
    run.workspace.dispose()
    put(repo, "a.py", "later\n")
    proposal = read(run)
    assert stats(proposal) == CHANGED
    assert proposal.delivery is not None
    assert (proposal.delivery.state, proposal.delivery.commit) == ("APPLIED", delivered.commit)


def test_only_what_was_approved_is_told_of_a_delivery(run: Run) -> None:
    change(run)
    run.deliver(only=["a.py"])
    assert [file.path for file in read(run).files] == ["a.py"]


def test_an_undone_delivery_still_shows_what_it_was(run: Run) -> None:
    change(run)
    run.deliver()
    run.undo()
    run.workspace.dispose()
    proposal = read(run)
    assert stats(proposal) == CHANGED
    assert proposal.delivery is not None
    assert proposal.delivery.state == "UNDONE"


def test_a_branch_shows_the_change_and_its_name(run: Run) -> None:
    change(run)
    branch = run.deliver(mode="branch").branch
    run.workspace.dispose()
    proposal = read(run)
    assert stats(proposal) == CHANGED
    assert proposal.delivery is not None
    assert proposal.delivery.branch == branch != ""


def test_after_a_conflict_the_whole_change_is_there_with_where_it_was_kept(repo: Path, run: Run) -> None:
    change(run)
    put(repo, "a.py", "mine\n")
    with pytest.raises(DeliveryConflict):
        run.deliver()
    set_status(run.store, run.id, "finished")
    for _ in ("with its workspace", "without"):
        proposal = read(run)
        assert stats(proposal) == CHANGED
        assert proposal.delivery is not None
        assert (proposal.delivery.state, proposal.delivery.branch) == ("CONFLICT", f"nexus/{run.id}")
        run.workspace.dispose()


def test_a_live_run_that_conflicted_before_is_shown_as_it_works_now(repo: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    put(repo, "a.py", "mine\n")
    with pytest.raises(DeliveryConflict):
        run.deliver()
    set_status(run.store, run.id, "running")
    run.write("b.py", "B\n")
    proposal = read(run)
    assert ([file.path for file in proposal.files], proposal.delivery) == (["a.py", "b.py"], None)


@pytest.mark.parametrize(
    ("status", "sentence"), [("queued", "has not made its copy"), ("finished", "is gone, and it delivered nothing")]
)
def test_a_copy_that_is_not_there_is_a_sentence(run: Run, nexus_home: Path, status: str, sentence: str) -> None:
    set_status(run.store, run.id, status)
    shutil.rmtree(nexus_home / "cache")
    with pytest.raises(StoreError, match=sentence) as raised:
        read(run)
    assert raised.value.remedy


def test_a_half_made_copy_is_not_mended_by_looking_at_it(run: Run, nexus_home: Path) -> None:
    set_status(run.store, run.id, "running")
    (nexus_home / "cache/worktrees" / run.id / "workspace.json").unlink()
    before = picture(nexus_home / "cache")
    with pytest.raises(StoreError, match="has not made its copy"):
        read(run)
    assert picture(nexus_home / "cache") == before


def test_lost_contents_and_a_lost_project_are_sentences(repo: Path, run: Run) -> None:
    run.write("a.py", "A\n")
    shutil.move(repo, repo.with_name("moved"))
    with pytest.raises(NexusError, match="cannot be read"):
        read(run)
    shutil.move(repo.with_name("moved"), repo)
    run.deliver()
    shutil.rmtree(run.artefacts / "blobs")
    with pytest.raises(StoreError, match="missing from"):
        read(run)


# --- what is shown of a file ---


def test_binary_files_and_very_large_ones_come_with_their_sizes_only(run: Run) -> None:
    run.write("a.py", b"\0" * 10)
    run.write("b.py", "x" * (MOST_BYTES + 1))
    binary, large = read(run).files
    assert (binary.hidden, large.hidden) == ("binary", "too large")
    for file, size in ((binary, 10), (large, MOST_BYTES + 1)):
        assert file.before is not None
        assert file.after is not None
        assert (file.before.size, file.after.size) == (len(TEXT), size)
        assert (file.blocks, file.added, file.removed, file.after.text) == ((), 0, 0, "")


def test_what_lines_do_not_show_is_said(run: Run) -> None:
    run.write("a.py", TEXT, 0o755)
    run.write("b.py", TEXT.replace("\n", "\r\n"))
    run.remove("deep/er/c.py")
    (run.workspace.root / "deep/er").mkdir(parents=True, exist_ok=True)
    (run.workspace.root / "deep/er/c.py").symlink_to("/etc/passwd")
    run.write("new.sh", "#!/bin/sh\n", 0o755)
    remarks = {file.path: file.remarks for file in read(run).files}
    assert remarks == {
        "a.py": ("becomes executable",),
        "b.py": ("line ends: LF become CRLF",),
        "deep/er/c.py": ("becomes a symbolic link",),
        "new.sh": ("executable",),
    }


def test_a_missing_newline_at_the_end_is_a_difference(run: Run) -> None:
    run.write("a.py", TEXT.removesuffix("\n"))
    file = only(run)
    assert (file.added, file.removed) == (1, 1)


def test_bytes_that_are_not_utf8_are_compared_exactly_and_shown_as_replacement(run: Run) -> None:
    run.write("latin.txt", b"caf\xe9\n")
    run.deliver(commit=False)
    file = only(run)
    assert file.after is not None
    assert file.after.text == "caf\N{REPLACEMENT CHARACTER}\n"
    assert file.after.lines == ("caf\udce9\n",)


def test_hostile_names_come_through_unchanged_because_they_are_what_is_approved(run: Run) -> None:
    names = ["\x1b]52;c;ZXZpbA==\x07.py", "[red]x[/red].py", "caf\udce9.txt", "two\nlines.py"]
    for name in names:
        run.write(name, "x\n")
    assert [file.path for file in read(run).files] == sorted(names)


# --- the comparison ---


LINES = st.lists(st.sampled_from("abcdef"), max_size=14)


@given(old=LINES, new=LINES, allowance=st.sampled_from([0, 4, 30, ALLOWANCE]))
def test_blocks_account_for_every_line_once_and_equal_means_equal(
    old: list[str], new: list[str], allowance: int
) -> None:
    blocks = compare(old, new, allowance)
    rebuilt_old = [line for block in blocks for line in old[block.old_from : block.old_to]]
    rebuilt_new = [line for block in blocks for line in new[block.new_from : block.new_to]]
    assert (rebuilt_old, rebuilt_new) == (old, new)
    assert all(left.equal != right.equal for left, right in pairwise(blocks))
    for block in blocks:
        if block.equal:
            assert old[block.old_from : block.old_to] == new[block.new_from : block.new_to]


@given(old=LINES, new=LINES, context=st.integers(0, 3))
def test_hunks_hold_every_change_and_never_more_context_than_asked_for(
    old: list[str], new: list[str], context: int
) -> None:
    blocks = compare(old, new)
    found = hunks(blocks, context)
    assert [block for hunk in found for block in hunk if not block.equal] == [b for b in blocks if not b.equal]
    for hunk in found:
        assert any(not block.equal for block in hunk)
        for at, block in enumerate(hunk):
            most = context if at in (0, len(hunk) - 1) else 2 * context
            assert not block.equal or block.old_to - block.old_from <= most


def test_a_small_change_in_a_large_file_is_found_exactly() -> None:
    old = [f"line {number}\n" for number in range(50_000)]
    new = [*old[:100], "new\n", *old[100:40_000], *old[40_001:]]
    assert [block for block in compare(old, new) if not block.equal] == [
        (False, 100, 100, 100, 101),
        (False, 40_000, 40_001, 40_001, 40_001),
    ]


class Counted(str):
    """A line that counts how often it is compared."""

    times = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.times += 1
        return str.__eq__(self, other)


def test_the_work_is_bounded_however_the_lines_repeat() -> None:
    Counted.times = 0
    old = [Counted("ab"[number % 2]) for number in range(60_000)]
    new = [Counted("bac"[number % 3]) for number in range(60_000)]
    blocks = compare(old, new)
    assert sum(block.added for block in blocks) <= 60_000
    assert Counted.times < ALLOWANCE


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("total = a + b", "total = a - b", (["+"], ["-"])),
        ("def f(x):", "def f(x, y):", ([], [", y"])),
        ("nothing alike", "@@@@@@", ([], [])),
        ("x" * 2000, "x" * 2001, ([], [])),
    ],
)
def test_words_that_changed_within_a_line(old: str, new: str, parts: tuple[list[str], list[str]]) -> None:
    spans_old, spans_new = changed_words(old, new)
    assert ([old[a:b] for a, b in spans_old], [new[a:b] for a, b in spans_new]) == parts
