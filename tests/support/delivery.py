"""A user's project, with or without git, and one run that works on it."""

from __future__ import annotations

import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from core.delivery import Delivery, deliver, undo
from core.ids import RunId
from core.run.runs import create_run
from core.storage.store import Store
from core.workspace import Workspace

IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")

Picture = dict[str, tuple[int, bytes]]


def git(folder: Path, *args: str) -> str:
    """Run git as the user would; returns its output without the final newline."""
    done = subprocess.run(["git", *IDENTITY, *args], cwd=folder, capture_output=True, check=True)
    return os.fsdecode(done.stdout).removesuffix("\n")


def put(folder: Path, path: str, content: str | bytes, mode: int = 0o644) -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    file.chmod(mode)
    return file


def make_repo(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A repository with these files in one commit on the branch `main`."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for path, content in files.items():
        put(folder, path, content)
    if files:
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "start")
    return folder


def picture(folder: Path) -> Picture:
    """Every file and link below a folder, `.git` left out: permissions and content. Folders end in a slash."""
    found: Picture = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for name in [*files, *folders]:
            path = Path(place) / name
            mode = path.lstat().st_mode
            key = str(path.relative_to(folder))
            if stat.S_ISLNK(mode):
                found[key] = (mode, os.fsencode(path.readlink()))
            elif stat.S_ISDIR(mode):
                found[key + "/"] = (0, b"")
            elif name != ".git":
                found[key] = (stat.S_IMODE(mode), path.read_bytes())
    return found


@dataclass
class Run:
    """One run on a project: its workspace, and delivery of it with short names."""

    store: Store
    id: RunId
    workspace: Workspace
    artefacts: Path

    @staticmethod
    def on(project: Path, store: Store, home: Path, number: int = 1) -> Run:
        run_id = RunId(f"261122-2104-{number:06x}")
        create_run(store, run_id, project, "do it", Settings(), {})
        workspace = Workspace.create(project, run_id, home / "cache")
        return Run(store, run_id, workspace, home / "runs" / run_id / "delivery")

    def write(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        put(self.workspace.root, path, content, mode)

    def remove(self, path: str) -> None:
        (self.workspace.root / path).unlink()

    def deliver(self, message: str = "Add a thing", **options: object) -> Delivery:
        options = {"wait_s": 5, **options}
        return deliver(self.store, self.id, self.workspace, self.artefacts, message, **options)  # type: ignore[arg-type]

    def undo(self) -> Delivery:
        return undo(self.store, self.id, wait_s=5)

    @property
    def state(self) -> str:
        rows = self.store.query("SELECT state FROM deliveries WHERE run_id = ?", (self.id,))
        return str(rows[0]["state"]) if rows else ""
