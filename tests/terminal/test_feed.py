"""The feed hands a run over: whole, in order, no faster than it is shown, and through trouble."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from textual.message import Message

from app.terminal.application import NexusApp
from app.terminal.feed import RunFeed
from app.terminal.pace import Pace
from config.paths import Paths, make_private_dir, user_paths
from config.settings import LimitSettings, Settings
from core import events as ev
from core.events import Body, body_to_json
from core.guardrails import GuardEvent
from core.ids import RunId
from core.run.runs import begin_run, change_run, claim, create_run, finish_run
from core.storage.event_log import EventLog
from core.storage.store import Store
from screens.news import RunMoved
from screens.ports import News, RunView
from tests.support.live import eventually
from tests.support.screens import opened, until

RUN = RunId("261123-0101-aaaaaa")
OTHER = RunId("261123-0102-bbbbbb")
LOG = "sandbox/verify-1.log"
ANSWER = "model/implementer.1.txt"


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    return user_paths()


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    with Store(paths.database) as opened_store:
        yield opened_store


class Run:
    """A run that is driven by this process."""

    def __init__(self, store: Store, paths: Paths, run_id: RunId, project: Path) -> None:
        self.id = run_id
        self.store = store
        self.folder = paths.run_dir(run_id)
        create_run(store, run_id, project, f"request of {run_id}", Settings(), {})
        self.lock = claim(paths, run_id)
        begin_run(store, run_id)
        self.log = EventLog(store, run_id)

    def emit(self, *bodies: Body) -> None:
        for body in bodies:
            self.log.emit(body)
        self.store.write(lambda _: None)  # everything before it is durable now

    def notices(self, first: int, last: int) -> None:
        self.emit(*(ev.Notice(str(number)) for number in range(first, last + 1)))

    def write(self, name: str, data: bytes) -> None:
        place = self.folder / name
        make_private_dir(place.parent)
        with place.open("ab") as file:
            file.write(data)

    def finish(self) -> None:
        end = ev.RunFinished("verified", "It passed.", 0)
        self.emit(end)
        finish_run(self.store, self.id, end)
        self.lock.release()


@pytest.fixture
def run(store: Store, paths: Paths, tmp_path: Path) -> Iterator[Run]:
    driven = Run(store, paths, RUN, tmp_path)
    yield driven
    driven.lock.release()


class Screen:
    """Takes batches as the application does; paints nothing while `hold` is cleared."""

    def __init__(self, store: Store, paths: Paths, run_id: str = RUN) -> None:
        self.batches: list[tuple[RunView, News]] = []
        self.warnings: list[str] = []
        self.paints = threading.Event()
        self.paints.set()
        self.feed = RunFeed(store, paths, run_id, Pace(200, lambda: 0), self._deliver, self.warnings.append)

    def _deliver(self, feed: RunFeed, view: RunView, news: News) -> None:
        self.batches.append((view, news))
        threading.Thread(target=self._paint, args=(feed,), daemon=True).start()

    def _paint(self, feed: RunFeed) -> None:
        self.paints.wait()
        feed.taken()
        feed.shown()

    @property
    def view(self) -> RunView:
        return self.batches[-1][0]

    @property
    def seqs(self) -> list[int]:
        return [event.seq for _, news in self.batches for event in news.events]

    @property
    def text(self) -> str:
        return "".join(text.text for _, news in self.batches for text in news.texts)

    def saw(self, holds: Callable[[], object]) -> None:
        eventually(lambda: self.batches and holds())


@contextmanager
def watching(store: Store, paths: Paths, run_id: str = RUN) -> Iterator[Screen]:
    screen = Screen(store, paths, run_id)
    screen.feed.start()
    try:
        yield screen
    finally:
        screen.feed.stop()
        screen.feed.join()


# --- events ---


def test_a_run_opened_in_the_middle_comes_whole_and_goes_on_in_order(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.RunStarted("r", "p", "custom", "bubblewrap", 0, "0"), ev.PhaseStarted("implementer", 1))
    run.notices(3, 40)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.state.seq == 40)
        first = screen.batches[0][1]
        assert first.first and [event.seq for event in first.events] == list(range(1, 41))
        for last in (41, 60, 61):
            run.notices(run.log._seq + 1, last)
        screen.saw(lambda: screen.view.state.seq == 61)
    assert screen.seqs == list(range(1, 62))
    assert [news.first for _, news in screen.batches].count(True) == 1
    assert screen.view.state.phases["implementer"].status == "running"


def test_what_happens_while_a_picture_is_painted_comes_as_one_batch(run: Run, store: Store, paths: Paths) -> None:
    run.notices(1, 1)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.budgets)  # the second batch; nothing is left to tell
        screen.paints.clear()
        run.notices(2, 2)
        screen.saw(lambda: screen.view.state.seq == 2)
        before = len(screen.batches)
        for number in range(3, 103):
            run.notices(number, number)
        time.sleep(0.3)  # room to do the wrong thing
        assert len(screen.batches) == before
        screen.paints.set()
        screen.saw(lambda: screen.view.state.seq == 102)
        assert len(screen.batches) == before + 1


def test_a_screen_that_is_closed_while_it_paints_does_not_stop_the_feed(
    run: Run, store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.terminal.feed._LONGEST_PAINT_S", 0.05)
    monkeypatch.setattr(Screen, "_paint", lambda _, feed: feed.taken())
    with watching(store, paths) as screen:
        for number in range(1, 6):
            run.notices(number, number)
            screen.saw(lambda: screen.view.state.seq == number)  # noqa: B023 - waited for here


def test_events_of_other_runs_disturb_nobody(run: Run, store: Store, paths: Paths, tmp_path: Path) -> None:
    other = Run(store, paths, OTHER, tmp_path)
    run.notices(1, 1)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.budgets)
        before = len(screen.batches)
        other.notices(1, 50)
        run.write(ANSWER, b"nobody announced this")
        time.sleep(0.3)
        assert len(screen.batches) == before
    other.lock.release()


def test_an_event_that_a_busy_database_refused_is_waited_for(run: Run, store: Store, paths: Paths) -> None:
    _insert(store, 1, 2, 4, 5)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.state.seq == 2)
        _insert(store, 6)
        _insert(store, 3)
        screen.saw(lambda: screen.view.state.seq == 6)
    assert screen.seqs == [1, 2, 3, 4, 5, 6]


def test_a_gap_that_nobody_will_fill_is_passed_over(run: Run, store: Store, paths: Paths) -> None:
    _insert(store, 1, 3)
    run.lock.release()
    store.write(lambda db: db.execute("UPDATE runs SET status = 'interrupted'"))
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.state.seq == 3)
    assert screen.seqs == [1, 3]


def _insert(store: Store, *seqs: int) -> None:
    rows = [(RUN, seq, float(seq), body_to_json(ev.Notice(str(seq)))) for seq in seqs]
    store.write(
        lambda db: db.executemany("INSERT INTO events (run_id, seq, at, body) VALUES (?, ?, ?, ?)", rows).rowcount
    )


# --- how a run stands ---


def test_a_run_whose_process_died_is_shown_as_interrupted(run: Run, store: Store, paths: Paths) -> None:
    run.notices(1, 1)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.row.status == "running")
        run.lock.release()  # as the kernel does
        began = time.monotonic()
        screen.saw(lambda: screen.view.row.status == "interrupted")
        assert not screen.view.live
        assert time.monotonic() - began < 10


def test_a_run_that_is_resumed_is_live_again_under_its_new_limits(run: Run, store: Store, paths: Paths) -> None:
    fact = GuardEvent("failure", phase="implementer", fingerprint="f").to_dict()
    decided = ev.GuardrailDecided("RETRY", "", "", "implementer", 1, fact)
    run.emit(ev.RunStarted("r", "p", "custom", "bubblewrap", 0, "0"), decided)
    run.finish()
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.left is not None)
        assert screen.view.left is not None and screen.view.left.errors == 4
        assert not screen.view.live
        run.lock.acquire()
        change_run(store, RUN, Settings(limits=LimitSettings(max_total_errors=9, cost_limit_per_task=7)), {})
        begin_run(store, RUN)
        run.emit(ev.RunResumed("more money"), decided)
        screen.saw(lambda: screen.view.state.resumed == 1 and screen.view.left.errors == 7)  # type: ignore[union-attr]
        assert screen.view.live and screen.view.state.status == "running"
        assert screen.view.budgets[0].limit == 7_000_000


def test_a_run_recorded_with_settings_nobody_knows_has_no_figures(run: Run, store: Store, paths: Paths) -> None:
    store.write(lambda db: db.execute('UPDATE runs SET settings = \'{"flux": {"capacity": 3}}\''))
    with watching(store, paths) as screen:
        run.emit(ev.GuardrailDecided("RETRY", "", "", "implementer", 1, {"kind": "failure"}))
        run.notices(2, 3)
        screen.saw(lambda: screen.view.state.seq == 3)
    assert (screen.view.budgets, screen.view.left, screen.view.trouble) == ((), None, "")


def test_why_an_engine_ended_is_told_while_its_run_waits(store: Store, paths: Paths, tmp_path: Path) -> None:
    create_run(store, RUN, tmp_path, "r", Settings(), {})
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.row.status == "queued")
        screen.feed.engine_ended("There is no sandbox.")
        screen.saw(lambda: screen.view.trouble == "There is no sandbox.")


# --- trouble ---


def test_a_database_that_cannot_be_read_is_told_once_and_caught_up_with(run: Run, store: Store, paths: Paths) -> None:
    run.notices(1, 3)
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.budgets)
        _rename(paths, "deliveries", "gone")
        run.notices(4, 9)
        screen.saw(lambda: "refused an operation" in screen.view.trouble)
        assert screen.view.state.seq == 3
        told = len(screen.batches)
        run.notices(10, 10)
        time.sleep(0.3)
        assert len(screen.batches) == told
        _rename(paths, "gone", "deliveries")
        screen.saw(lambda: screen.view.trouble == "" and screen.view.state.seq == 10)
    assert screen.seqs == list(range(1, 11))


def test_a_run_that_cannot_be_opened_is_told_once(run: Run, store: Store, paths: Paths) -> None:
    _rename(paths, "deliveries", "gone")
    with watching(store, paths) as screen:
        eventually(lambda: screen.warnings)
        time.sleep(0.3)
        assert len(screen.warnings) == 1 and not screen.batches
        _rename(paths, "gone", "deliveries")
        screen.saw(lambda: screen.view.row.id == RUN)


def _rename(paths: Paths, table: str, name: str) -> None:
    db = sqlite3.connect(paths.database)
    db.execute("PRAGMA legacy_alter_table = ON")  # leaves the tables alone that refer to it
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute(f"ALTER TABLE {table} RENAME TO {name}")
    db.commit()
    db.close()


def test_a_run_folder_that_is_deleted_leaves_what_was_read(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.SandboxStarted("verify", 1, "bubblewrap", "pytest", LOG))
    run.write(LOG, b"one\ntwo\n")
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.log is not None and screen.view.log.line_count == 2)
        (run.folder / LOG).unlink()
        run.notices(2, 2)
        screen.saw(lambda: screen.view.log.missing and screen.view.state.seq == 2)  # type: ignore[union-attr]
        assert screen.view.log is not None and screen.view.log.lines(0, 9) == ["one", "two"]


def test_feeds_that_were_stopped_keep_no_file_open(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.SandboxStarted("verify", 1, "bubblewrap", "pytest", LOG))
    run.write(LOG, b"one\n")

    def open_files() -> int:
        gc.collect()  # feed and screen know each other
        return len(list(Path("/proc/self/fd").iterdir()))

    def look() -> None:
        with watching(store, paths) as screen:
            screen.saw(lambda: screen.view.log is not None and screen.view.log.line_count == 1)

    look()
    before = open_files()
    for _ in range(10):
        look()
    assert open_files() <= before


# --- answers and logs ---


def test_an_answer_comes_as_it_is_written(run: Run, store: Store, paths: Paths) -> None:
    data = "Añadido: ".encode() + "— done\x1b]52;c;aGk=\x07 ✓".encode()
    run.emit(ev.ModelProgress("implementer", "implementer.1/0", ANSWER, 1))
    with watching(store, paths) as screen:
        for at in range(len(data)):  # also between the bytes of one character
            run.write(ANSWER, data[at : at + 1])
            if at % 7 == 0:
                screen.saw(lambda: True)
        screen.saw(lambda: screen.text.endswith("✓"))
    starts = [text.start for _, news in screen.batches for text in news.texts]
    assert starts[0] and not any(starts[1:])
    assert screen.text.startswith("Añadido: — done") and "\x1b" not in screen.text and "\x07" not in screen.text


def test_a_huge_answer_comes_in_pieces(run: Run, store: Store, paths: Paths) -> None:
    text = "".join(f"{number:09d}\n" for number in range(100_000))
    run.write(ANSWER, text.encode())
    run.emit(ev.ModelAnswered("implementer", "implementer.1/0", "m", 1, 1, 0, 0, False, 1, 1, ANSWER))
    with watching(store, paths) as screen:
        screen.saw(lambda: len(screen.text) == len(text))
    assert screen.text == text
    assert max(len(piece.text) for _, news in screen.batches for piece in news.texts) <= 64 * 1024


def test_an_answer_without_a_file_is_no_trouble(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.ModelAnswered("implementer", "implementer.1/0", "m", 1, 1, 0, 0, False, 1, 1, "model/gone.txt"))
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.state.seq == 1)
    assert (screen.text, screen.view.trouble) == ("", "")


def test_a_flood_of_lines_costs_a_batch_per_picture(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.SandboxStarted("verify", 1, "bubblewrap", "pytest", LOG))
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.budgets and screen.view.log is not None)
        screen.paints.clear()
        run.write(LOG, b"first\n")
        screen.saw(lambda: screen.batches[-1][1].log_grew)
        before = len(screen.batches)
        for number in range(200):
            run.write(LOG, b"".join(b"line %d of %d\n" % (each, number) for each in range(100)))
        screen.paints.set()
        screen.saw(lambda: screen.view.log.line_count == 20_001)  # type: ignore[union-attr]
        assert len(screen.batches) == before + 1
        assert screen.view.log is not None and screen.view.log.lines(20_000, 1) == ["line 99 of 199"]


def test_the_newest_output_is_shown_until_another_is_chosen(run: Run, store: Store, paths: Paths) -> None:
    run.emit(*(ev.SandboxStarted("verify", each, "bubblewrap", "pytest", f"sandbox/{each}.log") for each in (1, 2)))
    run.write("sandbox/1.log", b"one\n")
    run.write("sandbox/2.log", b"two\n")
    run.finish()
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.log is not None and screen.view.log.lines(0, 1) == ["two"])
        assert screen.view.logs == ("sandbox/1.log", "sandbox/2.log")
        screen.feed.choose_log("sandbox/1.log")
        screen.saw(lambda: screen.view.log is not None and screen.view.log.lines(0, 1) == ["one"])
        screen.feed.choose_log("")
        screen.saw(lambda: screen.view.log is not None and screen.view.log.lines(0, 1) == ["two"])


# --- switching ---


def test_switching_quickly_between_runs_shows_nothing_of_the_one_before(
    run: Run, store: Store, paths: Paths, tmp_path: Path
) -> None:
    other = Run(store, paths, OTHER, tmp_path)
    both = (run, other)
    for each in both:
        each.notices(1, 1)
    heard: list[RunMoved] = []

    def hear(message: Message) -> None:
        if type(message) is RunMoved and message.view is not None:
            heard.append(message)

    async def switch() -> None:
        async with opened(store, paths, run_id=RUN, folder=tmp_path, heard=hear) as pilot:
            for number in range(2, 13):
                for each in both:
                    each.notices(number, number)
                cast(NexusApp, pilot.app).open_run(RUN if number % 2 else OTHER)
                for _ in range(number % 4):
                    await pilot.pause()
            await until(pilot, lambda: heard and _shown(heard[-1]) == (OTHER, 12))

    asyncio.run(switch())
    other.lock.release()
    before = ""
    for message in heard:
        shown, _ = _shown(message)
        if shown != before:
            assert message.news.first and message.news.events[0].seq == 1
        before = shown


def _shown(message: RunMoved) -> tuple[str, int]:
    assert message.view is not None
    return message.view.row.id, message.view.state.seq
