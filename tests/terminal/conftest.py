"""Tests of the terminal may be coroutines: each runs in an event loop of its own."""

from __future__ import annotations

import asyncio
import inspect
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.paths import Paths, user_paths


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Play a test that is a coroutine; leave others to pytest."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder with a short name: paths are seen on screens, where a long one wraps."""
    folder = Path(tempfile.mkdtemp(prefix="nx-")).resolve()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    return user_paths({"NEXUS_HOME": str(nexus_home)})
