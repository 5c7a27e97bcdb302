"""The words of a delivery: its states, its steps, its record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.files.tree import Entry
from core.ids import digest

State = Literal["PREPARED", "APPLYING", "APPLIED", "ROLLED_BACK", "BRANCHED", "CONFLICT", "UNDOING", "UNDONE"]
Direction = Literal["deliver", "undo"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a delivery stands. `detail` says in a sentence what a person should know, such as why there is no commit."""

    state: State
    files: tuple[str, ...]
    branch: str = ""
    commit: str = ""
    detail: str = ""
    patch: str = ""
    """The file that holds the work where it is neither in the tree nor on a branch."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file of the user: what is there now, and what is to be there. None: no file."""

    path: str
    before: Entry | None
    after: Entry | None


@dataclass(frozen=True, slots=True)
class Clash:
    """A file that stands in the way of a delivery, and why: completes "PATH: …"."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path} {self.reason}"


@dataclass(frozen=True, slots=True)
class Record:
    """The durable side of a delivery. `commit` goes to `ref` if that is still at `parent`."""

    run_id: str
    project: Path
    artefacts: Path
    state: State
    message: str
    branch: str = ""
    ref: str = ""
    parent: str = ""
    commit: str = ""
    undo_commit: str = ""
    detail: str = ""

    @property
    def direction(self) -> Direction:
        """Which way the files go in this state."""
        return "undo" if self.state in ("UNDOING", "UNDONE") else "deliver"

    @property
    def pending(self) -> str:
        """The commit that this state's direction makes, if any."""
        return self.undo_commit if self.direction == "undo" else self.commit

    def with_commit(self, commit: str, ref: str = "", parent: str = "") -> Record:
        """With the commit of this state's direction; an empty one for none."""
        if self.direction == "undo":
            return replace(self, undo_commit=commit, ref=ref, parent=parent)
        return replace(self, commit=commit, ref=ref, parent=parent)

    @property
    def patch_file(self) -> Path:
        return self.artefacts / "changes.patch"

    def temporary(self, path: str) -> str:
        """Name of the file that `path` passes through; known beforehand so that recovery can remove it."""
        return f".nexus-{self.run_id}-{digest(path)[:12]}.tmp"

    def to_delivery(self, files: tuple[str, ...]) -> Delivery:
        patch = str(self.patch_file) if self.state == "BRANCHED" and not self.branch else ""
        return Delivery(self.state, files, self.branch, self.pending, self.detail, patch)
