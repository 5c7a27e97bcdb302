"""The run's own copy of the project: made from what the user has now, changed freely, compared with its base.

The engine opens a `Workspace`; `core.delivery` brings its changes to the user's files.
"""

from core.workspace.changes import FileChange
from core.workspace.workspace import Workspace

__all__ = ["FileChange", "Workspace"]
