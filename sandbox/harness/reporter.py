"""The pytest plugin that reports one row per test, and mixes the control tests in."""

from __future__ import annotations

import gc
import sys
import traceback
import unittest
from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.nodes import Node
from _pytest.outcomes import XFailed
from _pytest.terminal import TerminalReporter
from _pytest.unittest import TestCaseFunction

from . import dice, honest, layout
from .frames import FrameWriter
from .guard import Guard
from .text import clean

_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
_SKIPS = (pytest.skip.Exception, unittest.SkipTest, XFailed)


class Canary(pytest.Item):
    """A control test. It shares its neighbour's parent, so that no fixture is torn down because of it."""

    source = ""

    def iter_markers_with_node(self, name: str | None = None) -> Iterator[tuple[Node, pytest.Mark]]:
        """None: a skip of the whole module is not meant for it."""
        return iter(())

    def runtest(self) -> None:
        honest.run_source(self.source, self.name)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        # Only its outcome is looked at; the text of a traceback through all of pytest costs 40 ms.
        return "a control test"


_UNITTEST_SKIPS: dict[str, list[str]] = {}
"""Files that a skip inside a TestCase passed through; pytest is only told its reason."""


def watch_unittest_skips() -> None:
    """Keep the way of each skip that unittest reports. Called once, before the tested code is loaded."""
    told = TestCaseFunction.addSkip

    def add_skip(self: TestCaseFunction, testcase: unittest.TestCase, reason: str, **options: bool) -> None:
        frames = traceback.walk_tb(sys.exc_info()[2])
        _UNITTEST_SKIPS[self.nodeid] = [frame.f_code.co_filename for frame, _ in frames]
        told(self, testcase, reason, **options)

    TestCaseFunction.addSkip = add_skip  # type: ignore[method-assign]


@dataclass(slots=True)
class _Progress:
    """What the phases of one test have said so far."""

    outcome: str = ""
    message: str = ""
    memory: bool = False
    duration_s: float = 0.0
    ran: bool = False


@dataclass
class Reporter:
    writer: FrameWriter
    guard: Guard
    canaries: Mapping[str, str]
    protected: Collection[str]
    _progress: dict[str, _Progress] = field(default_factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        self.guard.snapshot()
        # pytest collects garbage at its end, which takes 40 ms when it has to look at all of itself.
        gc.freeze()
        gc.enable()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        # pytest's own report would only mix with what the tests print.
        manager = config.pluginmanager
        manager.unregister(name="terminalreporter")
        silent = Path("/dev/null").open("w", encoding="utf-8")  # noqa: SIM115 - lives as long as the process
        manager.register(TerminalReporter(config, silent), "terminalreporter")

    def pytest_plugin_registered(self, plugin: object) -> None:
        self.guard.check_plugin(plugin)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if report.failed:
            self._collector_row(collector.nodeid, "error", clean(report.longreprtext))
        elif report.skipped and isinstance(report.longrepr, tuple):
            where, _, reason = report.longrepr
            own = str(where) == str(collector.path) or str(where) in self.protected
            outcome = "skipped" if own or not str(where).startswith(layout.WORK) else "error"
            self._collector_row(collector.nodeid, outcome, clean(str(reason)))
        return report

    def _collector_row(self, test: str, outcome: str, message: str) -> None:
        sort = "compile_error" if any(f"E   {name}" in message for name in _SYNTAX) else ""
        self.writer.send(
            "row",
            {"test": test, "outcome": outcome, "duration_ms": 0, "message": message, "collector": True, "sort": sort},
        )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        yield
        if items:
            self._mix_in(items)
        self.writer.send("collected", {"count": len(items)})

    def _mix_in(self, items: list[pytest.Item]) -> None:
        """One control test first, one last, the others anywhere between."""
        names = list(self.canaries)
        places = [0, len(items), *(dice.below(len(items) + 1) for _ in names[2:])]
        for name, place in zip(names, sorted(places, reverse=True), strict=True):
            neighbour = items[min(place, len(items) - 1)]
            assert neighbour.parent is not None
            canary = Canary.from_parent(neighbour.parent, name=name)
            canary.source = self.canaries[name]
            items.insert(place, canary)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        # Before pytest replaces a unittest.SkipTest by an exception of its own, without the way it came.
        raised = call.excinfo
        report = yield
        progress = self._progress.setdefault(item.nodeid, _Progress())
        progress.duration_s += call.duration
        progress.ran |= call.when == "call"
        outcome, message = self._judge(item, call, raised, report)
        if _worse(outcome, progress.outcome):
            progress.outcome, progress.message = outcome, message
        progress.memory |= call.excinfo is not None and call.excinfo.errisinstance(MemoryError)
        if call.when == "call":
            self.guard.check()
        return report

    def _judge(
        self,
        item: pytest.Item,
        call: pytest.CallInfo[None],
        raised: pytest.ExceptionInfo[BaseException] | None,
        report: pytest.TestReport,
    ) -> tuple[str, str]:
        """Outcome of one phase, from the exception itself as much as from pytest's word for it."""
        bad = "failed" if call.when == "call" else "error"
        if report.failed:
            return bad, clean(report.longreprtext)
        if raised is None:
            return ("skipped", "") if report.skipped else ("passed", "")
        way = _UNITTEST_SKIPS.pop(item.nodeid, None) or [str(entry.path) for entry in raised.traceback]
        if raised.errisinstance(_SKIPS) and self._leads_through_tested_code(item, way):
            return "failed", "The test was skipped by the code under test, not by the test."
        if report.skipped:
            return "skipped", clean(str(raised.value))
        return bad, "The test raised, but was reported as passed."

    def _leads_through_tested_code(self, item: pytest.Item, files: list[str]) -> bool:
        own = {str(item.path), *self.protected}
        return any(name.startswith(f"{layout.WORK}/") and name not in own for name in files)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        progress = self._progress.pop(nodeid, _Progress())
        outcome = progress.outcome or "error"
        if outcome == "passed" and not progress.ran:
            outcome = "error"
        name = nodeid.rpartition("::")[2]
        self.writer.send(
            "row",
            {
                "test": name if name in self.canaries else nodeid,
                "outcome": outcome,
                "duration_ms": int(progress.duration_s * 1000),
                "message": progress.message if outcome != "passed" else "",
                "memory": progress.memory,
            },
        )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Iterator[None]:
        yield
        self.guard.check()
        self.writer.send("finish", {"status": int(exitstatus), "violations": self.guard.violations})


def _worse(new: str, old: str) -> bool:
    order = ("", "passed", "skipped", "failed", "error")
    return order.index(new) > order.index(old)
