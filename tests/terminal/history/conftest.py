"""Runs are kept where the application looks for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.paths import Paths
from core.storage.store import Store


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    with Store(paths.database) as opened_store:
        yield opened_store
