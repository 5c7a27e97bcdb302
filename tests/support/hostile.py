"""Text that tries to take over the terminal, put wherever a run keeps text; and proof that none of it got out."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.paths import Paths
from core.events import RunFinished
from core.run.runs import find_run, finish_run
from core.storage.event_log import read_events
from core.storage.store import Store
from evals.perf.pty_terminal import PtyTerminal
from tests.support.nexus import DEADLINE_S, NEXUS, environment

MARK = "7331"
"""Stands in every injected sequence, and in none that the application itself sends."""
SEQUENCES = (
    f"\x1b]52;c;T1dORUQ{MARK}\x07",  # clipboard
    f"\x1b]0;owned{MARK}\x07\x1b]2;owned{MARK}\x1b\\",  # title
    f"\x1b]8;;http://owned{MARK}.example/\x1b\\\x1b]8;;\x1b\\",  # link
    f"\x1b[{MARK}J\x1b[2J\x1b[{MARK};1H\x1b[{MARK}A\x1b[{MARK}m",  # clear, cursor, colour
    f"\x1bPowned{MARK}\x1b\\\x1b_owned{MARK}\x1b\\\x1b^owned{MARK}\x1b\\",  # DCS, APC, PM
    f"\x9b{MARK}m\x9d0;owned{MARK}\x9c\x90owned{MARK}\x9c\x85\x8d",  # the same as single C1 characters
    "\u202e\u2066\u200f\x00\x07\x08\x7f\x0e\x1bc",  # direction, NUL, bell, backspace, other character set, reset
)
MARKUP = f"[link=http://owned{MARK}.example/][@click=app.quit]"
"""Of Textual; it is text as well."""
POISON = "".join(SEQUENCES) + MARKUP

_SEQUENCE = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b[\\]P].*?(?:\x07|\x1b\\\\)|\x1b[=>78]", re.S)
"""What the application uses; any other escape stands loose between them."""
_LOOSE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_AFTER = 12
_NAMES = frozenset(
    ("kind", "phase", "action", "outcome", "verdict", "severity", "state", "approval", "default", "step", "source")
)
"""Fields that hold a word of Nexus, not of the world."""


def poisoned(value: Any, field: str = "", path_too: bool = False) -> Any:
    """A JSON value with the poison within every text in it; words of Nexus and paths of its own files stay."""
    if isinstance(value, dict):
        return {name: poisoned(each, name, path_too=bool(field)) for name, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, field or "list") for each in value]
    if not isinstance(value, str) or field in _NAMES or (field == "path" and not path_too):
        return value
    return within(value)


def within(text: str) -> str:
    """The poison after the first words of a text, so that a list that cuts long texts off must deal with it."""
    return f"{text[:_AFTER]}{POISON}{text[_AFTER:]}"


def poison(store: Store, paths: Paths, run_id: str) -> None:
    """Put it into everything that a recorded run holds: its row, its events, its answers, outputs and report."""

    row = find_run(store, run_id)

    def write(db: sqlite3.Connection) -> None:
        for seq, text in db.execute("SELECT seq, body FROM events WHERE run_id = ?", (run_id,)).fetchall():
            body = json.dumps(poisoned(json.loads(text)))
            db.execute("UPDATE events SET body = ? WHERE run_id = ? AND seq = ?", (body, run_id, seq))
        db.execute("UPDATE runs SET request = ? WHERE id = ?", (within(row.request), run_id))

    store.write(write)
    end = read_events(store, run_id)[-1].body
    if isinstance(end, RunFinished):
        finish_run(store, run_id, end)
    folder = paths.run_dir(run_id)
    for place in [*folder.glob("model/*"), *folder.glob("sandbox/*"), *folder.glob("report.md")]:
        lines = place.read_text(encoding="utf-8").splitlines()
        place.write_text("".join(f"{line}{POISON}\n" for line in lines), encoding="utf-8")


@contextmanager
def watched(home: Path, folder: Path, *args: str, **env: str) -> Iterator[PtyTerminal]:
    """`nexus` on a real terminal. Afterwards it must still leave in good order, and have let nothing out."""
    given = {**environment(home), "TERM": "xterm-256color", "COLORTERM": "truecolor", **env}
    with PtyTerminal([*NEXUS, str(folder), *args], given, folder) as screen:
        yield screen
        screen.signal(signal.SIGTERM)
        assert screen.wait(DEADLINE_S) == 128 + signal.SIGTERM, screen.text()[-2000:]
        assert_tame(screen.raw)


def press(screen: PtyTerminal, keys: str, *words: str) -> None:
    """Type, and wait until the screen says `words` because of it."""
    since = screen.received
    screen.send(keys)
    if keys.endswith("\x1b"):
        time.sleep(0.3)  # a terminal tells escape from the beginning of a sequence by the pause after it
    for word in words:
        screen.wait_for_text(word, DEADLINE_S, since)


def press_until(screen: PtyTerminal, key: str, word: str) -> None:
    """Press a key, again while it is ignored (a question that pops up takes none at first), until `word`."""
    since, deadline = screen.received, time.monotonic() + DEADLINE_S
    while word not in screen.text(since):
        assert time.monotonic() < deadline, f"{key} never led to {word!r} in:\n{screen.text(since)[-3000:]}"
        screen.send(key)
        time.sleep(0.5)


def assert_tame(raw: bytes) -> None:
    """Every sequence is one of the application's own, and no control character stands between them."""
    text = raw.decode("utf-8", errors="replace")
    assert "Traceback" not in text
    for sequence in _SEQUENCE.findall(text):
        assert MARK not in sequence and sequence != "\x1b[2J", repr(sequence)
    loose = _LOOSE.search(_SEQUENCE.sub("", text))
    assert loose is None, repr(loose)
