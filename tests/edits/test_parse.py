"""Reading edits out of answers: what is understood, and what is refused rather than guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.edits import (
    EDIT_FORMAT_HELP,
    DeleteFile,
    Edit,
    MakeExecutable,
    RenameFile,
    ReplaceInFile,
    Replacement,
    WriteFile,
    parse_edits,
)
from tests.support.edit_text import render_edits

names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_ .\-]{0,10}[a-z0-9]", fullmatch=True).filter(
    lambda text: "  " not in text
)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
lines = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=("Cs",)), max_size=30)
plain_lines = lines.filter(lambda line: not line.lstrip().startswith(("<<<<<", ">>>>>", "=====", "```", "~~~")))
fence_lines = st.sampled_from(["```", "```python", "````", "~~~", "### a.py", "# x/y.py"])
contents = st.lists(plain_lines | fence_lines, max_size=8).map(lambda some: "".join(f"{line}\n" for line in some))
pairs = st.builds(Replacement, contents, contents)
any_edit: st.SearchStrategy[Edit] = st.one_of(
    st.builds(WriteFile, paths, contents, st.booleans()),
    st.builds(ReplaceInFile, paths, st.lists(pairs, min_size=1, max_size=3).map(tuple), st.booleans()),
    st.builds(DeleteFile, paths),
    st.builds(RenameFile, paths, paths),
    st.builds(MakeExecutable, paths),
)


@given(st.lists(any_edit, max_size=5))
def test_edits_survive_being_written_and_read(edits: list[Edit]) -> None:
    parsed = parse_edits(render_edits(edits))
    assert parsed.problems == ()
    assert parsed.edits == tuple(edits)


@given(st.lists(any_edit, max_size=3))
def test_windows_newlines_change_nothing(edits: list[Edit]) -> None:
    text = render_edits(edits)
    assert parse_edits(text.replace("\n", "\r\n")) == parse_edits(text)


@given(st.text(max_size=400))
def test_any_text_parses(text: str) -> None:
    parsed = parse_edits(text)
    assert all(problem.feedback for problem in parsed.problems)


@given(st.lists(any_edit, min_size=1, max_size=3), st.data())
def test_a_truncated_answer_never_yields_half_a_block(edits: list[Edit], data: st.DataObject) -> None:
    text = render_edits(edits)
    cut = text[: data.draw(st.integers(0, len(text)))]
    whole = [edit for edit in edits if isinstance(edit, WriteFile)]
    got = [edit for edit in parse_edits(cut).edits if isinstance(edit, WriteFile)]
    assert got == whole[: len(got)]


def test_the_help_text_is_itself_an_answer_in_the_format() -> None:
    parsed = parse_edits(EDIT_FORMAT_HELP)
    assert not parsed.problems
    assert [type(edit) for edit in parsed.edits] == [WriteFile, ReplaceInFile, DeleteFile, RenameFile, MakeExecutable]


@pytest.mark.parametrize(
    "heading",
    [
        "### src/a.py",
        "## src/a.py",
        "#### `src/a.py`",
        "### **src/a.py**",
        "### **`src/a.py`**:",
        "### File: src/a.py",
        "### 2. `src/a.py` (new file)",
        "### ./src/a.py ###",
        "### src\\a.py",
    ],
)
@pytest.mark.parametrize("fence", ["```", "```python", "~~~py", "`````"])
def test_headings_and_fences_of_real_models_are_understood(heading: str, fence: str) -> None:
    closing = fence.rstrip("python")
    parsed = parse_edits(f"Sure.\n\n{heading}\n\n{fence}\nx = 1\n{closing}\n\nDone.")
    assert parsed.edits == (WriteFile("src/a.py", "x = 1\n"),)


@pytest.mark.parametrize("heading", ["### Explanation", "## How to run", "### Version 2.0 notes"])
def test_blocks_under_prose_headings_are_not_files(heading: str) -> None:
    parsed = parse_edits(f"### a.py\n```\nx\n```\n{heading}\n```\nexample\n```\n")
    assert parsed.edits == (WriteFile("a.py", "x\n"),)
    assert not parsed.problems


@pytest.mark.parametrize("heading", ["### Changes to src/a.py", "### The new `a.py` file", "### Input/Output"])
def test_a_block_under_an_unclear_heading_is_reported_not_guessed(heading: str) -> None:
    parsed = parse_edits(f"{heading}\n```python\nx = 1\n```\n")
    assert not parsed.edits
    assert "path" in parsed.problems[0].feedback


def test_an_overlong_heading_does_not_lend_its_block_to_the_file_before() -> None:
    parsed = parse_edits(
        f"### a.py\n```\nx\n```\n### {'b' * 3000}.py\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n"
    )
    assert parsed.edits == (WriteFile("a.py", "x\n"),)
    assert len(parsed.problems) == 1


def test_pairs_without_a_fence_are_read() -> None:
    parsed = parse_edits("### a.py\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n")
    assert parsed.edits == (ReplaceInFile("a.py", (Replacement("x\n", "y\n"),)),)


def test_pairs_may_contain_fences_and_comments_that_look_like_headings() -> None:
    parsed = parse_edits("### a.md\n```\n<<<<<<< SEARCH\n```sh\n# b.py\n```\n=======\n```\n>>>>>>> REPLACE\n```\n")
    assert parsed.edits == (ReplaceInFile("a.md", (Replacement("```sh\n# b.py\n```\n", "```\n"),)),)
    assert not parsed.problems


def test_longer_markers_carry_text_that_has_markers() -> None:
    parsed = parse_edits(
        "### a.rst\n```\n<<<<<<<<< SEARCH\nTitle\n=======\n=========\nName\n=======\n>>>>>>> REPLACE\n"
        ">>>>>>>>> REPLACE\n```\n"
    )
    pair = Replacement("Title\n=======\n", "Name\n=======\n>>>>>>> REPLACE\n")
    assert parsed.edits == (ReplaceInFile("a.rst", (pair,)),)


def test_two_dividers_are_refused_with_the_way_out() -> None:
    parsed = parse_edits("### a.rst\n```\n<<<<<<< SEARCH\nA\n=======\n=======\nB\n>>>>>>> REPLACE\n```\n")
    assert not parsed.edits
    assert "nine" in parsed.problems[0].feedback


def test_a_markdown_file_with_inner_blocks_is_read_whole() -> None:
    parsed = parse_edits("### README.md\n```markdown\n# Hi\n```bash\nmake\n```\nBye\n```\n")
    assert parsed.edits == (WriteFile("README.md", "# Hi\n```bash\nmake\n```\nBye\n"),)


def test_a_whole_file_that_falls_into_two_blocks_is_refused() -> None:
    parsed = parse_edits("### README.md\n```markdown\n# Hi\n```\nmake\n```\nBye\n```\n```\n")
    assert not parsed.edits
    assert any("longer fence" in problem.feedback for problem in parsed.problems)


def test_a_missing_closing_fence_refuses_that_block_and_keeps_those_before() -> None:
    parsed = parse_edits("### a.py\n```\nx\n```\n### b.py\n```python\ndef half(")
    assert parsed.edits == (WriteFile("a.py", "x\n"),)
    assert parsed.problems[0].path == "b.py"
    assert "do not send them again" in parsed.problems[0].feedback


def test_a_pair_without_its_end_does_not_swallow_the_next_file() -> None:
    parsed = parse_edits(
        "### a.py\n```\n<<<<<<< SEARCH\nx\n=======\ny\n```\n### b.py\n```\n<<<<<<< SEARCH\nx\n=======\nz\n"
        ">>>>>>> REPLACE\n```\n"
    )
    assert parsed.edits == (ReplaceInFile("b.py", (Replacement("x\n", "z\n"),)),)
    assert parsed.problems[0].path == "a.py"


def test_after_a_broken_pair_an_uncertain_owner_is_refused() -> None:
    parsed = parse_edits(
        "### a.py\n```\n<<<<<<< SEARCH\nx\n=======\ny\n```\n### b.py\nNow this one:\n"
        "```\n<<<<<<< SEARCH\nx\n=======\nz\n>>>>>>> REPLACE\n```\n"
    )
    assert not parsed.edits
    assert len(parsed.problems) == 2


def test_a_command_or_a_diff_under_a_path_is_not_written_as_the_file() -> None:
    parsed = parse_edits("### a.py\n```bash\npytest\n```\n### b.py\n```diff\n-x\n+y\n```\n")
    assert not parsed.edits
    assert [problem.path for problem in parsed.problems] == ["a.py", "b.py"]


def test_markers_amid_a_whole_file_are_refused() -> None:
    body = "one\ntwo\nthree\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n"
    parsed = parse_edits(f"### a.py\n```python\n{body}```\n")
    assert not parsed.edits
    assert len(parsed.problems) == 1


def test_a_rename_may_be_followed_by_edits_of_the_new_name() -> None:
    parsed = parse_edits("### a.py RENAME b.py\n```\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```\n")
    assert parsed.edits == (RenameFile("a.py", "b.py"), ReplaceInFile("b.py", (Replacement("x\n", "y\n"),)))


def test_prose_alone_holds_no_edits() -> None:
    assert parse_edits("I would change `a.py`.\n\n```python\nx = 1\n```\n").edits == ()


HOSTILE = {
    "open fences": "### a.py\n```python\n",
    "broken pairs": "### a.py\n<<<<<<< SEARCH\nx\n=======\n",
    "contradictions": "### a.py\n```\nx\n```\n```\ny\n```\n",
    "unpaired markers": "<<<<<<< SEARCH\n",
    "spaces": "### " + "a " * 200 + "(new\n",
    "backticks": "`" * 80 + "\n",
    "executables": "### a EXECUTABLE\n\n\n\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_two_megabytes_of_anything_end_in_a_result(kind: str) -> None:
    unit = HOSTILE[kind]
    parsed = parse_edits(unit * (2_000_000 // len(unit)))
    assert len(parsed.edits) + len(parsed.problems) <= 2_000_000 // len(unit) + 1
