"""The table of figures tells the truth about what was missed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from evals.perf.__main__ import main
from evals.perf.measure import Figure

Measure = Callable[[list[list[Figure]]], int]


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch) -> Measure:
    """Runs the program on a part that gives these figures, one list per measurement, and returns its exit code."""

    def run(rounds: list[list[Figure]]) -> int:
        part = ModuleType("evals.perf.invented")
        left = iter(rounds)
        part.figures = lambda: next(left)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, part.__name__, part)
        return main(["invented"])

    return run


def _time(value: float) -> Figure:
    return Figure("a call", value, 10, "ms", "")


def _rate(value: float) -> Figure:
    return Figure("events", value, 5000, "/s", "", higher_is_better=True)


def _count(value: float) -> Figure:
    return Figure("budget exceeded", value, 0, "", "", exact=True)


def test_a_time_missed_on_a_busy_machine_is_taken_again(measure: Measure) -> None:
    assert measure([[_time(30)], [_time(9)]]) == 0


def test_three_misses_are_a_miss(measure: Measure, capsys: pytest.CaptureFixture[str]) -> None:
    assert measure([[_time(30)], [_time(12)], [_time(20)]]) == 1
    line = capsys.readouterr().out
    assert line.startswith("MISS") and "12 ms" in line


def test_each_figure_of_a_part_keeps_its_own_best(measure: Measure) -> None:
    assert measure([[_time(9), _rate(100)], [_time(30), _rate(6000)]]) == 0


def test_a_count_of_what_must_not_happen_is_not_measured_away(measure: Measure) -> None:
    assert measure([[_count(1)], [_count(0)]]) == 1
    assert measure([[_count(0), _time(30)], [_count(1), _time(9)]]) == 1
