"""Every way in which the terminal or its engine can end: the screen is given back, and what is not meant lives on."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.paths import Paths, user_paths
from core import events as ev
from core.storage.event_log import read_events
from core.storage.store import Store
from evals.perf.pty_terminal import PtyTerminal
from tests.support.bad_input import assert_one_sentence
from tests.support.journal import lay_down
from tests.support.live import FEW_MUTANTS, HeldServer, end_engine, eventually, is_alive, row_of
from tests.support.nexus import DEADLINE_S, NEXUS, environment
from tests.support.project import COMPETENT, TRIVIAL, make_project

EMPTY = "Say what should change"
ASKS = "The run waits for you"
RUN = "261123-0032-70570b"
SECONDS = 10
"""What a person takes for at once, on a machine that does other things as well."""

ON = {"full screen": "1049h", "mouse": "1000h", "paste": "2004h"}
OFF = {"full screen": "1049l", "mouse": "1000l", "mouse moves": "1003l", "paste": "2004l", "cursor": "25h"}


def assert_given_back(screen: PtyTerminal) -> None:
    """The last word on every mode is that it is off; the cursor's, that it is shown."""
    raw = screen.raw.decode(errors="replace")
    for name, mode in ON.items():
        assert f"\x1b[?{mode}" in raw, f"{name} was never on"
    for name, mode in OFF.items():
        on = mode[:-1] + ("l" if mode.endswith("h") else "h")
        assert raw.rfind(f"\x1b[?{mode}") > raw.rfind(f"\x1b[?{on}"), f"{name} is not given back"
    assert "Traceback" not in raw


# --- a run that a terminal began ---


@dataclass(frozen=True)
class Desk:
    """A project, and a provider that holds a run at its first answer."""

    home: Path
    project: Path
    provider: HeldServer

    def terminal(self) -> PtyTerminal:
        env = environment(self.home, self.provider.base_url, TERM="xterm-256color", **FEW_MUTANTS)
        return PtyTerminal(NEXUS, env, self.project)

    @contextmanager
    def began(self) -> Iterator[tuple[PtyTerminal, str, int]]:
        """A terminal that was told what to do; the run's id and its engine, which waits for the provider."""
        with self.terminal() as screen:
            screen.wait_for_text(EMPTY, DEADLINE_S)
            screen.send(f"{TRIVIAL}\r")
            self.provider.wait_until_asked()
            row = row_of(self.home)
            assert row.pid is not None and is_alive(row.pid)
            assert os.getsid(row.pid) == row.pid, "what is typed in the terminal, ^C and ^Z, could reach the engine"
            screen.wait_for_text(row.id, DEADLINE_S)
            yield screen, row.id, row.pid

    def assert_goes_on(self, run: str, engine: int) -> None:
        """The engine takes its answer when it comes, and works on."""
        assert is_alive(engine) and row_of(self.home).status == "running"
        self.provider.go.set()
        with Store(user_paths({"NEXUS_HOME": str(self.home)}).database) as store:

            def answered() -> bool:
                return any(isinstance(event.body, ev.ModelAnswered) for event in read_events(store, run))

            eventually(lambda: answered() or not is_alive(engine))
            assert answered()
        assert is_alive(engine) and row_of(self.home).pid == engine


@pytest.fixture
def desk(nexus_home: Path, tmp_path: Path) -> Iterator[Desk]:
    provider = HeldServer(COMPETENT, "implementer")
    with provider:
        yield Desk(nexus_home, make_project(tmp_path / "shop"), provider)
        end_engine(nexus_home)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["term", "hup"])
def test_a_signal_ends_the_terminal_in_good_order_and_not_the_run(
    desk: Desk, number: signal.Signals, code: int
) -> None:
    with desk.began() as (screen, run, engine):
        screen.signal(number)
        assert screen.wait(SECONDS) == code
    assert_given_back(screen)
    desk.assert_goes_on(run, engine)


def test_a_window_that_is_closed_takes_the_terminal_with_it_and_not_the_run(desk: Desk) -> None:
    with desk.began() as (screen, run, engine):
        screen.hang_up()
        assert screen.process.wait(SECONDS) == 129
    desk.assert_goes_on(run, engine)


def test_a_killed_terminal_is_opened_again_on_its_run_and_a_killed_engine_is_shown(desk: Desk) -> None:
    with desk.began() as (first, run, engine):
        first.signal(signal.SIGKILL)
        assert first.wait(SECONDS) == -signal.SIGKILL
    with desk.terminal() as screen:
        screen.wait_for_text(run, DEADLINE_S)
        screen.wait_for_text("waiting for the answer", DEADLINE_S)
        since = screen.received
        os.kill(engine, signal.SIGKILL)
        screen.wait_for_text("! interrupted", SECONDS, since)
        screen.wait_for_text("r resumes", SECONDS, since)


def test_a_run_whose_engine_is_killed_is_resumed_with_a_key(desk: Desk) -> None:
    with desk.began() as (screen, run, engine):
        since = screen.received
        os.kill(engine, signal.SIGKILL)
        screen.wait_for_text("! interrupted", SECONDS, since)
        screen.wait_for_text("r resumes", SECONDS, since)
        desk.provider.go.set()
        since = screen.received
        screen.send("r")
        screen.wait_for_text(ASKS, DEADLINE_S, since)
        row = row_of(desk.home)
        assert (row.id, row.status) == (run, "waiting")
        assert row.pid not in (None, engine)
        assert "Traceback" not in screen.text()


# --- a defect of our own ---

_DEFECTIVE = """
import sys
from importlib import import_module

def fail(*args, **more):
    raise LookupError("a defect \\x1b]0;title\\x07")

module, _, name = sys.argv.pop(1).partition(":")
*owner, last = name.split(".")
place = import_module(module)
setattr(getattr(place, owner[0]) if owner else place, last, fail)
from app.cli import main
sys.exit(main())
"""
"""`nexus` with one function that does not work."""


@pytest.mark.parametrize(
    ("function", "keys"),
    [
        ("app.terminal.application:NexusApp.action_interrupt", "\x03"),
        ("app.terminal.steering:Steering.start", "x\r"),
        ("app.terminal.feed:read_events", ""),
    ],
    ids=["a key", "work in a thread", "the feed's thread"],
)
def test_a_defect_ends_in_a_sentence_on_the_restored_terminal_and_a_file_with_the_details(
    nexus_home: Path, paths: Paths, tmp_path: Path, function: str, keys: str
) -> None:
    project = make_project(tmp_path / "shop")
    arguments = []
    if not keys:
        with Store(paths.database) as store:
            lay_down(store, paths, RUN, project=project)
        arguments = ["--run", RUN]
    command = [sys.executable, "-P", "-c", _DEFECTIVE, function, *arguments]
    with PtyTerminal(command, environment(nexus_home, TERM="xterm-256color"), project) as screen:
        if keys:
            screen.wait_for("Request", DEADLINE_S)
            screen.send(keys)
        assert screen.wait(DEADLINE_S) == 1
    assert_given_back(screen)
    said = screen.raw.decode().rpartition("nexus: ")[2]
    sentence, remedy = said.splitlines()
    assert sentence == "An unexpected LookupError stopped the command."
    saved = re.search(r"The details are in (\S+)\. Please report it\.", remedy)
    assert saved is not None, said
    assert_one_sentence(remedy.strip())
    details = Path(saved[1])
    assert "Traceback" in details.read_text() and "a defect" in details.read_text()
    assert details.stat().st_mode & 0o777 == 0o600
