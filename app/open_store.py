"""Opens the database for commands that look at runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from config.errors import UsageError
from config.paths import user_paths
from core.run.runs import sweep
from core.storage.store import Store


@contextmanager
def runs_store(env: Mapping[str, str]) -> Iterator[Store]:
    """The user's database, with runs whose process died marked as interrupted.

    Raises UsageError when there is none yet: looking at runs creates nothing.
    """
    paths = user_paths(env)
    if not paths.database.exists():
        raise UsageError("There are no runs yet.", 'Start one: nexus --headless "what to build"')
    with Store(paths.database) as store:
        sweep(store, paths)
        yield store
