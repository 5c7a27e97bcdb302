"""The file people read beside a run: what the tested code printed, and each test as it ended."""

from __future__ import annotations

from pathlib import Path

from core.run.sandbox_log import SandboxLog
from sandbox.model import TestRow


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def test_a_test_gets_a_line_of_its_own_after_output_without_a_newline(tmp_path: Path) -> None:
    output = SandboxLog(tmp_path).open("verify-0")
    output.begin("pytest")
    output.write(b"half a line")
    output.test(TestRow("tests/test_a.py::test_b", "failed", 3, "E   assert 1 == 2\nsecond"))
    output.close()
    assert read(tmp_path, output.name).splitlines() == [
        "$ pytest",
        "half a line",
        "FAILED tests/test_a.py::test_b (3 ms)",
        "E   assert 1 == 2",
        "second",
    ]


def test_a_character_cut_in_two_arrives_whole(tmp_path: Path) -> None:
    output = SandboxLog(tmp_path).open("verify-0")
    for byte in "größe ✓\n".encode():
        output.write(bytes([byte]))
    output.close()
    assert read(tmp_path, output.name) == "größe ✓\n"


def test_escapes_in_names_and_messages_of_tests_do_not_reach_the_file(tmp_path: Path) -> None:
    output = SandboxLog(tmp_path).open("verify-0")
    output.test(TestRow("test_\x1b[2J\x1b]52;c;aGk=\x07", "failed", 1, "\x9b31mred\x00"))
    output.close()
    assert read(tmp_path, output.name) == "FAILED test_ (1 ms)\nred\n"
