"""A user's settings file with comments, and a project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.paths import Paths, user_paths
from core.storage.store import Store
from tests.support.settings_screen import FILE


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    nexus_home.mkdir(mode=0o700)
    return user_paths({"NEXUS_HOME": str(nexus_home)})


@pytest.fixture
def file(paths: Paths) -> Path:
    """The user's settings file."""
    paths.user_settings.write_text(FILE)
    return paths.user_settings


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


@pytest.fixture
def ready(paths: Paths) -> Iterator[Store]:
    with Store(paths.database) as opened_store:
        yield opened_store
