"""What a model may do to a repository, and what is said back when it cannot be done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteFile:
    """A whole file, new or replaced. Lines of `content` end in LF; the file keeps its own newline style."""

    path: str
    content: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """Lines to find and lines to put there. Both are empty or end in LF."""

    search: str
    replace: str


@dataclass(frozen=True, slots=True)
class ReplaceInFile:
    """Search/replace pairs of one block, applied in order."""

    path: str
    replacements: tuple[Replacement, ...]
    executable: bool = False


@dataclass(frozen=True, slots=True)
class DeleteFile:
    path: str


@dataclass(frozen=True, slots=True)
class RenameFile:
    path: str
    new_path: str


@dataclass(frozen=True, slots=True)
class MakeExecutable:
    """The executable bit for a file whose content stays as it is."""

    path: str


Edit = WriteFile | ReplaceInFile | DeleteFile | RenameFile | MakeExecutable


def touched_paths(edit: Edit) -> tuple[str, ...]:
    """Every path an edit changes: both sides of a rename."""
    return (edit.path, edit.new_path) if isinstance(edit, RenameFile) else (edit.path,)


@dataclass(frozen=True, slots=True)
class EditProblem:
    """A block that was not applied."""

    path: str
    reason: str
    """One sentence for the run log."""
    feedback: str
    """What the model is told: the reason, the nearest real text, and what it need not send again."""

    @property
    def sentence(self) -> str:
        """The reason with the file it is about, for people."""
        return f"{self.path}: {self.reason}" if self.path and self.path not in self.reason else self.reason


@dataclass(frozen=True, slots=True)
class ParsedEdits:
    """All edits of one answer, in its order."""

    edits: tuple[Edit, ...]
    problems: tuple[EditProblem, ...]


@dataclass(frozen=True, slots=True)
class EditPolicy:
    """Where edits may not go, how big a file may become, and how many edits one answer may hold."""

    readonly_prefixes: tuple[str, ...] = ()
    """Files or folders (submodules, pristine tests) that no edit may touch."""
    max_bytes: int = 1_000_000
    max_edits: int = 1_000


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """Paths that are different now (both sides of a rename), sorted; and the blocks that were not applied."""

    changed: tuple[str, ...]
    problems: tuple[EditProblem, ...]
