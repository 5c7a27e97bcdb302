"""Lays the demonstration out in a folder of its own, as a git repository with one commit."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from core.files.git import Git

REQUEST = "request.md"
CASSETTE = "cassette.json"


def request() -> str:
    """What the demonstration asks for."""
    return (resources.files("evals.demo") / REQUEST).read_text(encoding="utf-8").strip()


def cassette() -> Path:
    """The recorded answers. Nexus is installed as files, so the path is real."""
    return Path(str(resources.files("evals.demo") / CASSETTE))


def lay_out(folder: Path) -> Path:
    """Copy the repository to `folder/worklog` and commit it (without git: only copy). Returns its path."""
    target = folder / "worklog"
    source = Path(str(resources.files("evals.demo") / "repository"))
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    if shutil.which("git"):
        git = Git(target)
        git.run("init", "-q", "-b", "main")
        git.run("add", "-A")
        git.run(
            "-c", "user.name=Demo", "-c", "user.email=demo@example.invalid", "commit", "-q", "-m", "A small work log"
        )
    return target
