"""A replay: a recorded run gone through event by event, forwards and back, with its panels as they were."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.message import Message
from textual.pilot import Pilot

import core.run.playback as playback_module
from config.paths import Paths, user_paths
from config.settings import Settings
from core import events as ev
from core.events import Body, Event, body_to_json
from core.ids import PHASES, RunId
from core.run.event_words import in_words
from core.run.playback import LONGEST_PAUSE_S, Playback
from core.run.runs import RunRow, create_run, find_run, finish_run
from core.state import RunState, fold
from core.storage.event_log import read_events
from core.storage.store import Store
from screens.intents import CopyText
from screens.replay_screen import ReplayScreen
from screens.widgets.phases_panel import PhasesPanel
from screens.widgets.replay_timeline import ReplayTimeline
from screens.widgets.tests_table import TestsTable
from tests.support.journal import events_of, lay_down, read_journal
from tests.support.screens import SMALL, WIDE, hides, opened, screen_text, shows, until

DEMO = RunId("261123-0000-00demo")
BIG = RunId("261123-0000-000b16")
HOSTILE = "\x1b]52;c;QUJD\x07\x1b[2J\x1b[1;1H[bold]loud[/bold] \u202egpj.exe \x00\x9b31m 界界"


@pytest.fixture
def paths(nexus_home: Path) -> Paths:
    return user_paths({"NEXUS_HOME": str(nexus_home)})


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    with Store(paths.database) as opened_store:
        yield opened_store


def row(settings: dict[str, object] | None = None) -> RunRow:
    return RunRow(DEMO, "t", "/p", "do it", "finished", 0, 0, None, "verified", 0, 0, settings=settings or {})


def demo() -> list[Event]:
    return events_of(read_journal(), DEMO)


def numbered(bodies: Iterable[Body], apart_s: float = 0.5) -> list[Event]:
    return [Event(BIG, number, 1000 + number * apart_s, body) for number, body in enumerate(bodies, 1)]


def many_tests(count: int, text: str = "") -> list[Event]:
    tests = [
        ev.TestFinished(f"tests/t.py::test_{n}{text}", "failed" if n % 100 == 7 else "passed", 1, f"E   {text}")
        for n in range(count)
    ]
    start = ev.RunStarted(f"many {text}", "/p", "profile", "bubblewrap", 500_000, "1")
    begins = [start, ev.PhaseStarted("verify"), ev.SandboxStarted("verify", 0, "bubblewrap", "pytest")]
    ends = [ev.VerdictReached(0, False, "Some fail."), ev.RunFinished("not_verified", f"Some fail. {text}", 1)]
    return numbered([*begins, *tests, *ends], 0.01)


def keep(store: Store, events: list[Event]) -> None:
    create_run(store, BIG, Path("/p"), "many", Settings(), {})
    rows = [(BIG, event.seq, event.at, body_to_json(event.body)) for event in events]

    def write(db: sqlite3.Connection) -> None:
        db.executemany("INSERT INTO events (run_id, seq, at, body) VALUES (?, ?, ?, ?)", rows)

    store.write(write)
    if isinstance(end := events[-1].body, ev.RunFinished):
        finish_run(store, BIG, end)


async def replay(pilot: Pilot[None], run_id: str) -> ReplayScreen:
    screen = ReplayScreen(run_id)
    pilot.app.push_screen(screen)
    await shows(pilot, "event 1 of")
    return screen


def number_of(events: list[Event], kind: type[Body], **fields: object) -> int:
    """The number of the first event of that kind with those fields."""
    return next(
        event.seq
        for event in events
        if isinstance(event.body, kind) and all(getattr(event.body, name) == value for name, value in fields.items())
    )


# --- the recording itself ---


@given(st.lists(st.integers(1, 144), min_size=1, max_size=30))
def test_whichever_way_one_comes_the_state_is_that_of_all_events_so_far(numbers: list[int]) -> None:
    events = demo()
    played = Playback(row(), events)
    for number in numbers:
        number = min(number, len(events))
        assert played.state(number) == fold(events[:number])


def test_a_step_back_in_20000_events_folds_only_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    played = Playback(row(), many_tests(20_000))
    folded: list[int] = []

    def counting(events: list[Event], state: RunState) -> RunState:
        folded.append(len(events))
        return fold(events, state)

    monkeypatch.setattr(playback_module, "fold", counting)
    for number in (20_005, 20_004, 20_003, 10_000, 9_999, 1, 12_345, 12_344):
        assert len(played.state(number).tests) == max(min(number - 3, 20_000), 0)
    assert max(folded) < 500


def test_long_pauses_are_shortened_and_clocks_that_went_back_do_not_count() -> None:
    notices = [ev.Notice(f"{number}") for number in range(5)]
    at = [100.0, 101.0, 4000.0, 3999.0, 4000.5]
    events = [Event(BIG, n, when, body) for n, (when, body) in enumerate(zip(at, notices, strict=True), 1)]
    played = Playback(row(), events)
    moments = [played.played_s(number) for number in range(1, 6)]
    assert moments == [0, 1, 1 + LONGEST_PAUSE_S, 1 + LONGEST_PAUSE_S, 2.5 + LONGEST_PAUSE_S]
    assert [played.due(moment) for moment in (0, 0.9, 1, 3, 1000)] == [1, 1, 2, 4, 5]


def test_stretches_begin_with_their_phases_and_cover_every_event() -> None:
    events = demo()
    stretches = Playback(row(), events).stretches
    assert [stretch.phase for stretch in stretches[:4]] == ["", "analyst", "architect", "implementer"]
    assert {stretch.phase for stretch in stretches[1:]} == set(PHASES)
    covered = [number for stretch in stretches for number in range(stretch.first, stretch.last + 1)]
    assert covered == list(range(1, len(events) + 1))


def test_settings_of_another_version_only_leave_the_limits_untold() -> None:
    events = demo()
    known = Playback(row(Settings().model_dump(mode="json")), events)
    strange = Playback(row({"limits": {"max_phase_retries": "as many as it takes"}}), events)
    last = len(events)
    assert known.left(last) is not None
    assert known.left(1) is None
    assert strange.left(last) is None
    assert strange.state(last) == known.state(last)


@pytest.mark.parametrize("kind", sorted(each.__name__ for each in Body.__subclasses__()))
def test_every_kind_of_event_has_words(kind: str) -> None:
    cls = next(each for each in Body.__subclasses__() if each.__name__ == kind)
    (line, *_) = in_words(ev.body_from_json(body_to_json(cls(**_values(cls)))))
    assert line.label or line.text
    assert "another version" not in line.text


def _values(cls: type[Body]) -> dict[str, object]:
    """Something for every field without a default."""
    from dataclasses import MISSING, fields

    made: dict[str, object] = {"str": "x", "int": 1, "bool": True, "float": 1.0, "Phase": "verify", "Action": "RETRY"}
    return {
        each.name: made.get(str(each.type), [])
        for each in fields(cls)
        if each.default is MISSING and each.default_factory is MISSING
    }


# --- going through it ---


async def test_steps_go_forwards_and_back_and_say_where_one_is(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    total = len(demo())
    async with opened(store, paths) as pilot:
        screen = await replay(pilot, DEMO)
        await pilot.press("right", "n", "down")
        await shows(pilot, f"event 4 of {total}, 0:00 after the start")
        await pilot.press("left", "b")
        await shows(pilot, f"event 2 of {total}")
        await pilot.press("left", "left", "left")
        await shows(pilot, f"event 1 of {total}")
        await pilot.press("end")
        await shows(pilot, f"event {total} of {total}", "Verified and delivered to commit")
        await pilot.press("right")
        assert screen.number == total
        await pilot.press("home")
        await shows(pilot, f"event 1 of {total}")


async def test_the_panels_show_the_run_as_it_was_then(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    events = demo()
    async with opened(store, paths) as pilot:
        screen = await replay(pilot, DEMO)
        tests, phases = screen.query_one(TestsTable), screen.query_one(PhasesPanel)
        await shows(pilot, "No test has ended yet.", "0 of 8 phases", "No model was called yet.")
        failed = number_of(events, ev.VerdictReached, verified=False)
        screen.go_to(failed)
        await until(pilot, lambda: tests.count == 30)
        assert phases.view is not None
        assert phases.view.state == fold(events[:failed])
        await shows(pilot, "retries", "left", "failed", "tester      done")
        await hides(pilot, "reviewer    done")
        screen.go_to(number_of(events, ev.PhaseStarted, phase="reviewer"))
        await shows(pilot, "reviewer    running", "errors  4 of 5 left")
        await pilot.press("end")
        await shows(pilot, "8 of 8 phases")
        screen.go_to(failed)
        await shows(pilot, "4 of 8 phases")
        await hides(pilot, "reviewer    done")


async def test_page_keys_go_from_phase_to_phase(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    starts = [event.seq for event in demo() if isinstance(event.body, ev.PhaseStarted)]
    async with opened(store, paths) as pilot:
        screen = await replay(pilot, DEMO)
        seen = []
        for _ in starts:
            await pilot.press("pagedown")
            seen.append(screen.number)
        assert seen == starts
        await pilot.press("pagedown")
        assert screen.number == len(demo())
        await pilot.press("pageup")
        assert screen.number == starts[-1]
        await pilot.press("pageup", "pageup", "right", "pageup")
        assert screen.number == starts[-3]


async def test_g_goes_to_a_number_and_escape_thinks_better_of_it(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    async with opened(store, paths) as pilot:
        screen = await replay(pilot, DEMO)
        await pilot.press("g", *"42")
        await shows(pilot, "Go to event")
        await pilot.press("enter")
        await shows(pilot, "event 42 of")
        await pilot.press("g", "7", "escape")
        await until(pilot, lambda: "Go to event" not in screen_text(pilot))
        assert (pilot.app.screen, screen.number) == (screen, 42)
        await pilot.press("g", *"99999", "enter")
        await until(pilot, lambda: screen.number == len(demo()))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is not screen)


async def test_it_plays_at_a_speed_and_stops_at_the_end(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    total = len(demo())
    async with opened(store, paths) as pilot:
        screen = await replay(pilot, DEMO)
        await pilot.press("s", "s")
        await shows(pilot, "stopped, 16x")
        await pilot.press("space")
        await shows(pilot, "playing 16x")
        await shows(pilot, f"event {total} of {total}", "stopped, 16x")
        await pilot.press("s", "space")
        await shows(pilot, "playing 1x")
        await pilot.press("space")
        await shows(pilot, "stopped, 1x")
        assert screen.number < total


async def test_a_place_on_the_bar_can_be_clicked(store: Store, paths: Paths) -> None:
    keep(store, many_tests(1000))
    async with opened(store, paths) as pilot:
        screen = await replay(pilot, BIG)
        width = screen.query_one(ReplayTimeline).size.width
        await pilot.click(ReplayTimeline, offset=(1 + width // 2, 0))
        await until(pilot, lambda: 450 < screen.number < 550)


async def test_an_event_is_copied_as_it_is_told(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    heard: list[Message] = []
    async with opened(store, paths, heard=heard.append) as pilot:
        await replay(pilot, DEMO)
        await pilot.press("end", "y")
        await shows(pilot, "Copied the event.")
        (copied,) = {each.text for each in heard if isinstance(each, CopyText)}
        assert copied.startswith("verified  ✓ Verified and delivered")


async def test_in_a_narrow_window_number_keys_choose_the_panel(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    async with opened(store, paths, SMALL) as pilot:
        await replay(pilot, DEMO)
        await pilot.press("end")
        await shows(pilot, "[4 Events]", "8")
        await pilot.press("5")
        await shows(pilot, "[5 Tests]", "test_what_is_added_is_listed")
        await pilot.press("1")
        await shows(pilot, "[1 Phases]", "8 of 8 phases")
        await pilot.press("b", "b", "b", "b")
        await shows(pilot, f"event {len(demo()) - 4}")
        await pilot.press("4")
        await shows(pilot, "[4 Events]", "Accept durations")


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_20000_events_are_gone_through_from_both_ends(store: Store, paths: Paths, size: tuple[int, int]) -> None:
    keep(store, many_tests(20_000))
    async with opened(store, paths, size) as pilot:
        screen = await replay(pilot, BIG)
        await pilot.press("end", "left", "left")
        await shows(pilot, "event 20,003 of 20,005", "test_19999")
        await pilot.press("pageup")
        await shows(pilot, "event 2 of 20,005")
        screen.go_to(10_003)
        await shows(pilot, "event 10,003 of", "test_9999")


# --- what may go wrong ---


async def test_a_replay_writes_nothing(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)

    def picture() -> object:
        files = {path: path.stat().st_mtime_ns for path in paths.run_dir(DEMO).rglob("*")}
        dump = [tuple(map(tuple, store.query(f"SELECT * FROM {table}"))) for table in ("runs", "events", "journal")]
        return files, dump

    before = picture()
    async with opened(store, paths) as pilot:
        await replay(pilot, DEMO)
        await pilot.press("end", "left", "pageup", "s", "s", "space")
        await shows(pilot, f"event {len(demo())} of")
        await pilot.press("escape")
    assert picture() == before


async def test_a_window_that_is_too_small_says_only_so_and_recovers(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    async with opened(store, paths, SMALL) as pilot:
        await replay(pilot, DEMO)
        await pilot.resize_terminal(50, 12)
        await until(pilot, lambda: screen_text(pilot).strip() == "Nexus needs 60x16. Make the window larger.")
        await pilot.resize_terminal(120, 36)
        await shows(pilot, "event 1 of", "[5] Tests")


async def test_hostile_text_is_shown_and_not_obeyed(store: Store, paths: Paths) -> None:
    keep(store, many_tests(10, HOSTILE))
    async with opened(store, paths) as pilot:
        screen = await replay(pilot, BIG)
        for number in (1, 11, 15):
            screen.go_to(number)
            await shows(pilot, f"event {number} of 15", "[bold]loud[/bold]")
            assert not {"\x1b", "\x07", "\x00", "\x9b", "\u202e"} & set(screen_text(pilot))


async def test_an_unfinished_run_of_a_newer_nexus_is_replayed_as_far_as_it_goes(store: Store, paths: Paths) -> None:
    keep(store, numbered([ev.PhaseStarted("analyst"), ev.Unknown("quantum.leap", {"where": "there"}), ev.Notice("hm")]))
    async with opened(store, paths) as pilot:
        await replay(pilot, BIG)
        await shows(pilot, "quantum.leap", "told by a newer Nexus", "notice")
        await pilot.press("end")
        await shows(pilot, "event 3 of 3", "hm")


async def test_a_run_without_events_or_without_a_row_is_said_in_a_sentence(store: Store, paths: Paths) -> None:
    create_run(store, BIG, Path("/p"), "not begun", Settings(), {})
    async with opened(store, paths) as pilot:
        pilot.app.push_screen(ReplayScreen(BIG))
        await shows(pilot, "has written nothing down yet")
        await pilot.press("right", "space", "end", "g", "y", "1", "escape")
        pilot.app.push_screen(ReplayScreen("gone"))
        await shows(pilot, "There is no run 'gone'.")


async def test_a_run_whose_files_are_gone_is_replayed(store: Store, paths: Paths) -> None:
    lay_down(store, paths, DEMO)
    shutil.rmtree(paths.run_dir(DEMO))
    async with opened(store, paths) as pilot:
        await replay(pilot, DEMO)
        await pilot.press("end")
        await shows(pilot, "8 of 8 phases")
    assert len(read_events(store, DEMO)) == len(demo())
    assert find_run(store, DEMO).verdict == "verified"
