"""What ^C, SIGTERM, a closed terminal and `kill -9` do to a run, and what they leave behind."""

from __future__ import annotations

import os
import pty
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.live import FEW_MUTANTS, HeldServer, Live, descendants, eventually, row_of
from tests.support.nexus import NEXUS, environment, nexus, read_terminal
from tests.support.project import COMPETENT, TESTS, TRIVIAL, git, tree_of

SLOW = {
    "answers": {
        **COMPETENT["answers"],
        "tester": [
            TESTS + "\n### tests/test_slow.py\n```python\nimport time\n\n\ndef test_slow():\n    time.sleep(60)\n```\n"
        ],
    }
}
"""Tests that keep the sandbox busy."""


def _is_delivered(project: Path) -> bool:
    return "discount" in (project / "shop/prices.py").read_text() and git(project, "status", "--porcelain") == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_keeps_the_work_and_a_resumed_run_finishes_it(
    project: Path, nexus_home: Path, number: signal.Signals
) -> None:
    before = tree_of(project)
    with HeldServer(COMPETENT, "tester") as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        with Live(["--headless", TRIVIAL, "--json", "--yes"], project, env) as live:
            server.wait_until_asked()
            live.signal(number)
            done = live.finish()
        assert (done.code, done.last["kind"], done.last["verdict"]) == (130, "run.finished", "cancelled")
        assert done.last["run"] in done.last["remedy"]
        assert "Traceback" not in done.err
        assert [event["outcome"] for event in done.of("phase.finished") if event["phase"] == "tester"] == [
            "interrupted"
        ]
        assert tree_of(project) == before
        assert row_of(nexus_home).status == "interrupted"
        server.go.set()
        resumed = nexus(["--headless", "--last", "--json"], project, env)
        assert (resumed.code, resumed.last["verdict"]) == (0, "verified"), resumed.err
        assert server.asked("implementer") == 1
    assert _is_delivered(project)
    assert [event["seq"] for event in done.events + resumed.events] == list(range(1, resumed.last["seq"] + 1))
    assert row_of(nexus_home).status == "finished"


def test_a_second_interrupt_ends_even_a_run_that_is_stuck(project: Path, nexus_home: Path, tmp_path: Path) -> None:
    door = tmp_path / "door"
    os.mkfifo(door)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text(f"#!/bin/sh\nexec cat {door}\n")  # a git that waits for somebody to come
    (tools / "git").chmod(0o755)
    env = environment(nexus_home, "http://127.0.0.1:9/v1")
    env["PATH"] = f"{tools}:{env['PATH']}"
    with Live(["--headless", TRIVIAL, "--json"], project, env) as live:
        eventually(lambda: "cat" in descendants(live.process.pid).values())

        def ended_or_pressed() -> bool:
            live.signal(signal.SIGINT)
            return live.process.poll() is not None

        eventually(ended_or_pressed)
        done = live.finish()
    assert (done.code, done.last["kind"], done.last["verdict"]) == (130, "run.finished", "cancelled")
    os.close(os.open(door, os.O_RDWR))


class _Terminal:
    """A run whose controlling terminal is ours to type on and to close."""

    def __init__(self, args: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execve(NEXUS[0], [*NEXUS, *args], env)
        self.code: int | None = None

    def wait(self) -> int:
        def ended() -> bool:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            return bool(pid)

        eventually(ended)
        assert self.code is not None
        return self.code


def test_ctrl_c_at_a_terminal_stops_the_run_and_says_how_it_goes_on(project: Path, nexus_home: Path) -> None:
    with HeldServer(COMPETENT, "implementer") as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        terminal = _Terminal(["--headless", TRIVIAL, "--yes"], project, env)
        server.wait_until_asked()
        os.write(terminal.screen, b"\x03")
        assert terminal.wait() == 130
    text = read_terminal(terminal.screen)
    os.close(terminal.screen)
    assert f"--resume {row_of(nexus_home).id}" in text
    assert "Traceback" not in text


def test_a_closed_terminal_does_not_stop_the_run(project: Path, nexus_home: Path) -> None:
    with HeldServer(COMPETENT, "implementer") as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        terminal = _Terminal(["--headless", TRIVIAL, "--yes"], project, env)
        server.wait_until_asked()
        os.close(terminal.screen)
        server.go.set()
        assert terminal.wait() == 0
    assert _is_delivered(project)
    assert row_of(nexus_home).verdict == "verified"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)], ids=["interrupted", "killed"]
)
def test_no_box_outlives_its_run(project: Path, nexus_home: Path, number: signal.Signals, code: int) -> None:
    boxes: dict[int, str] = {}
    with HeldServer(SLOW, "nobody") as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        with Live(["--headless", TRIVIAL, "--json"], project, env) as live:
            live.until("sandbox.started", purpose="verify")
            eventually(lambda: any(name.startswith("python") for name in descendants(live.process.pid).values()))
            boxes = descendants(live.process.pid)
            assert "bwrap" in boxes.values()
            live.signal(number)
            assert live.finish().code == code
    eventually(lambda: not [pid for pid in boxes if _lives(pid)])


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_killed_run_is_listed_as_interrupted_and_goes_on(project: Path, nexus_home: Path) -> None:
    with HeldServer(COMPETENT, "tester") as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        with Live(["--headless", TRIVIAL, "--json", "--yes"], project, env) as live:
            server.wait_until_asked()
            live.signal(signal.SIGKILL)
            live.finish()
        listed: list[dict[str, Any]] = nexus(["runs", "--json"], project, env).events[0]  # type: ignore[assignment]
        assert [(row["status"], row["verdict"]) for row in listed] == [("interrupted", "")]
        server.go.set()
        resumed = nexus(["--headless", "--resume", listed[0]["id"][:-2], "--json"], project, env)
    assert resumed.code == 0, resumed.err
    assert resumed.events[0]["kind"] == "run.resumed"
    assert server.asked("implementer") == 1
    assert _is_delivered(project)
