"""The terminal over SSH: a real server and client, a connection that drops, and a run that does not mind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.live import FEW_MUTANTS, HeldServer, descendants, end_engine, eventually, is_alive, row_of
from tests.support.nexus import NEXUS, environment
from tests.support.openai_server import OpenAIServer
from tests.support.project import COMPETENT, TRIVIAL, git, make_project
from tests.support.sshd import Sshd, needs_sshd
from tests.support.tmux import Tmux, needs_tmux

pytestmark = [needs_sshd, needs_tmux]

ASKS = "The run waits for you"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


@pytest.fixture
def provider() -> Iterator[HeldServer]:
    with HeldServer(COMPETENT, "tester") as server:
        yield server


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with Sshd(tmp_path / "sshd") as server:
        yield server


class Desk:
    """A person who opens `nexus` in the project over SSH, as often as the connection drops."""

    def __init__(self, sshd: Sshd, project: Path, env: dict[str, str], place: Path) -> None:
        self._sshd = sshd
        self._project = project
        self._env = env
        self._place = place

    def connect(self, columns: int = 120, rows: int = 36) -> Tmux:
        place = self._place / f"tmux-{columns}"
        return Tmux(place, self._sshd.command(NEXUS, self._project, self._env), dict(os.environ), columns, rows)


@pytest.fixture
def desk(sshd: Sshd, project: Path, nexus_home: Path, provider: OpenAIServer, tmp_path: Path) -> Iterator[Desk]:
    yield Desk(sshd, project, environment(nexus_home, provider.base_url, **FEW_MUTANTS), tmp_path)
    end_engine(nexus_home)


def begin(window: Tmux, provider: HeldServer, home: Path) -> tuple[str, int]:
    """Type a request and send it; the run's id and its engine, which now waits for an answer of the provider."""
    window.shows("Say what should change")
    window.type(TRIVIAL)
    window.shows(TRIVIAL)
    window.keys("Enter")
    provider.wait_until_asked()
    row = row_of(home)
    assert row.pid is not None
    window.shows(row.id)
    return row.id, row.pid


def test_a_run_begun_over_ssh_outlives_the_connection_and_is_approved_from_the_next(
    desk: Desk, sshd: Sshd, provider: HeldServer, project: Path, nexus_home: Path
) -> None:
    with desk.connect() as window:
        run, engine = begin(window, provider, nexus_home)
        viewers = [pid for pid, name in descendants(sshd.process.pid).items() if "sshd" not in name and pid != engine]
        assert viewers
        sshd.drop()
        window.shows("ended with 255")
        eventually(lambda: not any(is_alive(pid) for pid in viewers))
    assert is_alive(engine) and row_of(nexus_home).status == "running"
    with desk.connect(80, 24) as window:
        window.shows(run)
        provider.go.set()
        window.shows(ASKS)
        eventually(lambda: _answered(window))
        eventually(lambda: row_of(nexus_home).status == "finished")
        window.shows("verified")
    eventually(lambda: not is_alive(engine))
    assert "discount" in git(project, "show", "--stat", "-p", "HEAD")


def test_a_client_that_is_killed_hangs_up_and_the_run_can_be_cancelled_from_another_terminal(
    desk: Desk, sshd: Sshd, provider: HeldServer, nexus_home: Path
) -> None:
    with desk.connect() as window:
        run, engine = begin(window, provider, nexus_home)
    eventually(lambda: not descendants(sshd.process.pid))
    assert is_alive(engine) and row_of(nexus_home).status == "running"
    with desk.connect(80, 24) as window:
        window.shows(run)
        window.keys("c")
        window.shows("Cancel this run?")
        window.keys("y")
        eventually(lambda: row_of(nexus_home).status == "interrupted")
        window.shows("cancelled")
        window.keys("q")
        window.shows("ended with 0")
    assert row_of(nexus_home).verdict == "cancelled"


def _answered(window: Tmux) -> bool:
    """Approve; a question that popped up by itself does not hear the first keys."""
    if ASKS in window.screen():
        window.keys("a")
        return False
    return True
