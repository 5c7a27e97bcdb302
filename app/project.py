"""The folder that is worked on, as it was named on the command line."""

from __future__ import annotations

import os
from pathlib import Path

from config.errors import UsageError


def project_folder(cwd: str) -> Path:
    """The project's folder. Raises UsageError when there is none, or none that this user may read."""
    remedy = "Name the project's folder."
    try:
        project = Path(cwd).expanduser().absolute()
    except RuntimeError:
        raise UsageError(f"{cwd} names no folder: there is no such user.", remedy) from None
    except FileNotFoundError:
        raise UsageError("The current folder does not exist any more.", remedy) from None
    try:
        os.scandir(project).close()
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{project} is not a folder.", remedy) from None
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise UsageError(f"The folder {project} cannot be read ({reason}).", remedy) from None
    return project
