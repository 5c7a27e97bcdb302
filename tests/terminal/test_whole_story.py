"""What a new user does, in a real terminal and with a real engine: ask, watch it fail and repair, approve, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.live import FEW_MUTANTS, end_engine
from tests.support.nexus import NEXUS, environment
from tests.support.openai_script import Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import LEARNER, TRIVIAL, git, make_project, tree_of
from tests.support.tmux import Tmux, needs_tmux

pytestmark = needs_tmux


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    with OpenAIServer(Script.of(LEARNER).answer) as server:
        yield environment(tmp_path / "home", server.base_url, TERM="xterm-256color", **FEW_MUTANTS)
        end_engine(tmp_path / "home")


@pytest.mark.parametrize(("columns", "rows"), [(120, 36), (80, 24)])
def test_a_request_becomes_a_commit_and_is_taken_back(
    project: Path, env: dict[str, str], tmp_path: Path, columns: int, rows: int
) -> None:
    before = tree_of(project)
    with Tmux(tmp_path / "tmux", [*NEXUS, str(project)], env, columns, rows) as terminal:
        terminal.shows("Say what should change")
        terminal.type(TRIVIAL)
        terminal.keys("Enter")
        terminal.shows("The run waits for you")
        assert tree_of(project) == before  # nothing of the user's is touched before the approval
        terminal.press_until("v", "a approves all 2")
        terminal.keys("a")
        terminal.shows("delivered to commit")
        assert "discount" in git(project, "show", "--stat", "-p", "HEAD")
        assert tree_of(project) != before
        terminal.press_until("u", "Take back what this run delivered?")  # there is nothing to undo before its end
        terminal.keys("y")
        terminal.shows("brought back")
        assert tree_of(project) == before
        assert git(project, "log", "--format=%s").startswith("Undo ")
        terminal.keys("q")
        terminal.shows("ended with 0")


def test_the_failed_attempt_and_its_repair_are_seen(project: Path, env: dict[str, str], tmp_path: Path) -> None:
    with Tmux(tmp_path / "tmux", [*NEXUS, str(project)], env) as terminal:
        terminal.shows("Say what should change")
        terminal.type(TRIVIAL)
        terminal.keys("Enter")
        screen = terminal.shows("The run waits for you")
        assert "RETRY" in screen
        assert "Attempt 1 of" in screen
