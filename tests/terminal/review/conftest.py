"""A run that asks whether to deliver its change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.paths import Paths
from core.storage.store import Store
from tests.support.delivery import Run
from tests.support.review import proposed


@pytest.fixture
def waiting(store: Store, paths: Paths, tmp_path: Path) -> Iterator[Run]:
    """A run that asks whether to deliver five files."""
    with proposed(store, paths, tmp_path) as run:
        yield run
