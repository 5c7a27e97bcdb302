"""Sandbox output on disk, one file per run of the sandbox, for screens to tail; control sequences are left out."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import IO

from config.paths import make_private_dir
from core.text.redaction import strip_escapes
from sandbox.model import ExecutionResult, TestRow


class OutputFile:
    """One open output file; `name` is relative to the run's folder.

    Holds what the tested code prints and, in between, a line per test that ended: `PASSED tests/test_a.py::test_b`.
    """

    def __init__(self, path: Path, name: str) -> None:
        path.touch(mode=0o600)
        self.name = name
        self._file: IO[str] = path.open("a", encoding="utf-8", errors="replace")
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._in_line = False
        """What the tested code printed last did not end with a newline."""

    def begin(self, command: str) -> None:
        self._lines(f"$ {command}")

    def write(self, chunk: bytes) -> None:
        text = strip_escapes(self._decoder.decode(chunk))
        if text:
            self._in_line = not text.endswith("\n")
            self._file.write(text)
            self._file.flush()

    def test(self, row: TestRow) -> None:
        self._lines(f"{row.outcome.upper()} {row.test} ({row.duration_ms} ms)", *row.message.splitlines())

    def end(self, result: ExecutionResult) -> None:
        self._lines(f"{result.verdict}: {result.passed} passed, {result.failed} failed. {result.reason}".rstrip())

    def close(self) -> None:
        self._file.close()

    def _lines(self, *lines: str) -> None:
        """Lines of ours, each on its own."""
        text = "\n".join(strip_escapes(line) for line in lines) + "\n"
        self._file.write(f"\n{text}" if self._in_line else text)
        self._in_line = False
        self._file.flush()


class SandboxLog:
    """The folder of a run's sandbox output."""

    def __init__(self, run_dir: Path) -> None:
        self._folder = make_private_dir(run_dir / "sandbox")

    def open(self, name: str) -> OutputFile:
        return OutputFile(self._folder / f"{name}.log", f"sandbox/{name}.log")
