"""Applies edits to a run's workspace: decided in memory, then each file replaced whole, atomically.

Blocks stand alone: one that cannot be applied is a problem and leaves the others untouched.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from config.errors import StoreError
from core.edits import feedback
from core.edits.match import Ambiguous, Found, Missing, find, find_exact
from core.edits.model import (
    ApplyResult,
    DeleteFile,
    Edit,
    EditPolicy,
    EditProblem,
    MakeExecutable,
    RenameFile,
    ReplaceInFile,
    Replacement,
    WriteFile,
)
from core.edits.paths import disk_problem, folded, is_under, name_problem
from core.edits.text_file import TextFile, split_lines
from core.files.tree import EXECUTABLE, PLAIN, Entry, Moved, Tree
from core.ids import digest

_ELIDED = re.compile(
    r"\s*(?:#|//|/\*|<!--|--|\{/\*)?\s*(?:\.{3}|…)\s*\(?(?:the )?"
    r"(?:rest|remaining|existing|other|unchanged|same|previous|omitted)\b.*",
    re.IGNORECASE,
)
_NEAREST_SCAN = 20_000
_MOST_FAILED = 20
"""Failures in one answer until the rest gets neither tolerant matching nor hints: it must not cost minutes."""
_MOST_READ = 50_000_000
"""Bytes of a file that may be moved or deleted; changing its text has the policy's, lower, limit."""


_Find = Callable[[Sequence[str], Sequence[str]], Found | Ambiguous | Missing]


@dataclass(slots=True)
class _Staged:
    """A file as it will be; `data` None: it is gone."""

    data: bytes | None
    executable: bool


class _Refused(Exception):
    def __init__(self, problem: EditProblem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def apply_edits(root: Path, edits: Sequence[Edit], policy: EditPolicy) -> ApplyResult:
    """Apply `edits` in order below `root`. What a refused edit names never touches the disk.

    Raises StoreError when the disk cannot be written (full, read-only).
    """
    workspace = _Workspace(root, policy)
    problems: list[EditProblem] = []
    for edit in edits[: policy.max_edits]:
        try:
            problems += workspace.stage(edit)
        except _Refused as refused:
            problems.append(refused.problem)
    if len(edits) > policy.max_edits:
        reason = f"The answer holds {len(edits)} edits; only the first {policy.max_edits} were taken."
        problems.append(feedback.refusal("", reason, "Do the work in smaller steps."))
    return ApplyResult(workspace.write(), tuple(problems))


@dataclass
class _Workspace:
    root: Path
    policy: EditPolicy
    before: dict[str, _Staged] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    """What is on disk, for the files looked at."""
    after: dict[str, _Staged] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Files that will exist, by their case-folded path."""
    folders: dict[str, str] = field(default_factory=dict)
    """A file below each case-folded folder that will exist."""

    failed: int = 0
    """Pairs that did not match, and files that were not there, so far."""

    def __post_init__(self) -> None:
        self.tree = Tree(self.root)

    def stage(self, edit: Edit) -> list[EditProblem]:
        """Decide one edit in memory; the pairs of it that failed. Raises _Refused when all of it failed."""
        match edit:
            case WriteFile():
                self._write_file(edit)
            case ReplaceInFile():
                return self._replace(edit)
            case DeleteFile():
                self._existing(edit.path)
                self._set(edit.path, _Staged(None, False))
            case RenameFile():
                self._rename(edit)
            case MakeExecutable():
                self._set(edit.path, _Staged(self._existing(edit.path).data, True))
        return []

    def _write_file(self, edit: WriteFile) -> None:
        old = self._current(edit.path)
        if old.data is None:
            self._put(edit.path, edit.content.encode("utf-8", "surrogatepass"), edit.executable)
            return
        text = self._text(edit.path, old.data)
        self._refuse_elision(edit.path, edit.content, set(text.lines))
        data = text.with_content(edit.content).encode()
        self._put(edit.path, data, edit.executable or old.executable)

    def _replace(self, edit: ReplaceInFile) -> list[EditProblem]:
        old = self._current(edit.path)
        creating = old.data is None and any(not pair.search.strip() for pair in edit.replacements[:1])
        if not creating:
            old = self._existing(edit.path)
        text = self._text(edit.path, old.data or b"")
        failed: list[EditProblem] = []
        for replacement in edit.replacements:
            try:
                self._refuse_elision(edit.path, replacement.replace, set(replacement.search.splitlines()))
                text = _replaced(edit.path, text, replacement, find if self.failed < _MOST_FAILED else find_exact)
            except _Refused as refused:
                self.failed += 1
                failed.append(refused.problem)
        applied = len(edit.replacements) - len(failed)
        if applied:
            self._put(edit.path, text.encode(), edit.executable or old.executable)
        note = feedback.outcome_note(edit.path, applied, len(edit.replacements))
        return [replace(problem, feedback=f"{problem.feedback}\n{note}".strip()) for problem in failed]

    def _rename(self, edit: RenameFile) -> None:
        old = self._existing(edit.path)
        only_case = folded(edit.path) == folded(edit.new_path)
        if only_case or self._current(edit.new_path).data is not None:
            what = "differs only in case" if only_case else "exists already"
            raise _refusal(edit.path, f"The new name {edit.new_path} {what}.", "Choose another name.")
        self._set(edit.new_path, old)
        self._set(edit.path, _Staged(None, False))

    def _current(self, path: str) -> _Staged:
        """The file as the edits so far leave it; raises _Refused when no edit may touch it."""
        if reason := name_problem(path) or self._clash(path):
            raise _refusal(path, f"The path is refused: {reason}.", "Choose another path.")
        if is_under(path, self.policy.readonly_prefixes):
            raise _refusal(path, "The path is read-only in this run.", "Leave it as it is.")
        if path not in self.after:
            self.before[path] = self._load(path)
            self._set(path, self.before[path])
        return self.after[path]

    def _set(self, path: str, staged: _Staged) -> None:
        self.after[path] = staged
        name = folded(path)
        if staged.data is None:
            self.names.pop(name, None)
            return
        self.names[name] = path
        for parent in PurePosixPath(name).parents:
            self.folders.setdefault(str(parent), path)

    def _clash(self, path: str) -> str:
        """Why the path cannot stand beside the disk and the files staged so far; empty when it can."""
        if path in self.after:
            return ""
        name = folded(path)
        if name in self.names:
            return f"the name differs only in case from {self.names[name]}"
        if name in self.folders:
            return f"{self.folders[name]} and {path} cannot both be files"
        for parent in PurePosixPath(path).parents[:-1]:
            above = folded(str(parent))
            if above in self.names:
                return f"{self.names[above]} and {path} cannot both be files"
            other = self.folders.get(above)
            if other is not None and not other.startswith(f"{parent}/"):
                return f"a folder differs only in case from one of {other}"
        return disk_problem(self.root, path)

    def _load(self, path: str) -> _Staged:
        try:
            if (self.root / path).lstat().st_size > _MOST_READ:
                raise _refusal(path, "The file is too large to be edited.", "Leave it as it is.")
            entry = self.tree.read(path)
        except FileNotFoundError:
            return _Staged(None, False)
        except OSError as error:
            raise _refusal(path, f"The file cannot be read: {error.strerror}.", "Leave it as it is.") from error
        if entry is None:
            return _Staged(None, False)
        self.entries[path] = entry
        return _Staged(entry.data, entry.kind == EXECUTABLE)

    def _existing(self, path: str) -> _Staged:
        staged = self._current(path)
        if staged.data is None:
            self.failed += 1
            names = self._nearest_paths(path) if self.failed < _MOST_FAILED else []
            hint = f"The nearest existing paths are: {', '.join(names)}." if names else "No path is similar."
            raise _refusal(path, "The file does not exist.", f"{hint} To create it, send the whole file.")
        return staged

    def _nearest_paths(self, path: str) -> list[str]:
        known: list[str] = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
            base = Path(folder).relative_to(self.root)
            known += [(base / name).as_posix() for name in sorted(files)]
            if len(known) > _NEAREST_SCAN:
                break
        same_name = [other for other in known if other.rpartition("/")[2] == path.rpartition("/")[2]]
        return list(dict.fromkeys([*same_name[:3], *get_close_matches(path, known[:2000], n=3, cutoff=0.6)]))[:4]

    def _text(self, path: str, data: bytes) -> TextFile:
        text = TextFile.decode(data) if len(data) <= self.policy.max_bytes else None
        if text is None:
            raise _refusal(path, "The file is binary, not UTF-8, or too large.", "Only text files can be edited.")
        return text

    def _put(self, path: str, data: bytes, executable: bool) -> None:
        if len(data) > self.policy.max_bytes:
            raise _refusal(path, f"The file would be larger than {self.policy.max_bytes} bytes.", "Split it.")
        if TextFile.decode(data) is None:
            raise _refusal(path, "The content is not text (NUL or invalid UTF-8).", "Only text files can be written.")
        self._set(path, _Staged(data, executable))

    def _refuse_elision(self, path: str, content: str, known: set[str]) -> None:
        for line in content.splitlines():
            if _ELIDED.fullmatch(line) and line not in known:
                reason = f"A line stands for code that was left out: {line.strip()[:80]!r}."
                raise _refusal(path, reason, "Write all of the code, or edit with SEARCH/REPLACE pairs.")

    def write(self) -> tuple[str, ...]:
        """Bring the disk to the staged state; returns the paths that changed, sorted."""
        changed = sorted(path for path, staged in self.after.items() if staged != self.before[path])
        for path in sorted(changed, key=lambda name: self.after[name].data is not None):
            try:
                self.tree.replace(path, self.entries.get(path), self._entry(path), f".nexus-{digest(path)[:16]}.tmp")
            except Moved as error:
                raise StoreError(
                    f"{path} changed in the run's workspace while it was being edited.",
                    "Let nothing else write there, then resume the run.",
                ) from error
            except OSError as error:
                raise StoreError(
                    f"Cannot write {path} in the run's workspace: {error.strerror}.",
                    "Free disk space or check permissions, then resume the run.",
                ) from error
        return tuple(changed)

    def _entry(self, path: str) -> Entry | None:
        """The file as it is to be on disk, with the permissions it had."""
        staged = self.after[path]
        if staged.data is None:
            return None
        old = self.entries.get(path)
        mode = old.mode if old is not None else PLAIN
        return Entry(staged.data, mode | (mode & 0o444) >> 2 if staged.executable else mode)


def _replaced(path: str, text: TextFile, replacement: Replacement, find: _Find) -> TextFile:
    """The file after one pair. Raises _Refused with the nearest real text."""
    search, new = split_lines(replacement.search), split_lines(replacement.replace)
    if not any(line.strip() for line in search):
        if not text.lines:
            return text.with_content(replacement.replace)
        raise _refusal(path, "The SEARCH part is empty, but the file exists.", "Name the lines to replace.")
    hit = find(text.lines, search)
    if isinstance(hit, Missing) and (not search[0].strip() or not search[-1].strip()):
        search, new = _trimmed(search), _trimmed(new)
        hit = find(text.lines, search)
    if isinstance(hit, Ambiguous):
        raise _Refused(feedback.ambiguous(path, hit))
    if isinstance(hit, Missing):
        raise _Refused(feedback.missing(path, text.lines, search, new, hit.nearest))
    return text.with_lines(hit.start, _indented(search, hit), _indented(new, hit))


def _trimmed(lines: list[str]) -> list[str]:
    """Without blank lines at either end."""
    full = [position for position, line in enumerate(lines) if line.strip()]
    return lines[full[0] : full[-1] + 1] if full else []


def _indented(lines: list[str], hit: Found) -> list[str]:
    return [(hit.shift + line.removeprefix(hit.unshift)) if line.strip() else line for line in lines]


def _refusal(path: str, reason: str, advice: str) -> _Refused:
    return _Refused(feedback.refusal(path, reason, advice))
