"""Standard streams: what is read, what is written, and that nobody has to be there to listen."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.support.live import FEW_MUTANTS
from tests.support.nexus import DEADLINE_S, NEXUS, environment, nexus, start
from tests.support.openai_script import Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import COMPETENT, TRIVIAL, git


def _is_delivered(project: Path) -> bool:
    return "discount" in (project / "shop/prices.py").read_text() and git(project, "status", "--porcelain") == ""


def test_a_reader_that_leaves_after_one_line_does_not_stop_the_run(project: Path, nexus_home: Path) -> None:
    with OpenAIServer(Script.of(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        process = start(["--headless", TRIVIAL, "--json", "--yes"], project, env)
        assert process.stdout is not None and process.stderr is not None
        assert "run.started" in process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(DEADLINE_S), said) == (0, "")
        process.stderr.close()
    assert _is_delivered(project)


def test_closed_progress_does_not_stop_the_run_and_the_result_is_still_printed(project: Path, nexus_home: Path) -> None:
    with OpenAIServer(Script.of(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        process = start(["--headless", TRIVIAL, "--yes"], project, env)
        assert process.stdout is not None and process.stderr is not None
        process.stderr.close()
        text = process.stdout.read()
        assert process.wait(DEADLINE_S) == 0
        process.stdout.close()
    assert text.startswith("verified: ")
    assert "shop/prices.py" in text.splitlines()[1]
    assert _is_delivered(project)


def test_a_run_without_any_stream_delivers(project: Path, nexus_home: Path) -> None:
    with OpenAIServer(Script.of(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *NEXUS, "--headless", TRIVIAL, "--yes"]
        done = subprocess.run(closed, cwd=project, env=env, timeout=DEADLINE_S, check=False)
    assert done.returncode == 0
    assert _is_delivered(project)


def test_standard_input_is_left_for_the_next_program(project: Path, nexus_home: Path) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"for somebody else\n")
    with OpenAIServer(Script.of(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        process = start(["--headless", TRIVIAL], project, env, stdin=ours)
        process.communicate(timeout=DEADLINE_S)
    os.close(theirs)
    assert process.returncode == 0
    assert os.read(ours, 100) == b"for somebody else\n"
    os.close(ours)


def test_without_a_sandbox_the_last_line_says_how_to_get_one(project: Path, nexus_home: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bin"
    bare.mkdir()
    env = environment(nexus_home, "http://127.0.0.1:9/v1", DOCKER_HOST="unix:///nowhere/docker.sock")
    env |= {"PATH": str(bare), "NEXUS_SANDBOX__BACKEND": "auto"}
    done = nexus(["--headless", TRIVIAL, "--json", "--yes"], project, env)
    assert (done.code, done.last["kind"], done.last["exit_code"]) == (5, "run.finished", 5)
    assert "sudo apt-get install -y bubblewrap" in done.last["remedy"]
    assert "discount" not in (project / "shop/prices.py").read_text()
