"""The evidence report tells what the log says, all of it, and nothing more."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import events as ev
from core.events import Body, Event
from core.ids import RunId
from core.report import Report, ReportExtras, build_report, to_html, to_markdown, write_report

RUN = RunId("261122-2104-7f3a9c")
EVIL = "<script>alert(1)</script> | `x` \x1b[31m**bold** <img src=x onerror=y>"
DIFF = """\
diff --git a/shop.py b/shop.py
index 111..222 100644
--- a/shop.py
+++ b/shop.py
@@ -1,2 +1,3 @@
 import os
--- removed comment
+x = 1
+y = "<b>"
diff --git a/tests/test_shop.py b/tests/test_shop.py
new file mode 100644
--- /dev/null
+++ b/tests/test_shop.py
@@ -0,0 +1 @@
+def test(): ...
"""


@dataclass(frozen=True)
class Facts:
    id: str = RUN
    project: str = "/home/me/shop"
    request: str = "Add a discount"
    created_at: float = 1_795_381_440.0


def answered(phase: str, cost: int, estimated: bool = False, model: str = "m/one") -> ev.ModelAnswered:
    return ev.ModelAnswered(phase, f"{phase}.0", model, 1000, 200, 300, cost, estimated, 900, 1)  # type: ignore[arg-type]


BODIES: list[Body] = [
    ev.RunStarted("Add a discount", "/home/me/shop", "anthropic", "bubblewrap", 500_000, "0.1.0", recorded=True),
    ev.PhaseStarted("analyst"),
    answered("analyst", 1500),
    ev.PhaseFinished("analyst", summary="simple", duration_ms=900),
    ev.PlanMade("simple", ["A discount of 10 %"], ["Write it"], ["Rounded how?"]),
    ev.PhaseStarted("implementer"),
    ev.ContextServed("implementer", 1, ["shop.py"], [".env"]),
    ev.ModelRetried("implementer", "implementer.0", "m/one", "rate limited", 500, "m/two"),
    answered("implementer", 2500),
    ev.EditsApplied("implementer", 0, ["shop.py"]),
    ev.PhaseFinished("implementer", summary="Added discount()", duration_ms=4200),
    ev.PhaseStarted("verify"),
    ev.SandboxStarted("baseline", 0, "bubblewrap", "pytest"),
    ev.TestFinished("tests/test_old.py::test_old", "passed"),
    ev.SandboxFinished("baseline", 0, "passed", "ok", 1, 0, 200, backend="bubblewrap"),
    ev.SandboxStarted("verify", 0, "bubblewrap", "pytest"),
    ev.TestFinished("tests/test_shop.py::test_discount", "failed", 12, "E   assert 9 == 10"),
    ev.SandboxFinished("verify", 0, "failed", "1 fails", 0, 1, 300, 250, 40960, "bubblewrap", "abcdef0123456789"),
    ev.VerdictReached(0, False, "1 of 1 tests fails.", 0, 1),
    ev.GuardrailDecided("RETRY", "max_phase_retries", "Attempt 1 of implementer failed.", "implementer", 0),
    ev.PhaseStarted("implementer", 1),
    answered("implementer", 3000, estimated=True, model="m/two"),
    ev.PhaseFinished("implementer", 1, summary="Rounded half up", duration_ms=3000),
    ev.FindingsReported(
        "references",
        1,
        [{"rule": "hallucination.module", "severity": "info", "path": "shop.py", "line": 1, "message": "No yaml."}],
    ),
    ev.SandboxStarted("verify", 1, "bubblewrap", "pytest"),
    ev.TestFinished("tests/test_shop.py::test_discount", "passed", 11),
    ev.SandboxFinished("verify", 1, "passed", "ok", 1, 0, 290, backend="bubblewrap"),
    ev.VerdictReached(1, True, "1 test passes.", 1, 0, 5, 6),
    ev.FindingsReported(
        "reviewer",
        0,
        [{"rule": "review.style", "severity": "warning", "path": "shop.py", "line": 2, "message": "Name it better."}],
    ),
    ev.Notice("Going on with a stronger model."),
    ev.RunFinished(
        "verified",
        "1 test passes; delivered.",
        0,
        cost_micros=7000,
        retries=1,
        first_try=False,
        duration_ms=9100,
        files=["shop.py", "tests/test_shop.py"],
        delivered_to="commit 1234abc",
    ),
]


def log(bodies: list[Body]) -> list[Event]:
    return [Event(RUN, number, 1_795_381_440.0 + number, body) for number, body in enumerate(bodies, 1)]


def report_of(bodies: list[Body], diff: str = DIFF) -> Report:
    return build_report(Facts(), log(bodies), ReportExtras(diff=diff))


def finished(**changes: object) -> list[Body]:
    end = BODIES[-1]
    assert isinstance(end, ev.RunFinished)
    return [*BODIES[:-1], replace(end, **changes)]  # type: ignore[arg-type]


class Page(HTMLParser):
    """Visible text, tags that nest wrongly, and anything that would load or run."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.tags, self.unbalanced, self.handlers = "", set[str](), list[str](), list[str]()
        self._open: list[str] = []
        self.feed(text)
        self.unbalanced += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.text += data


SAID = [
    "Verified: the change passed in the sandbox.",
    "1 test passes; delivered.",
    "Add a discount",
    "A discount of 10 %",
    "Rounded how?",
    "shop.py",
    "Recorded session.",
    "Attempt 1: not verified",
    "E   assert 9 == 10",
    "Attempt 2: verified",
    "Rounded half up",
    "RETRY",
    "No yaml.",
    "Name it better.",
    "5 of 6 deliberate faults",
    "m/two",
    "$0.0030 (estimated)",
    "$0.0070 (estimated)",
    "of a budget of $0.5000",
    "7.2 s",
    ".env",
    "rate limited",
    "stronger model",
    f"nexus undo {RUN}",
    "40 MB",
    "x = 1",
    "2026-11-22",
]


@pytest.mark.parametrize("said", SAID)
def test_the_page_says_it(said: str) -> None:
    assert said in Page(to_html(report_of(BODIES))).text


@pytest.mark.parametrize("said", [said for said in SAID if said != "of a budget of $0.5000"])
def test_the_markdown_says_it(said: str) -> None:
    assert said in to_markdown(report_of(BODIES)).replace("\\", "")


def test_the_page_is_well_formed_loads_nothing_and_runs_nothing() -> None:
    page = Page(to_html(report_of(BODIES)))
    assert page.unbalanced == []
    assert page.handlers == []
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form"}


def test_text_of_people_and_models_is_shown_and_never_obeyed() -> None:
    bodies: list[Body] = [
        ev.RunStarted(EVIL, "/p", "x", "y", 0, "0"),
        ev.PhaseStarted("implementer"),
        ev.PhaseFinished("implementer", summary=EVIL),
        ev.SandboxStarted("verify", 0, "b", "pytest"),
        ev.TestFinished(f"t::{EVIL}", "failed", 1, f"{EVIL}\n```\n# heading"),
        ev.FindingsReported("x", 0, [{"rule": "r", "severity": "error", "path": "a", "line": 1, "message": EVIL}]),
        ev.VerdictReached(0, False, EVIL, 0, 1),
        ev.Notice(EVIL),
        ev.RunFinished("not_verified", EVIL, 1, files=[EVIL], remedy=EVIL),
    ]
    report = build_report(Facts(request=EVIL), log(bodies), ReportExtras(f"diff --git a/x b/x\n@@ @@\n+{EVIL}\n"))
    page = Page(to_html(report))
    assert "script" not in page.tags and page.handlers == [] and page.unbalanced == []
    assert "<script>alert(1)</script>" in page.text
    assert "\x1b" not in to_html(report)
    assert outside_of_code(to_markdown(report)).count("<") == 0
    assert "# heading" not in outside_of_code(to_markdown(report))


def outside_of_code(markdown: str) -> str:
    """What a Markdown reader would interpret: no fenced block, no code span, no escaped character."""
    fenced = re.sub(r"^(`{3,})\w*$.*?^\1$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"\\.", "", re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", fenced))


def test_attempts_keep_what_failed_what_was_said_and_what_was_decided() -> None:
    first, second = report_of(BODIES).attempts
    assert [line.test for line in first.failing] == ["tests/test_shop.py::test_discount"]
    assert [line.action for line in first.decisions] == ["RETRY"]
    assert (first.verified, second.verified, second.failing) == (False, True, ())
    assert [each.source for each in second.findings] == ["references"]


def test_only_tests_of_the_last_verification_are_the_result() -> None:
    assert [(line.test, line.outcome) for line in report_of(BODIES).tests] == [
        ("tests/test_shop.py::test_discount", "passed")
    ]


def test_the_diffstat_counts_lines_that_look_like_headers() -> None:
    files = {line.path: (line.added, line.removed) for line in report_of(BODIES).files}
    assert files == {"shop.py": (2, 1), "tests/test_shop.py": (1, 0)}


def test_costs_add_up_by_phase_and_model() -> None:
    report = report_of(BODIES)
    assert [(line.phase, line.model, line.cost_micros, line.estimated) for line in report.costs] == [
        ("analyst", "m/one", 1500, False),
        ("implementer", "m/one", 2500, False),
        ("implementer", "m/two", 3000, True),
    ]
    assert report.spent_micros == 7000 and report.estimated


def test_a_run_without_anything_invents_nothing() -> None:
    report = build_report(Facts(), [])
    for text in (Page(to_html(report)).text, to_markdown(report)):
        assert "Not finished." in text
        assert text.count("no data") >= 6
        assert "$" not in text
        assert "nothing to undo" in text


def test_a_run_that_ended_in_the_middle_of_an_attempt_says_so() -> None:
    cut = BODIES[: BODIES.index(BODIES[20]) + 2]
    attempts = report_of(cut).attempts
    assert [attempt.verified for attempt in attempts] == [False, None]


def test_an_attempt_at_work_has_no_verdict_yet() -> None:
    going_on = [ev.PhaseStarted("implementer"), ev.EditsApplied("implementer", 0, ["shop.py"])]
    assert [attempt.reason for attempt in report_of(going_on).attempts] == ["There is no verdict yet."]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("commit 1234abc", "nexus undo"),
        ("tree", "nexus undo"),
        (f"branch nexus/{RUN}", f"git branch -D nexus/{RUN}"),
        ("", "nothing to undo"),
    ],
)
def test_undo_fits_the_place_of_delivery(place: str, said: str) -> None:
    report = report_of(finished(delivered_to=place))
    assert said in Page(to_html(report)).text
    assert said in to_markdown(report)


@pytest.mark.parametrize("verdict", ["verified", "not_verified", "stopped", "failed", "cancelled", "conflict", "new"])
def test_every_verdict_is_told_in_words(verdict: str) -> None:
    report = report_of(finished(verdict=verdict))
    assert report.headline.endswith(".") and "_" not in report.headline


def test_secrets_in_the_request_and_the_diff_are_not_shown() -> None:
    key = "sk-ant-api03-" + "a1B2" * 20
    report = build_report(
        Facts(request=f"use {key}"), log(BODIES), ReportExtras(f"diff --git a/x b/x\n@@ @@\n+{key}\n")
    )
    assert key not in to_html(report) and key not in to_markdown(report)


def test_a_huge_diff_is_cut_and_says_so() -> None:
    diff = "diff --git a/x b/x\n@@ @@\n" + "+line\n" * 20_000
    report = report_of(BODIES, diff)
    assert "more lines are not shown" in to_html(report)
    assert "more lines are not shown" in to_markdown(report)
    assert len(to_html(report)) < 1_000_000


def test_the_written_report_is_private_and_can_be_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / RUN
    write_report(folder, Facts(), log(BODIES[:5]))
    page = write_report(folder, Facts(), log(BODIES), ReportExtras(rules=("Close files.",)))
    assert page == folder / "report.html"
    assert "Close files." in page.read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.md"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@given(picks=st.lists(st.integers(0, len(BODIES) - 1), max_size=30))
def test_any_order_of_events_gives_a_page(picks: list[int]) -> None:
    report = report_of([BODIES[pick] for pick in picks])
    assert Page(to_html(report)).unbalanced == []
    assert report.spent_micros == sum(
        body.cost_micros for pick in picks if isinstance(body := BODIES[pick], ev.ModelAnswered)
    )
