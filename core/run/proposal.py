"""What a run changes, as values for people to look at: from its workspace, or from the record of its delivery.

Only reads. A workspace is looked at as it stands, also while the run works in it; once there is a delivery, its saved
contents tell what was changed, whatever became of the workspace and of the user's files since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from config.errors import NexusError, StoreError
from config.paths import Paths
from core.delivery import Delivery, records
from core.delivery.model import State
from core.files.line_diff import Block, compare, split_lines
from core.files.three_way import is_binary
from core.files.tree import EXECUTABLE, LINK, Entry
from core.ids import RunId
from core.run.runs import LIVE, RunRow, find_run
from core.storage.store import Store
from core.workspace import Workspace
from core.workspace.changes import Pair, patch

MOST_BYTES = 4_000_000
"""Files larger than this are named with their sizes, not shown."""

Kind = Literal["added", "changed", "deleted"]

_RECORDED: tuple[State, ...] = ("PREPARED", "APPLYING", "APPLIED", "BRANCHED", "UNDOING", "UNDONE")
"""States in which the delivery, not the workspace, says what the run changes."""


@dataclass(frozen=True, slots=True)
class Version:
    """One side of a file."""

    size: int
    """Bytes."""
    kind: int
    """`core.files.tree` PLAIN, EXECUTABLE or LINK (then the text is the link's target)."""
    lines: tuple[str, ...] = ()
    """With their line ends; bytes that are not UTF-8 are surrogates. Empty where `hidden` says why."""
    hidden: Literal["", "binary", "too large"] = ""

    @property
    def text(self) -> str:
        """All lines; bytes that are not UTF-8 are U+FFFD."""
        return "".join(self.lines).encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    @property
    def ends(self) -> Literal["LF", "CRLF", "mixed"]:
        """How its lines end."""
        dos = sum(line.endswith("\r\n") for line in self.lines)
        if not dos:
            return "LF"
        return "CRLF" if dos == sum(line.endswith("\n") for line in self.lines) else "mixed"


@dataclass(frozen=True, slots=True)
class FileProposal:
    """One file that is to be different. The absent side of an added or deleted file is None."""

    path: str
    before: Version | None
    after: Version | None
    blocks: tuple[Block, ...] = ()
    """All lines of both sides; empty when one of them is not shown."""

    @property
    def kind(self) -> Kind:
        return "added" if self.before is None else "deleted" if self.after is None else "changed"

    @property
    def added(self) -> int:
        """Lines."""
        return sum(block.added for block in self.blocks)

    @property
    def removed(self) -> int:
        """Lines."""
        return sum(block.removed for block in self.blocks)

    @property
    def hidden(self) -> Literal["", "binary", "too large"]:
        """Why the contents are not shown, or empty."""
        sides = [side.hidden for side in (self.before, self.after) if side is not None]
        return "too large" if "too large" in sides else "binary" if "binary" in sides else ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the lines do not tell: links, permission to execute, line ends."""
        before, after = self.before, self.after
        kinds = (before.kind if before else 0, after.kind if after else 0)
        found = []
        if LINK in kinds and kinds[0] != kinds[1] and 0 not in kinds:
            found.append("becomes a symbolic link" if kinds[1] == LINK else "is no symbolic link any more")
        elif LINK in kinds:
            found.append("a symbolic link; the text is where it points")
        elif kinds[1] == EXECUTABLE != kinds[0]:
            found.append("executable" if before is None else "becomes executable")
        elif after is not None and kinds[0] == EXECUTABLE != kinds[1]:
            found.append("is not executable any more")
        if before and after and before.lines and after.lines and before.ends != after.ends:
            found.append(f"line ends: {before.ends} become {after.ends}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a run changes. `delivery`: how bringing it to the user ended, or None when it has not been tried."""

    run_id: RunId
    files: tuple[FileProposal, ...]
    """Sorted by path."""
    delivery: Delivery | None = None


class _Sides(Protocol):
    """A path with its two versions: of the workspace, or of the delivery."""

    @property
    def path(self) -> str: ...
    @property
    def before(self) -> Entry | None: ...
    @property
    def after(self) -> Entry | None: ...


def read_proposal(store: Store, paths: Paths, run_id: str) -> Proposal:
    """What the run `run_id` changes or has changed. Blocks: reads the project's file list and compares texts.

    Raises NexusError with a sentence when there is nothing to look at (any more).
    """
    found = _find(store, paths, run_id)
    return Proposal(found.run_id, tuple(_to_file(sides) for sides in found.files), found.delivery)


def read_patch(store: Store, paths: Paths, run_id: str) -> bytes:
    """The same as one diff that `git apply` reads. Blocks and raises as `read_proposal`."""
    return patch(tuple(Pair(one.path, one.before, one.after) for one in _find(store, paths, run_id).files))


@dataclass(frozen=True, slots=True)
class _Found:
    run_id: RunId
    files: Sequence[_Sides]
    delivery: Delivery | None = None


def _find(store: Store, paths: Paths, run_id: str) -> _Found:
    row = find_run(store, run_id)
    if (delivered := _delivered(store, row.id, _RECORDED)) is not None:
        return delivered
    try:
        workspace = Workspace.look(Path(row.project), row.id, paths.cache)
        pairs = None if workspace is None else workspace.pairs()
    except (NexusError, OSError) as error:
        # Files that vanish while they are read: perhaps the run delivered, and its workspace was put away.
        if (delivered := _delivered(store, row.id, _RECORDED)) is not None:
            return delivered
        if isinstance(error, NexusError):
            raise
        raise StoreError(f"The files of run {row.id} cannot be read now ({error.strerror}).", "Try again.") from error
    # On record though nothing came to the user: what was to be delivered before a conflict or a failure.
    recorded = _delivered(store, row.id)
    if pairs is not None:
        return _Found(row.id, pairs, recorded.delivery if recorded and row.status not in LIVE else None)
    if recorded is not None:
        return recorded
    raise _nothing_there(row)


def _delivered(store: Store, run_id: RunId, states: tuple[State, ...] = ()) -> _Found | None:
    """From the delivery's record, if it is in one of `states` (empty: in any)."""
    record = records.load(store, run_id)
    if record is None or (states and record.state not in states):
        return None
    steps = records.load_steps(store, record, "deliver")
    return _Found(run_id, steps, record.to_delivery(tuple(step.path for step in steps)))


def _nothing_there(row: RunRow) -> StoreError:
    if row.status in (*LIVE, "queued"):
        return StoreError(f"The run {row.id} has not made its copy of the project yet.", "Look again in a moment.")
    return StoreError(
        f"The copy of the project that run {row.id} worked in is gone, and it delivered nothing.",
        f"Its report may still hold the diff: nexus show {row.id}",
    )


def _to_file(sides: _Sides) -> FileProposal:
    before, after = _version(sides.before), _version(sides.after)
    if (before and before.hidden) or (after and after.hidden):
        return FileProposal(sides.path, before, after)
    blocks = compare(before.lines if before else (), after.lines if after else ())
    return FileProposal(sides.path, before, after, blocks)


def _version(entry: Entry | None) -> Version | None:
    if entry is None:
        return None
    size = len(entry.data)
    if is_binary(entry.data):
        return Version(size, entry.kind, hidden="binary")
    if size > MOST_BYTES:
        return Version(size, entry.kind, hidden="too large")
    return Version(size, entry.kind, split_lines(entry.data.decode("utf-8", "surrogateescape")))
