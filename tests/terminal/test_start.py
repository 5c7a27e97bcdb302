"""`nexus` where it cannot open, and where it just can: one sentence on an untouched terminal, or the screen."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.paths import user_paths
from core.storage.store import Store
from evals.perf.pty_home import RUNS, fill
from evals.perf.pty_terminal import PtyTerminal
from tests.support.bad_input import assert_one_sentence
from tests.support.nexus import DEADLINE_S, NEXUS, environment

EMPTY = "Say what should change"
FULL_SCREEN, USUAL_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
LEAVE = "\x11"

_HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode = EXCLUSIVE")
db.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def database(home: Path) -> Path:
    """Where the database belongs; its folder is there."""
    place = user_paths({"NEXUS_HOME": str(home)}).database
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def opening(
    home: Path, folder: Path, *args: str, around: Sequence[str] = (), size: tuple[int, int] = (100, 30), **env: str
) -> PtyTerminal:
    """`nexus` on a terminal; `around` is the command that runs it."""
    given = {**environment(home), "TERM": "xterm-256color", **env}
    return PtyTerminal([*around, *NEXUS, *args], {k: v for k, v in given.items() if v}, folder, size)


def refused(screen: PtyTerminal, code: int, *words: str) -> None:
    """It ended with that code and one sentence with these words, and left the terminal as it was."""
    with screen:
        assert screen.wait(DEADLINE_S) == code, screen.text()
    one_sentence(screen.raw.decode(), *words)


def one_sentence(said: str, *words: str) -> None:
    assert "\x1b" not in said and "Traceback" not in said, said
    first, *remedy = said.splitlines()
    assert first.startswith("nexus: "), said
    assert_one_sentence(first)
    assert len(remedy) == 1 and remedy[0].startswith("  "), said
    for word in words:
        assert word in said, said


def opens(screen: PtyTerminal, *words: str) -> None:
    """It shows these words, and leaves in good order."""
    with screen:
        for word in words:
            screen.wait_for_text(word, DEADLINE_S)
        screen.send(LEAVE)
        assert screen.wait(DEADLINE_S) == 0
    assert screen.raw.rfind(USUAL_SCREEN) > screen.raw.rfind(FULL_SCREEN) >= 0


# --- no terminal ---


@pytest.mark.parametrize("redirection", ["</dev/null", "2>errors"], ids=["input", "errors"])
def test_without_a_terminal_the_way_without_one_is_named(nexus_home: Path, folder: Path, redirection: str) -> None:
    around = ("sh", "-c", f'exec "$@" {redirection}', "sh")
    with opening(nexus_home, folder, around=around) as screen:
        assert screen.wait(DEADLINE_S) == 2, screen.text()
    errors = folder / "errors"
    said = screen.raw.decode() + (errors.read_text() if errors.exists() else "")
    one_sentence(said, "needs a terminal", "--headless")
    assert not nexus_home.exists()


@pytest.mark.parametrize(("term", "kind"), [("dumb", "dumb"), ("", "not set")])
def test_a_terminal_that_shows_no_full_screen_is_told_so(nexus_home: Path, folder: Path, term: str, kind: str) -> None:
    refused(opening(nexus_home, folder, TERM=term), 2, f"TERM is {kind}:", "--headless")
    assert not nexus_home.exists()


# --- a small window ---


def test_a_window_that_is_too_small_says_so_in_one_line_and_recovers(nexus_home: Path, folder: Path) -> None:
    with opening(nexus_home, folder, size=(50, 12)) as screen:
        screen.wait_for_text("Nexus needs 60x16.", DEADLINE_S)
        lines = {words for words in re.split(r" {2,}|[\r\n]+", screen.text()) if words.strip()}
        assert lines == {"Nexus needs 60x16. Make the window larger."}
        small = screen.received
        screen.resize(100, 30)
        screen.wait_for_text(EMPTY, DEADLINE_S, since=small)
        large = screen.received
        screen.resize(59, 30)
        screen.wait_for_text("Nexus needs 60x16.", DEADLINE_S, since=large)
        screen.send(LEAVE)
        assert screen.wait(DEADLINE_S) == 0


# --- the database ---


def test_the_first_start_creates_the_database_and_says_what_to_do(nexus_home: Path, folder: Path) -> None:
    opens(opening(nexus_home, folder), EMPTY)
    assert database(nexus_home).stat().st_mode & 0o777 == 0o600


def test_a_damaged_database_is_named_with_what_to_do(nexus_home: Path, folder: Path) -> None:
    place = database(nexus_home)
    place.write_bytes(b"no database at all, " * 500)
    refused(opening(nexus_home, folder), 3, f"The database {place} is damaged.", "move it")
    assert place.read_bytes() == b"no database at all, " * 500


def test_a_database_of_a_newer_nexus_is_left_alone(nexus_home: Path, folder: Path) -> None:
    place = database(nexus_home)
    Store(place).close()
    with sqlite3.connect(place) as db:
        db.execute("PRAGMA user_version = 999")
    refused(opening(nexus_home, folder), 3, f"{place} was written by a newer Nexus (schema 999,", "Update Nexus")


def test_a_database_of_another_program_is_left_alone(nexus_home: Path, folder: Path) -> None:
    place = database(nexus_home)
    with sqlite3.connect(place) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
    before = place.read_bytes()
    refused(opening(nexus_home, folder), 3, f"{place} is a SQLite database of another program.")
    assert place.read_bytes() == before


@contextmanager
def held(place: Path) -> Iterator[None]:
    """Another process is in an exclusive transaction."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        yield
    finally:
        holder.communicate()


def test_a_locked_database_is_not_waited_for_without_end(nexus_home: Path, folder: Path) -> None:
    place = database(nexus_home)
    Store(place).close()
    with held(place):
        began = time.monotonic()
        refused(opening(nexus_home, folder), 3, f"The database {place} is locked by another program.")
        assert time.monotonic() - began < 15
    opens(opening(nexus_home, folder), EMPTY)


@pytest.mark.parametrize("there", [False, True], ids=["no database yet", "a database"])
def test_a_data_directory_that_may_not_be_written_is_named(nexus_home: Path, folder: Path, there: bool) -> None:
    if there:
        Store(database(nexus_home)).close()
    else:
        nexus_home.mkdir()
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    if bound and subprocess.run([*bound, "true"], capture_output=True, check=False).returncode:
        pytest.skip("NOT TESTED: root without setpriv is refused nothing (apt install util-linux)")
    nexus_home.chmod(0o500)
    try:
        refused(opening(nexus_home, folder, around=bound), 3, "cannot be written (", "NEXUS_HOME")
    finally:
        nexus_home.chmod(0o700)


# --- arguments ---


def test_a_folder_that_is_not_there_is_named(nexus_home: Path, folder: Path) -> None:
    refused(opening(nexus_home, folder, "no-such-folder"), 2, "'no-such-folder' is neither a command nor a folder.")
    refused(opening(nexus_home, folder, "docter"), 2, "Did you mean `nexus doctor`?")


def test_a_run_that_is_not_there_is_named(nexus_home: Path, folder: Path) -> None:
    refused(opening(nexus_home, folder, "--run", "nope"), 2, "nope")


def test_the_mouse_is_not_asked_for_in_any_of_its_ways(nexus_home: Path, folder: Path) -> None:
    asks = re.compile(rb"\x1b\[\?(9|100\d|1015|1016)h")
    with opening(nexus_home, folder, "--no-mouse") as without:
        opens(without, EMPTY)
    assert set(asks.findall(without.raw)) <= {b"1004"}  # the focus, which is no mouse
    with opening(nexus_home, folder) as usual:
        opens(usual, EMPTY)
    assert {b"1000", b"1006"} <= set(asks.findall(usual.raw))


# --- many runs ---


def test_5000_runs_open_and_the_history_begins_with_the_newest(nexus_home: Path, folder: Path) -> None:
    fill(nexus_home)
    with Store(database(nexus_home)) as store:
        newest = store.query("SELECT id FROM runs ORDER BY created_at DESC LIMIT 1")[0]["id"]
    with opening(nexus_home, folder, size=(120, 36)) as screen:
        screen.wait_for_text(EMPTY, DEADLINE_S)
        since = screen.received
        screen.send("\x1bOR")
        screen.wait_for_text(f"{RUNS:,} runs", DEADLINE_S, since)
        screen.wait_for_text(newest, DEADLINE_S, since)  # beside the list, about its first line
        screen.send(LEAVE)
        assert screen.wait(DEADLINE_S) == 0
