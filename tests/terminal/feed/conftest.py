"""The run that the feed reads, in the database that its thread opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.paths import Paths
from core.storage.store import Store
from tests.support.feed import RUN, Run


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    with Store(paths.database) as opened_store:
        yield opened_store


@pytest.fixture
def run(store: Store, paths: Paths, tmp_path: Path) -> Iterator[Run]:
    driven = Run(store, paths, RUN, tmp_path)
    yield driven
    driven.lock.release()
