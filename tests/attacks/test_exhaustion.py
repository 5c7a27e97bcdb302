"""Programs that try to use the machine up, or never to end (attacks 43-60). Each backend."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.model import BoxFile, BoxRequest
from tests.support.boxes import LIMITS, Boxes

SHORT = replace(LIMITS, timeout_s=1)


def test_a_fork_bomb_meets_the_process_limit(boxes: Boxes) -> None:
    code = """
import errno, os, signal
made, why = 0, 0
try:
    while made < 1000:
        if os.fork() == 0:
            signal.pause()
        made += 1
except OSError as error:
    why = error.errno
print(made, errno.errorcode.get(why))
"""
    outcome = boxes.script(code)
    made, why = outcome.stdout.split()
    assert int(made) <= LIMITS.pids and why == "EAGAIN"


def test_a_thread_bomb_meets_the_process_limit(boxes: Boxes) -> None:
    code = """
import threading
stop = threading.Event()
made = 0
try:
    while made < 1000:
        threading.Thread(target=stop.wait, daemon=True).start()
        made += 1
except RuntimeError:
    pass
stop.set()
print(made)
"""
    assert int(boxes.script(code).stdout) <= LIMITS.pids


def test_too_much_memory_is_said_to_be_that(boxes: Boxes) -> None:
    outcome = boxes.script("keep = [bytearray(8 << 20) for _ in range(4 * 256 // 8)]\n")
    assert (outcome.verdict, outcome.limit_hit) == ("oom", "memory")


def test_memory_of_many_processes_counts_together(boxes: Boxes) -> None:
    code = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        keep = bytearray(os.urandom(1 << 20)) * 100
        time.sleep(30)
for _ in range(8):
    os.wait()
"""
    outcome = boxes.script(code, replace(LIMITS, timeout_s=2))
    if any("per process" in note for note in outcome.notes):
        pytest.skip("NOT TESTED HERE: no control group may be made, so processes are only limited singly")
    assert outcome.verdict == "oom"


def test_the_number_of_files_has_a_limit(boxes: Boxes) -> None:
    if boxes.backend.name != "docker":
        pytest.skip("bubblewrap's folders are limited in size, not in the number of files")
    code = """
import errno
try:
    for number in range(60_000):
        open(f"/tmp/{number}", "w").close()
except OSError as error:
    print(errno.errorcode[error.errno])
"""
    assert boxes.script(code).stdout == "ENOSPC\n"


def test_folders_have_a_size(boxes: Boxes) -> None:
    code = """
import errno, json
out = {}
for folder in ("/work", "/tmp", "/dev/shm"):
    try:
        with open(folder + "/fill", "wb") as file:
            for _ in range(400):
                file.write(bytes(1 << 20))
        out[folder] = "filled"
    except OSError as error:
        out[folder] = errno.errorcode[error.errno]
print(json.dumps(out))
"""
    assert set(boxes.facts(code).values()) <= {"ENOSPC", "EFBIG"}


def test_a_sparse_file_and_open_files_have_limits(boxes: Boxes) -> None:
    code = """
import errno, json, os
def tried(work):
    try:
        work()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
def sparse():
    with open("/tmp/sparse", "wb") as file:
        file.truncate(1 << 40)
keep = []
def many():
    while len(keep) < 100_000:
        keep.append(os.open("/dev/null", os.O_RDONLY))
out = {"sparse": tried(sparse), "many": tried(many)}
for fd in keep:
    os.close(fd)
print(json.dumps(out))
"""
    assert boxes.facts(code) == {"sparse": "EFBIG", "many": "EMFILE"}


def test_a_busy_loop_ends_at_the_limit(boxes: Boxes) -> None:
    outcome = boxes.script("while True: pass\n", SHORT)
    assert (outcome.verdict, outcome.limit_hit) == ("timeout", "time")


def test_ignoring_signals_does_not_help(boxes: Boxes) -> None:
    code = """
import os, signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""
    assert boxes.script(code, SHORT).verdict == "timeout"


def test_a_test_that_never_ends_is_a_timeout_and_keeps_the_rows_before_it(boxes: Boxes) -> None:
    tests = "import time\ndef test_a(): pass\ndef test_b(): time.sleep(600)\n"
    outcome = boxes.tests("", tests, limits=replace(LIMITS, timeout_s=4))
    assert outcome.verdict == "timeout"
    assert [row.test for row in outcome.tests] == ["test_solution.py::test_a"]


def test_a_flood_of_output_is_cut_and_stopped(boxes: Boxes) -> None:
    for stream in ("stdout", "stderr"):
        outcome = boxes.script(f"import os, sys\nwhile True: os.write(sys.{stream}.fileno(), b'x' * 65536)\n")
        assert (outcome.verdict, outcome.limit_hit, outcome.truncated) == ("output_limit", "output", True)
        assert len(getattr(outcome, stream)) == LIMITS.output_kb * 1024


def test_any_bytes_on_stdout_become_text(boxes: Boxes) -> None:
    outcome = boxes.script("import os\nos.write(1, bytes(range(256)) + b'\\x1b[31m\\xed\\xa0\\x80')\n")
    assert outcome.verdict == "passed"
    assert outcome.stdout.encode("utf-8").decode("utf-8") == outcome.stdout


def test_a_child_that_holds_stdout_open_does_not_hold_the_result(boxes: Boxes) -> None:
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
print("ended")
"""
    outcome = boxes.script(code)
    assert (outcome.verdict, outcome.stdout) == ("passed", "ended\n")


def test_deep_recursion_ends(boxes: Boxes) -> None:
    deep = "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()\n"
    assert boxes.script(deep, replace(LIMITS, timeout_s=5)).verdict in ("runtime_error", "oom", "timeout")


def test_a_test_suite_that_runs_out_of_memory_is_not_merely_failed(boxes: Boxes) -> None:
    tests = "def test_a(): keep = [bytearray(8 << 20) for _ in range(200)]\n"
    assert boxes.tests("", tests).verdict == "oom"


def test_many_runs_at_once_leave_nothing_behind(boxes: Boxes) -> None:
    request = BoxRequest("script", (BoxFile("main.py", b"print(1)"),), limits=LIMITS)

    async def all_of_them() -> list[str]:
        slots = asyncio.Semaphore(4)

        async def one() -> str:
            async with slots:
                return (await boxes.backend.run(request))[0].verdict

        return list(await asyncio.gather(*(one() for _ in range(20))))

    assert set(boxes.wait(all_of_them())) == {"passed"}
    assert list(Path("/sys/fs/cgroup").glob(f"*/nexus-sandbox/{os.getpid()}-*")) == []
