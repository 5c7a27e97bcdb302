"""Why the change can be trusted or not, as text for a panel: verdict, tests, findings, planted faults, cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a change is judged by. `attempt` is None before the first verdict."""

    report: Report
    attempt: Attempt | None
    findings: tuple[SourcedFinding, ...]


def grounds(report: Report, proven: bool) -> Grounds:
    """Those of the newest attempt. A `proven` change is that of the newest verified one: when some of its files were
    tried without the others and failed, that attempt was taken back.
    """
    attempts = report.attempts
    verified = [attempt for attempt in attempts if attempt.verified]
    attempt = verified[-1] if proven and verified else attempts[-1] if attempts else None
    review = report.findings[len(attempts[-1].findings) if attempts else 0 :]
    return Grounds(report, attempt, tuple(dict.fromkeys((*(attempt.findings if attempt else ()), *review))))


class Evidence(VerticalScroll, can_focus=True):
    """A panel with all of it."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("evidence")

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)

    def show(self, found: Grounds, glyphs: Glyphs) -> None:
        self.query_one(Static).update(evidence(found, glyphs))


def evidence(found: Grounds, glyphs: Glyphs) -> Content:
    """Everything the log says about the change, and how it came to that."""
    parts = [_verdict(found, glyphs), _failing(found, glyphs), _findings(found.findings, glyphs)]
    if len(found.report.attempts) > 1:
        parts.append(_attempts(found.report.attempts, glyphs))
    return Content("\n\n").join([Content("\n").join(lines) for part in parts if (lines := list(part))])


def in_short(found: Grounds, glyphs: Glyphs) -> Content:
    """The same in one line."""
    if found.attempt is None:
        return Content("No verdict yet.")
    findings = counted(len(found.findings), "finding") if found.findings else ""
    parts = [_tests(found.attempt), _faults(found.report, "faults"), findings, usd(found.report.spent_micros)]
    return Content.assemble(_sign(found.attempt, glyphs), f" {', '.join(part for part in parts if part)}")


def _verdict(found: Grounds, glyphs: Glyphs) -> Iterator[Content]:
    report, attempt = found.report, found.attempt
    if attempt is None:
        yield Content("No verdict yet.")
    else:
        yield _sign(attempt, glyphs)
        if not attempt.verified and attempt.reason:
            yield Content(printable(attempt.reason))
        yield Content(_tests(attempt))
        if faults := _faults(report, "planted faults"):
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


def _faults(report: Report, noun: str) -> str:
    """The mutation score, without the word."""
    return f"{report.mutants_killed} of {report.mutants_total} {noun} noticed" if report.mutants_total else ""


def _failing(found: Grounds, glyphs: Glyphs) -> Iterator[Content]:
    failing = found.attempt.failing if found.attempt else ()
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
