"""The world outside the window, byte by byte on a real terminal: clipboard, editor, notifications, mouse, colours."""

from __future__ import annotations

import base64
import os
import re
import shlex
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.terminal.clipboard import CLIPBOARD_LIMIT, copy_sequences, give_to_tmux, keep_in_file, through_tmux
from config.paths import Paths
from core import events as ev
from core.ids import RunId
from core.storage.event_log import EventLog
from core.storage.store import Store
from evals.perf.pty_terminal import PtyTerminal
from screens.intents import CopyText
from tests.support.journal import lay_down
from tests.support.live import eventually
from tests.support.nexus import DEADLINE_S, NEXUS, environment
from tests.support.review import proposed
from tests.support.screens import opened, shows, until
from tests.support.tmux import Tmux, needs_tmux

RUN = "261123-0032-70570b"
READY = "Request"
"""Stands on the run screen as soon as it is painted."""
FOCUS, BLUR = "\x1b[I", "\x1b[O"


@contextmanager
def terminal(home: Path, folder: Path, *args: str, **env: str) -> Iterator[PtyTerminal]:
    """`nexus` on a real terminal, painted."""
    given = {**environment(home), "TERM": "xterm-256color", "COLORTERM": "truecolor", **env}
    with PtyTerminal([*NEXUS, str(folder), *args], given, folder) as screen:
        screen.wait_for(READY, DEADLINE_S)
        yield screen


def sent(screen: PtyTerminal, wanted: str | re.Pattern[bytes]) -> bytes:
    """Wait for those bytes; returns what they were."""
    pattern = wanted if isinstance(wanted, re.Pattern) else re.compile(re.escape(wanted.encode()))
    eventually(lambda: pattern.search(screen.raw))
    found = pattern.search(screen.raw)
    assert found is not None
    return found[0]


def leave(screen: PtyTerminal) -> int:
    screen.send("\x11")
    return screen.wait(DEADLINE_S)


# --- clipboard ---


def test_osc_52_carries_any_text_and_tmux_gets_it_wrapped_as_well() -> None:
    text = "naïve \x1b]0;title\x07 \udcff 寿司"
    plain = copy_sequences(text, {"TERM": "xterm-256color"})
    payload = plain.removeprefix("\x1b]52;c;").removesuffix("\x07")
    assert base64.b64decode(payload).decode() == text.replace("\udcff", "?")
    wrapped = copy_sequences(text, {"TERM": "tmux-256color"}).removeprefix(plain)
    assert wrapped == f"\x1bPtmux;\x1b{plain}\x1b\\"
    assert through_tmux(plain, {"TERM": "xterm"}) == plain


def test_what_is_too_long_for_a_clipboard_goes_to_a_file_of_its_user(tmp_path: Path) -> None:
    place = keep_in_file("x" * (CLIPBOARD_LIMIT + 1), tmp_path / "cache")
    assert place.stat().st_size == CLIPBOARD_LIMIT + 1
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert len(copy_sequences("x" * CLIPBOARD_LIMIT, {})) <= 100_000


@needs_tmux
def test_tmux_takes_text_of_any_length_into_its_buffer(tmp_path: Path) -> None:
    text = "line\n" * 50_000
    with Tmux(tmp_path / "tmux", ["sleep", "1000"], dict(os.environ)):
        env = {**os.environ, "TMUX": f"{tmp_path / 'tmux'},1,0"}
        assert give_to_tmux(text, env)
        shown = ["tmux", "-S", str(tmp_path / "tmux"), "show-buffer"]
        assert subprocess.run(shown, capture_output=True, text=True, check=True).stdout == text
    assert not give_to_tmux(text, env)


def test_without_tmux_nothing_is_given_to_it() -> None:
    assert not give_to_tmux("text", {"PATH": "/nowhere"})


@pytest.fixture
def finished(nexus_home: Path, paths: Paths, tmp_path: Path) -> Path:
    """A folder with a run that has ended."""
    with Store(paths.database) as own:
        lay_down(own, paths, RUN, project=tmp_path)
    return tmp_path


def go_to_phases(screen: PtyTerminal) -> None:
    screen.wait_for("analyst", DEADLINE_S)
    screen.send("\x1b")
    time.sleep(0.3)  # a terminal tells escape from the beginning of a sequence by the pause after it
    screen.send("1")


def test_copying_reaches_the_terminal(nexus_home: Path, finished: Path) -> None:
    with terminal(nexus_home, finished, "--run", RUN) as screen:
        go_to_phases(screen)
        screen.send("y")
        sequence = sent(screen, re.compile(rb"\x1b]52;c;([A-Za-z0-9+/=]+)\x07"))
        assert b"analyst" in base64.b64decode(sequence[7:-1])
        screen.wait_for("Copied the", DEADLINE_S)
        assert leave(screen) == 0


async def test_a_copy_that_is_too_long_is_in_a_file_and_the_user_is_told_where(store: Store, paths: Paths) -> None:
    async with opened(store, paths, (120, 36)) as pilot:
        pilot.app.screen.post_message(CopyText("x" * (CLIPBOARD_LIMIT + 1), "log"))
        place = paths.cache / "copied" / "clipboard.txt"
        await until(pilot, place.exists)
        await shows(pilot, "The log is too long for the clipboard")
        pilot.app.screen.post_message(CopyText("", "log"))
        await shows(pilot, "There is no log to copy.")


# --- editor ---


def test_the_editor_gets_the_terminal_and_gives_it_back(nexus_home: Path, finished: Path) -> None:
    seen = finished / "seen"
    editor = finished / "my editor"
    editor.write_text(f'#!/bin/sh\ncp "$2" {shlex.quote(str(seen))}\necho "$1" IN THE EDITOR\n')
    editor.chmod(0o755)
    command = f"{shlex.quote(str(editor))} --flag"
    with terminal(nexus_home, finished, "--run", RUN, VISUAL=command, EDITOR="no-such-editor") as screen:
        go_to_phases(screen)
        screen.send("4\r")
        screen.wait_for("--flag IN THE EDITOR", DEADLINE_S)
        at = screen.raw.find(b"--flag IN THE EDITOR")
        eventually(lambda: b"\x1b[?1049h" in screen.raw[at:])
        assert screen.raw[:at].rfind(b"\x1b[?1049l") > screen.raw[:at].rfind(b"\x1b[?1049h")
        assert seen.read_text().strip()
        screen.wait_for("analyst", DEADLINE_S, since=at)
        assert leave(screen) == 0


@pytest.mark.parametrize(
    ("editor", "sentence"),
    [
        ("no-such-editor -w", "`no-such-editor` is not installed here."),
        ("false", "false ended with code 1."),
        ("'unclosed", "is not installed here."),
    ],
)
def test_an_editor_that_does_not_work_is_told_and_the_terminal_stays(
    nexus_home: Path, finished: Path, editor: str, sentence: str
) -> None:
    with terminal(nexus_home, finished, "--run", RUN, EDITOR=editor) as screen:
        go_to_phases(screen)
        screen.send("4\r")
        screen.wait_for(sentence, DEADLINE_S)
        assert leave(screen) == 0


# --- attention ---


@contextmanager
def running(nexus_home: Path, paths: Paths, folder: Path, **env: str) -> Iterator[tuple[PtyTerminal, EventLog]]:
    """The terminal on a live run, and the log it follows."""
    with (
        Store(paths.database) as own,
        proposed(own, paths, folder, until=lambda event: event.seq == 5, status="running"),
        terminal(nexus_home, folder, "--run", RUN, **env) as screen,
    ):
        screen.wait_for("analyst", DEADLINE_S)
        yield screen, EventLog(own, RunId(RUN))


def look_away(screen: PtyTerminal) -> None:
    """The window loses the focus, and with it the panel that had it."""
    screen.wait_for("Read", DEADLINE_S)
    since = screen.received
    screen.send(BLUR)
    screen.wait_for("Quit", DEADLINE_S, since)


QUESTION = ev.ApprovalRequested("delivery.0", "Deliver; \x1b]0;x\x07 it?", "branch", files=["a.py"])
NOTICE = re.compile(rb"\x1b]777;notify;([^;]*);([^;]*)\x1b\\")


def test_a_question_is_announced_while_the_window_is_not_looked_at(
    nexus_home: Path, paths: Paths, tmp_path: Path
) -> None:
    with running(nexus_home, paths, tmp_path) as (screen, log):
        assert b"\x1b[?1004h" in screen.raw
        look_away(screen)
        log.emit(QUESTION)
        notice = sent(screen, NOTICE)
        assert b"Nexus needs an answer;Deliver, " in notice
        assert b"\x07" not in notice and b"\x1b]0" not in notice
        sent(screen, "\x1b[22;2t\x1b]2;Nexus needs an answer\x1b\\")
        assert b"\x1b[23;2t" not in screen.raw
        screen.send(FOCUS)
        sent(screen, "\x1b[23;2t")


def test_in_tmux_the_announcement_is_wrapped(nexus_home: Path, paths: Paths, tmp_path: Path) -> None:
    with running(nexus_home, paths, tmp_path, TERM="tmux-256color") as (screen, log):
        look_away(screen)
        log.emit(QUESTION)
        sent(screen, "\x1bPtmux;\x1b\x1b]777;notify;Nexus needs an answer;")


def test_the_end_is_announced_and_the_title_is_given_back_at_last(
    nexus_home: Path, paths: Paths, tmp_path: Path
) -> None:
    with running(nexus_home, paths, tmp_path) as (screen, log):
        look_away(screen)
        log.emit(ev.RunFinished("not_verified", "The tests fail.", 1))
        assert b"Nexus: not verified;The tests fail." in sent(screen, NOTICE)
        screen.signal(signal.SIGTERM)
        assert screen.wait(DEADLINE_S) == 143
        assert b"\x1b[23;2t" in screen.raw


def test_nothing_is_announced_to_somebody_who_looks(nexus_home: Path, paths: Paths, tmp_path: Path) -> None:
    with running(nexus_home, paths, tmp_path) as (screen, log):
        look_away(screen)
        since = screen.received
        screen.send(FOCUS)
        screen.wait_for("Read", DEADLINE_S, since)
        log.emit(QUESTION)
        screen.wait_for("The run waits for you", DEADLINE_S)
        assert not NOTICE.search(screen.raw)


# --- mouse and colours ---

MOUSE_ON, MOUSE_OFF = b"\x1b[?1000h", b"\x1b[?1000l"


def test_the_mouse_can_be_given_to_the_terminal_and_taken_back(nexus_home: Path, finished: Path) -> None:
    with terminal(nexus_home, finished, "--run", RUN) as screen:
        go_to_phases(screen)
        before = screen.raw.count(MOUSE_ON)
        assert before
        screen.send("M")
        screen.wait_for("drag to select", DEADLINE_S)
        assert MOUSE_OFF in screen.raw
        screen.send("M")
        screen.wait_for("The mouse is for Nexus again", DEADLINE_S)
        assert screen.raw.count(MOUSE_ON) == before + 1
        assert leave(screen) == 0


def test_the_mouse_is_left_alone_where_it_is_not_wanted(nexus_home: Path, finished: Path) -> None:
    with terminal(nexus_home, finished, "--run", RUN, "--no-mouse") as screen:
        go_to_phases(screen)
        assert MOUSE_ON not in screen.raw
        assert leave(screen) == 0
        assert MOUSE_ON not in screen.raw


def colours(data: bytes) -> set[int]:
    """The codes for colours among all those for how text looks."""
    codes = {int(code) for found in re.findall(rb"\x1b\[([0-9;]*)m", data) for code in found.split(b";") if code}
    return {code for code in codes if (30 <= code <= 49 and code not in (39, 49)) or 90 <= code <= 107}


def test_no_color_means_no_colour(nexus_home: Path, finished: Path) -> None:
    with terminal(nexus_home, finished, "--run", RUN, NO_COLOR="1") as screen:
        go_to_phases(screen)
        screen.send("?")
        screen.wait_for("ype to search", DEADLINE_S)
        assert colours(screen.raw) == set()
    with terminal(nexus_home, finished, "--run", RUN) as screen:
        assert colours(screen.raw)


def test_no_color_means_no_colour_on_the_start_page_and_in_the_history(nexus_home: Path, finished: Path) -> None:
    with terminal(nexus_home, finished, NO_COLOR="1") as screen:
        screen.wait_for_text("Say what should change", DEADLINE_S)
        screen.wait_for_text("This machine", DEADLINE_S)
        screen.send("\x1bOR")  # F3
        screen.wait_for_text(RUN, DEADLINE_S)
        assert colours(screen.raw) == set()
