"""Sandbox output on disk, one file per run of the sandbox, for screens to tail; control sequences are left out."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from config.paths import make_private_dir
from core.text.redaction import strip_escapes


class OutputFile:
    """One open output file; `name` is relative to the run's folder."""

    def __init__(self, path: Path, name: str) -> None:
        path.touch(mode=0o600)
        self.name = name
        self._file: IO[str] = path.open("a", encoding="utf-8", errors="replace")

    def write(self, chunk: bytes) -> None:
        self._file.write(strip_escapes(chunk.decode("utf-8", errors="replace")))
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class SandboxLog:
    """The folder of a run's sandbox output."""

    def __init__(self, run_dir: Path) -> None:
        self._folder = make_private_dir(run_dir / "sandbox")

    def open(self, name: str) -> OutputFile:
        return OutputFile(self._folder / f"{name}.log", f"sandbox/{name}.log")
