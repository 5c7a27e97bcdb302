"""One holder at a time, across threads and processes, and none that outlives its process."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.storage.locks import FileLock

HOLD = """
import sys
from pathlib import Path
from core.storage.locks import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "l"), FileLock(tmp_path / "l")
    assert first.acquire()
    assert not second.acquire()
    assert not second.acquire(timeout_s=0.03)
    first.release()
    first.release()
    assert second.acquire()


def test_waiting_ends_when_the_holder_lets_go(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "l"), FileLock(tmp_path / "l")
    first.acquire()
    answers: list[bool] = []
    waiter = threading.Thread(target=lambda: answers.append(second.acquire(timeout_s=30)))
    waiter.start()
    first.release()
    waiter.join()
    assert answers == [True]


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLD, str(tmp_path / "l")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert not FileLock(tmp_path / "l").acquire()
        holder.kill()
        holder.wait()
        assert FileLock(tmp_path / "l").acquire(timeout_s=5)


def test_as_a_context_it_takes_at_once_or_says_that_it_cannot(tmp_path: Path) -> None:
    with FileLock(tmp_path / "l") as lock:
        assert lock.held
        with pytest.raises(TimeoutError), FileLock(tmp_path / "l"):
            raise AssertionError("entered twice")
    assert not lock.held
    assert (tmp_path / "l").stat().st_mode & 0o777 == 0o600
