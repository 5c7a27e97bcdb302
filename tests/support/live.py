"""Runs that are under way: held at a point of our choice, watched line by line, ended with the test."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from config.errors import UsageError
from config.paths import user_paths
from core.run.runs import RunRow, find_run
from core.storage.store import Store
from tests.support.nexus import DEADLINE_S, Finished, start
from tests.support.openai_script import Answer, Call, Script
from tests.support.openai_server import OpenAIServer

FEW_MUTANTS = {"NEXUS_LIMITS__MUTANTS": "0"}
"""What is tested here is the contract around the work, not the work."""


class HeldServer(OpenAIServer):
    """A provider that does not answer one step of a phase before it is told to."""

    def __init__(self, script: dict[str, Any], phase: str, ordinal: int = 0) -> None:
        self._script = Script.of(script)
        self._held = (phase, ordinal)
        self.reached = threading.Event()
        self.go = threading.Event()
        super().__init__(self._answer)

    def wait_until_asked(self) -> None:
        assert self.reached.wait(DEADLINE_S), "the run never came to the step it is held at"

    def _answer(self, call: Call) -> Answer:
        if (call.phase, call.ordinal) == self._held:
            self.reached.set()
            self.go.wait(DEADLINE_S)
        return self._script.answer(call)

    def close(self) -> None:
        self.go.set()
        super().close()

    def asked(self, phase: str) -> int:
        """Requests of a phase so far."""
        return sum(entry.phase == phase for entry in self.log)


class Live:
    """A `nexus` process with `--json` on its standard output."""

    def __init__(self, args: Sequence[str], cwd: Path, env: Mapping[str, str], **options: Any) -> None:
        self.process = start(args, cwd, env, **options)
        self.events: list[dict[str, Any]] = []
        self._alarm = threading.Timer(DEADLINE_S, self.process.kill)
        self._alarm.start()

    def __enter__(self) -> Live:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._alarm.cancel()
        self.process.kill()
        self.process.communicate()

    @property
    def run(self) -> str:
        return str(self.events[0]["run"])

    def until(self, kind: str, **fields: object) -> dict[str, Any]:
        """The next event of that kind with those fields."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: dict[str, Any] = json.loads(line)
            self.events.append(event)
            if event["kind"] == kind and fields.items() <= event.items():
                return event
        raise AssertionError(f"the run ended before {kind}: {self.process.communicate()[1]}")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def finish(self) -> Finished:
        """Wait for the end; the events before it are included."""
        out, err = self.process.communicate(timeout=DEADLINE_S)
        seen = "".join(json.dumps(event) + "\n" for event in self.events)
        return Finished(self.process.returncode, seen + out, err)


def row_of(home: Path, run: str = "last") -> RunRow:
    with Store(user_paths({"NEXUS_HOME": str(home)}).database) as store:
        return find_run(store, run)


def eventually(holds: Callable[[], object]) -> None:
    """Wait for what no event announces."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def descendants(pid: int) -> dict[int, str]:
    """Processes below `pid`, with their names."""
    parents: dict[int, tuple[int, str]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        name, _, rest = text.partition("(")[2].rpartition(")")
        if rest.split()[0] != "Z":
            parents[int(stat.parent.name)] = (int(rest.split()[1]), name)
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for child, (above, name) in parents.items():
            if above == parent and child not in found:
                found[child] = name
                waiting.append(child)
    return found


def is_alive(pid: int) -> bool:
    """Whether the process is there and has not ended."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def end_engine(home: Path) -> None:
    """End what a failed test left behind: an engine outlives whoever began its run."""
    try:
        pid = row_of(home).pid
    except UsageError:
        return  # no run
    if pid is not None and is_alive(pid):
        os.kill(pid, signal.SIGKILL)
