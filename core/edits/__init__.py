"""How a model's edits enter a repository: Markdown blocks in, checked changes on disk out.

Agents quote `EDIT_FORMAT_HELP` and call `parse_edits`; the engine calls `apply_edits` on a run's workspace.
"""

from core.edits.apply import apply_edits
from core.edits.model import (
    ApplyResult,
    DeleteFile,
    Edit,
    EditPolicy,
    EditProblem,
    MakeExecutable,
    ParsedEdits,
    RenameFile,
    ReplaceInFile,
    Replacement,
    WriteFile,
    touched_paths,
)
from core.edits.parse import EDIT_FORMAT_HELP, parse_edits

__all__ = [
    "EDIT_FORMAT_HELP",
    "ApplyResult",
    "DeleteFile",
    "Edit",
    "EditPolicy",
    "EditProblem",
    "MakeExecutable",
    "ParsedEdits",
    "RenameFile",
    "ReplaceInFile",
    "Replacement",
    "WriteFile",
    "apply_edits",
    "parse_edits",
    "touched_paths",
]
