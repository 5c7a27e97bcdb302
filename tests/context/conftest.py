"""A folder to index, with and without git."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import ContextSettings
from core.context import RepoIndex

Put = Callable[[str, str | bytes], Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def put(root: Path) -> Put:
    def write(path: str, content: str | bytes) -> Path:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    return write


@pytest.fixture
def index(root: Path) -> Callable[[], RepoIndex]:
    return lambda: RepoIndex.build(root, ContextSettings())


@pytest.fixture
def git() -> Callable[..., None]:
    def run(folder: Path, *args: str) -> None:
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
        subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True, timeout=30)

    return run
