"""A process that delivers or undoes and is killed by the kernel at a chosen step. Run with `python -m`.

For each JSON line on stdin a child is forked, which sends itself SIGKILL at its `at`-th audited operation (opening,
renaming, linking, removing, making a folder, starting git), or at the first one of the name `at`; one line with the
number of operations comes back, or `killed`. Counting operations instead of time makes every instant reachable and
every failure repeatable.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from core.delivery import deliver, undo
from core.storage.store import Store
from core.workspace import Workspace

_COUNTED = frozenset(
    {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chown", "subprocess.Popen", "fcntl.flock"}
)


def main() -> None:
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _work(json.loads(line), writer)
            os._exit(0)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        with os.fdopen(reader) as answer:
            sys.stdout.write("killed\n" if killed else f"{answer.read()}\n")
        sys.stdout.flush()


def _work(order: dict[str, str | int], writer: int) -> None:
    count = 0

    def step(event: str, _: object) -> None:
        nonlocal count
        if event in _COUNTED:
            count += 1
            if order["at"] in (count, event):
                os.kill(os.getpid(), signal.SIGKILL)

    run, home = str(order["run"]), Path(str(order["home"]))
    with Store(Path(str(order["database"]))) as store:
        workspace = Workspace.open(Path(str(order["project"])), run, home / "cache")
        sys.addaudithook(step)
        if order["action"] == "undo":
            undo(store, run)
        else:
            deliver(store, run, workspace, home / "runs" / run / "delivery", "Add a thing")
        os.write(writer, str(count).encode())


if __name__ == "__main__":
    main()
