"""The AGENTS.md chain: general first, nearest last, capped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from config.settings import ContextSettings
from core.context import AgentsMd, read_agents_md

Put = Callable[[str, str | bytes], Path]


def read(project: Path, home: Path, most_kb: int = 32) -> AgentsMd:
    return read_agents_md(project, home, ContextSettings(agents_md_kb=most_kb))


def test_the_chain_runs_from_the_user_over_the_root_to_the_project(root: Path, put: Put, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "AGENTS.md").write_text("global rule\n")
    (tmp_path / "AGENTS.md").write_text("above the repository\n")
    put(".git/HEAD", "x\n")
    put("AGENTS.md", "root rule\n")
    put("a/b/AGENTS.md", "nearest rule\n")
    found = read(root / "a" / "b", tmp_path / "home")
    assert [found.text.index(rule) for rule in ("global rule", "root rule", "nearest rule")] == sorted(
        found.text.index(rule) for rule in ("global rule", "root rule", "nearest rule")
    )
    assert "above" not in found.text
    assert found.sources == ("AGENTS.md of the user", "AGENTS.md", "a/b/AGENTS.md")
    assert not found.cut


def test_without_git_only_the_project_folder_counts(root: Path, put: Put, tmp_path: Path) -> None:
    put("AGENTS.md", "outer\n")
    put("sub/AGENTS.md", "inner\n")
    assert read(root / "sub", tmp_path / "none").sources == ("AGENTS.md",)


def test_over_the_cap_the_nearest_stays_and_a_note_says_so(root: Path, put: Put, tmp_path: Path) -> None:
    put(".git/HEAD", "x\n")
    put("AGENTS.md", "far away\n" * 300)
    put("sub/AGENTS.md", "nearest\n" * 100)
    found = read(root / "sub", tmp_path / "none", most_kb=1)
    assert found.cut
    assert found.text.count("nearest") == 100
    assert "far away" in found.text
    assert "left out" in found.text
    assert len(found.text.encode()) < 1024 + 200


def test_a_cut_never_breaks_a_character(root: Path, put: Put, tmp_path: Path) -> None:
    put("AGENTS.md", "ééééé\n" * 400)
    found = read(root, tmp_path / "none", most_kb=1)
    assert found.cut
    assert set(found.text.split("\n\n")[0].splitlines()[1:]) == {"ééééé"}


def test_guidance_holds_no_escapes_no_keys_and_no_text_from_outside(root: Path, put: Put, tmp_path: Path) -> None:
    key = "sk-" + "a1B2" * 8
    put("AGENTS.md", f"be kind \x1b[31m{key}\n")
    assert read(root, tmp_path / "none").text == "From AGENTS.md:\nbe kind [redacted]"
    (tmp_path / "outside.md").write_text("outside\n")
    (root / "AGENTS.md").unlink()
    (root / "AGENTS.md").symlink_to(tmp_path / "outside.md")
    assert read(root, tmp_path / "none") == AgentsMd("", ())


def test_a_link_to_another_guide_in_the_repository_is_followed(root: Path, put: Put, tmp_path: Path) -> None:
    put("GUIDE.md", "shared\n")
    (root / "AGENTS.md").symlink_to("GUIDE.md")
    assert "shared" in read(root, tmp_path / "none").text


def test_no_file_no_text(root: Path, tmp_path: Path) -> None:
    assert read(root, tmp_path / "none") == AgentsMd("", ())
