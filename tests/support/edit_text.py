"""Writes edits the way a well-behaved model does, for tests that parse them again."""

from __future__ import annotations

from collections.abc import Iterable

from core.edits import DeleteFile, Edit, MakeExecutable, RenameFile, ReplaceInFile, WriteFile
from core.text.fences import fenced


def render_edits(edits: Iterable[Edit]) -> str:
    """The answer text that holds `edits`, with prose between them."""
    return "\n\nSome prose.\n\n".join(_render(edit) for edit in edits) + "\n"


def _render(edit: Edit) -> str:
    heading = f"### `{edit.path}`"
    match edit:
        case DeleteFile():
            return f"{heading} DELETE"
        case RenameFile():
            return f"{heading} RENAME `{edit.new_path}`"
        case MakeExecutable():
            return f"{heading} EXECUTABLE"
        case WriteFile():
            body = edit.content
        case ReplaceInFile():
            body = "".join(
                f"<<<<<<< SEARCH\n{pair.search}=======\n{pair.replace}>>>>>>> REPLACE\n" for pair in edit.replacements
            )
    flag = " EXECUTABLE" if edit.executable else ""
    return f"{heading}{flag}\n{fenced(body)}"
