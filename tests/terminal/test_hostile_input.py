"""What the terminal is given is hostile, huge, broken or gone: it shows what there is and stays usable."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.paths import Paths
from core import events as ev
from core.ids import RunId
from core.run.runs import claim
from core.storage.event_log import EventLog
from core.storage.store import Store
from evals.perf.pty_terminal import PtyTerminal
from tests.support.hostile import MARK, POISON, assert_tame, poison, press, press_until, watched
from tests.support.journal import lay_down
from tests.support.nexus import DEADLINE_S
from tests.support.review import proposed

RUN = "261123-0032-70570b"
WITHOUT_NUL = POISON.replace("\0", "")
LOG = "sandbox/verify-1.log"
F3, F5, F6, HOME, END, ESCAPE = "\x1bOR", "\x1b[15~", "\x1b[17~", "\x1b[H", "\x1b[F", "\x1b"


def named(name: str) -> str:
    """A hostile file name: all but the two characters that no name can have."""
    return name[:4] + f"\x1b]0;owned{MARK}\x07\x1b[{MARK}m\x9b{MARK}m\u202e" + name[4:]


@pytest.fixture
def finished(nexus_home: Path, paths: Paths, tmp_path: Path) -> Path:
    """A folder with a run that has ended."""
    with Store(paths.database) as store:
        lay_down(store, paths, RUN, project=tmp_path)
    return tmp_path


@contextmanager
def running(paths: Paths, folder: Path) -> Iterator[EventLog]:
    """A run under way that has started to test, and the log it writes."""
    with Store(paths.database) as store:
        lay_down(store, paths, RUN, lambda event: event.seq == 5, project=folder)
        lock = claim(paths, RUN)
        try:
            yield EventLog(store, RunId(RUN))
        finally:
            lock.release()


def show_output(screen: PtyTerminal) -> None:
    """Sandbox output over the whole window."""
    screen.wait_for_text("analyst", DEADLINE_S)
    press(screen, "5", "● [5]")
    press(screen, "t", "Follow")
    press(screen, "z", "● [5]")


# --- hostile text ---


def test_the_check_of_these_tests_notices_what_gets_out() -> None:
    for loose in (f"\x1b]0;owned{MARK}\x07", f"\x1b[{MARK}m", "\x1bc", "\x00", "\x9b1m", "\u202e", "\x1b", "\x07"):
        with pytest.raises(AssertionError):
            assert_tame(f"\x1b[?1049h\x1b[1;1Hbefore{loose}after".encode())
    assert_tame(b"\x1b[?1049h\x1b[1;1H\x1b[1;38;2;1;2;3mfine\x1b[0m\x1b]2;title\x1b\\\r\n")


def test_nothing_hostile_in_a_finished_run_gets_out(nexus_home: Path, paths: Paths, tmp_path: Path) -> None:
    folder = tmp_path / named("project")
    folder.mkdir()
    with Store(paths.database) as store:
        lay_down(store, paths, RUN, project=folder)
        poison(store, paths, RUN)
    model = f"{WITHOUT_NUL}my-own-model"
    with watched(nexus_home, folder, "--run", RUN, NEXUS_MODELS__MODEL=model) as screen:
        screen.wait_for_text("Let people t", DEADLINE_S)
        press(screen, "1", "● [1]")
        press(screen, "2", "● [2]")
        press(screen, "3", "● [3]")
        press(screen, "4", "● [4]")
        press(screen, "5", "● [5]")
        press(screen, "t", "30 tests passed.")
        press(screen, "o", "Verified: the change passed in the")
        press(screen, "G", "esc Close")
        press(screen, ESCAPE, "[5] Output")
        press(screen, F3, "Asked", "Let people t")
        press(screen, "p", "event 1 of 146", "[4] Events")
        press(screen, END, "event 146 of 146", "Verified and")
        press(screen, ESCAPE, "Asked")
        press(screen, F5, "my-own-model")
        press(screen, F6, "Budgets")


def test_nothing_hostile_in_a_change_gets_out(nexus_home: Path, paths: Paths, tmp_path: Path) -> None:
    with Store(paths.database) as store, proposed(store, paths, tmp_path) as run:
        run.write(named("aaa_code.py"), f"print('{WITHOUT_NUL}')\nprint('harmless code')\n")
        run.write("aab.txt", f"harmless text{WITHOUT_NUL}\n" * 3)
        run.write("aac.txt", POISON)
        poison(store, paths, RUN)
        with watched(nexus_home, run.workspace.project, "--run", RUN) as screen:
            screen.wait_for_text("The run waits for you", DEADLINE_S)
            screen.wait_for_text("Deliver 5", DEADLINE_S)
            press_until(screen, "v", "Keeps a list")
            screen.wait_for_text("code.py", DEADLINE_S)
            screen.wait_for_text("The pattern", DEADLINE_S)
            press(screen, "1gj", "harmless code")
            press(screen, "j", "harmless text")
            press(screen, "d", "harmless text")
            press(screen, "j", "binary")


def test_nothing_hostile_that_arrives_gets_out(nexus_home: Path, paths: Paths, tmp_path: Path) -> None:
    finding = {"rule": "rule", "severity": "error", "path": named("a.py"), "line": 1, "message": f"bad{POISON}code"}
    with running(paths, tmp_path) as log, watched(nexus_home, tmp_path, "--run", RUN) as screen:
        screen.wait_for_text("analyst", DEADLINE_S)
        log.emit(ev.ModelCalled("analyst", f"step{POISON}", f"model{POISON}", 1))
        log.emit(ev.ModelRetried("analyst", f"step{POISON}", f"model{POISON}", f"error{POISON}", 10, f"next{POISON}"))
        log.emit(ev.AnswerRejected("analyst", f"step{POISON}", [f"problem{POISON}"]))
        log.emit(ev.ContextServed("analyst", 1, [named("a.py")], [named("b.py")]))
        log.emit(ev.GuardrailDecided("ESCALATE", f"rule{POISON}", f"evidence{POISON}"))
        log.emit(ev.FindingsReported(f"checker{POISON}", 0, [{**finding, "fix": POISON, "blocking": True}]))
        log.emit(ev.TestFinished(f"test_it[{POISON}]", "failed", 3, f"{POISON}assert 1 == 2\n{POISON}\nsecond line", 0))
        log.emit(ev.DeliveryChanged("CONFLICT", [named("a.py")], f"branch{POISON}", f"c{POISON}", f"detail{POISON}"))
        log.emit(ev.Notice(f"{POISON} the_notice_ends", "error"))
        screen.wait_for_text("the_notice_ends", DEADLINE_S)
        press(screen, "5", "● [5]")
        press(screen, "\r", "second line")


# --- files ---


def test_a_run_whose_folder_is_deleted_says_so_and_stays_usable(nexus_home: Path, paths: Paths, finished: Path) -> None:
    with watched(nexus_home, finished, "--run", RUN) as screen:
        show_output(screen)
        since = screen.received
        shutil.rmtree(paths.run_dir(RUN))
        screen.wait_for_text("deleted", DEADLINE_S, since)
        press(screen, "o", f"Run {RUN} has no report")
        press(screen, ESCAPE, "PASSED")
        press(screen, F3, "Asked")


def test_a_live_run_whose_folder_is_deleted_stays_usable(nexus_home: Path, paths: Paths, tmp_path: Path) -> None:
    with running(paths, tmp_path) as log, watched(nexus_home, tmp_path, "--run", RUN) as screen:
        screen.wait_for_text("analyst", DEADLINE_S)
        shutil.rmtree(paths.run_dir(RUN))
        log.emit(ev.ModelProgress("analyst", "analyst/0", "analyst-0.md", 99))
        log.emit(ev.Notice("said after it was deleted"))
        screen.wait_for_text("said after it was deleted", DEADLINE_S)
        press(screen, F3, "Asked")


def test_both_ends_of_a_log_of_a_gigabyte_are_reached_at_once(nexus_home: Path, paths: Paths, finished: Path) -> None:
    with (paths.run_dir(RUN) / LOG).open("wb") as file:
        file.write(b"the very first row\n")
        file.seek(1 << 30)
        file.write(b"\nthe very last row\n")
    with watched(nexus_home, finished, "--run", RUN) as screen:
        show_output(screen)
        press(screen, HOME, "the very first row")
        press(screen, END, "the very last row")
        began = time.monotonic()
        press(screen, HOME, "the very first row")
        press(screen, END, "the very last row")
        assert time.monotonic() - began < 3


def test_a_line_of_ten_megabytes_is_shown(nexus_home: Path, paths: Paths, finished: Path) -> None:
    (paths.run_dir(RUN) / LOG).write_bytes(b"it begins " + b"x" * 10_000_000 + b" it ends")
    with watched(nexus_home, finished, "--run", RUN) as screen:
        show_output(screen)
        press(screen, HOME, "it begins")
        press(screen, END, "xxxxx")
        press(screen, "/it ends\r", "it ends")


def test_a_hundred_thousand_lines_in_a_second_leave_no_key_unanswered(
    nexus_home: Path, paths: Paths, tmp_path: Path
) -> None:
    with running(paths, tmp_path), watched(nexus_home, tmp_path, "--run", RUN) as screen:
        show_output(screen)
        writer = threading.Thread(target=_pour, args=(paths.run_dir(RUN) / "sandbox/baseline-0.log",))
        writer.start()
        since = screen.received
        press(screen, "f", "lines ─")
        press(screen, "f", "FOLLOW ─")
        screen.wait_for_text("poured 099999", DEADLINE_S, since)
        writer.join()
        press(screen, "/poured 000000\r", "poured 000000")


def _pour(log: Path) -> None:
    with log.open("a", encoding="utf-8") as file:
        for begin in range(0, 100_000, 5000):
            file.write("".join(f"poured {number:06d}\n" for number in range(begin, begin + 5000)))
            file.flush()
            time.sleep(0.05)


def test_text_that_is_not_utf_8_is_shown(nexus_home: Path, paths: Paths, finished: Path) -> None:
    for name in (LOG, "model/integrator-0.md", "report.md"):
        (paths.run_dir(RUN) / name).write_bytes(b"before \xff\xfe\xc3\x28\xed\xa0\x80 \xf0\x9f after\n")
    with watched(nexus_home, finished, "--run", RUN) as screen:
        show_output(screen)
        screen.wait_for_text("after", DEADLINE_S)
        press(screen, "o", "before", "after")


# --- the database ---

HOLD = """
import fcntl, sys
with open(sys.argv[1], "r+b") as index:
    fcntl.lockf(index, fcntl.LOCK_EX, 8, 120)
    print("held", flush=True)
    sys.stdin.read()
"""
"""Takes all locks of SQLite's write-ahead log, as a program does that repairs the database."""


def test_a_database_that_cannot_be_read_is_told_and_read_again_later(
    nexus_home: Path, paths: Paths, tmp_path: Path
) -> None:
    index = paths.database.with_name(paths.database.name + "-shm")
    with running(paths, tmp_path) as log, watched(nexus_home, tmp_path, "--run", RUN) as screen:
        screen.wait_for_text("analyst", DEADLINE_S)
        other = [sys.executable, "-c", HOLD, str(index)]
        with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None and holder.stdout.readline() == "held\n"
            screen.wait_for_text("is locked by another", DEADLINE_S)
            press(screen, "1", "● [1]")
            holder.communicate()
        log.emit(ev.Notice("said after the lock"))
        screen.wait_for_text("said after the lock", DEADLINE_S)


STRANGE = (
    ('{"limits": {"max_phase_retries": "many"}, "a_section_of_tomorrow": {"x": [1]}}', '{"delivery": ["teleport"]}'),
    ("{}", "{}"),
    ('{"limits": 7, "budgets": null}', '{"cassette": 17, "profile": {"a": 1}, "delivery": 3}'),
)


@pytest.mark.parametrize(("settings", "options"), STRANGE)
def test_a_run_with_settings_of_another_version_is_shown(
    nexus_home: Path, paths: Paths, finished: Path, settings: str, options: str
) -> None:
    with Store(paths.database) as store:
        store.write(lambda db: db.execute("UPDATE runs SET settings = ?, options = ?", (settings, options)))
    with watched(nexus_home, finished, "--run", RUN) as screen:
        screen.wait_for_text("Verified and delivered", DEADLINE_S)
        press(screen, "3", "● [3]")
        press(screen, "v", "[3] Evidence")
        press(screen, ESCAPE, "● [3]")
        press(screen, F3, "Asked")
        press(screen, "p", "event 1 of 146")


def test_events_of_another_version_are_told_as_that(nexus_home: Path, paths: Paths, finished: Path) -> None:
    bodies = (
        '{"kind": "robot.danced", "v": 9, "steps": [1, 2], "deep": {"a": null}}',
        '{"kind": "test.finished", "v": 2, "name": "renamed"}',
        '{"kind": "notice", "v": 2, "text": "with a field of tomorrow", "shade": "mauve"}',
    )

    def write(db: sqlite3.Connection) -> None:
        for seq, body in enumerate(bodies, 147):
            db.execute("INSERT INTO events (run_id, seq, at, body) VALUES (?, ?, 2e9, ?)", (RUN, seq, body))

    with Store(paths.database) as store:
        store.write(write)
    with watched(nexus_home, finished, "--run", RUN) as screen:
        screen.wait_for_text("with a field of tomorrow", DEADLINE_S)
        press(screen, F3, "Asked")
        press(screen, "p", "event 1 of 149")
        press(screen, END, "event 149 of 149")
        press(screen, "\x1b[D\x1b[D", "event 147 of 149", "told by a newer Nexus")
