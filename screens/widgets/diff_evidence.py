"""Why the change can be trusted or not, as text for a panel: verdict, tests, findings, planted faults, cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.report.model import Attempt, Report, SourcedFinding
from core.text.counting import counted
from core.text.display import duration, one_line, printable, usd
from screens.actions import bindings
from screens.glyphs import Glyphs

_SHOWN = 20
_MESSAGE_LINES = 3
_MUTED = "$foreground 60%"
_SEVERITIES = {"error": "$text-error", "warning": "$text-warning"}


class Evidence(VerticalScroll, can_focus=True):
    """A panel with all of it."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("evidence")

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)

    def show(self, report: Report, glyphs: Glyphs) -> None:
        self.query_one(Static).update(evidence(report, glyphs))


def evidence(report: Report, glyphs: Glyphs) -> Content:
    """Everything the log says about the last attempt, and how it came to that."""
    parts = [_verdict(report, glyphs), _failing(report, glyphs), _findings(report.findings, glyphs)]
    if len(report.attempts) > 1:
        parts.append(_attempts(report.attempts, glyphs))
    return Content("\n\n").join([Content("\n").join(lines) for part in parts if (lines := list(part))])


def in_short(report: Report, glyphs: Glyphs) -> Content:
    """The same in one line."""
    if not report.attempts:
        return Content("No verdict yet.")
    last = report.attempts[-1]
    parts = [_tests(last), _faults(report), counted(len(report.findings), "finding") if report.findings else ""]
    words = ", ".join(part for part in [*parts, usd(report.spent_micros)] if part)
    return Content.assemble(_sign(last, glyphs), f" {words}")


def _verdict(report: Report, glyphs: Glyphs) -> Iterator[Content]:
    if not report.attempts:
        yield Content("No verdict yet.")
    else:
        last = report.attempts[-1]
        yield _sign(last, glyphs)
        if not last.verified and last.reason:
            yield Content(printable(last.reason))
        yield Content(_tests(last))
        if faults := _faults(report):
            yield Content(faults)
        yield Content(counted(len(report.attempts), "attempt"))
    calls = sum(line.calls for line in report.costs)
    cost = f"{usd(report.spent_micros)} for {counted(calls, 'model call')}"
    yield Content(cost + (", estimated" if report.estimated else ""))
    if report.duration_ms:
        yield Content(duration(report.duration_ms))


def _sign(attempt: Attempt, glyphs: Glyphs) -> Content:
    if attempt.verified:
        return Content.styled(f"{glyphs.ok} verified", "bold $text-success")
    if attempt.verified is None:
        return Content.styled(f"{glyphs.skip} no verdict", "bold $text-warning")
    return Content.styled(f"{glyphs.bad} not verified", "bold $text-error")


def _tests(attempt: Attempt) -> str:
    if not attempt.passed and not attempt.failed:
        return "no tests ran"
    passed = f"{counted(attempt.passed, 'test')} passed"
    return f"{passed}, {attempt.failed:,} failed" if attempt.failed else passed


def _faults(report: Report) -> str:
    """The mutation score, without the word."""
    if not report.mutants_total:
        return ""
    return f"{report.mutants_killed} of {report.mutants_total} planted faults noticed"


def _failing(report: Report, glyphs: Glyphs) -> Iterator[Content]:
    failing = report.attempts[-1].failing if report.attempts else ()
    if not failing:
        return
    yield _title("Failed tests", len(failing))
    for line in failing[:_SHOWN]:
        yield Content.assemble((f"{glyphs.bad} ", "$text-error"), one_line(line.test))
        said = [text for text in line.message.splitlines() if text.strip()][:_MESSAGE_LINES]
        yield from (Content.styled(printable(text), _MUTED) for text in said)
    yield from _rest(len(failing))


def _findings(findings: Sequence[SourcedFinding], glyphs: Glyphs) -> Iterator[Content]:
    if not findings:
        return
    yield _title("Findings", len(findings))
    for number, each in enumerate(findings[:_SHOWN]):
        finding = each.finding
        color = _SEVERITIES.get(finding.severity, "bold")
        blocking = ", blocking" if finding.blocking else ""
        if number:
            yield Content()
        yield Content.assemble((f"{glyphs.warn} {finding.severity}{blocking}", color), f" {one_line(finding.place)}")
        yield Content(one_line(finding.message))
        if finding.fix:
            yield Content.styled(f"{glyphs.arrow} {one_line(finding.fix)}", _MUTED)
        yield Content.styled(f"{one_line(each.source)}: {one_line(finding.rule)}", _MUTED)
    yield from _rest(len(findings))


def _attempts(attempts: Sequence[Attempt], glyphs: Glyphs) -> Iterator[Content]:
    yield _title("Attempts", len(attempts))
    for attempt in attempts[-_SHOWN:]:
        yield Content.assemble(f"{attempt.number} ", _sign(attempt, glyphs), f" {_tests(attempt)}")
        if not attempt.verified and attempt.reason:
            yield Content.styled(one_line(attempt.reason), _MUTED)


def _title(words: str, count: int) -> Content:
    return Content.styled(f"{words} {count}", "bold $text-primary")


def _rest(count: int) -> Iterator[Content]:
    if count > _SHOWN:
        yield Content.styled(f"and {count - _SHOWN:,} more, in the report", _MUTED)
