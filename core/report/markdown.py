"""The report as Markdown that reads well as plain text too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from core.report.model import Attempt, DecisionLine, Report, SourcedFinding, TestLine
from core.report.words import NO_DATA, count, duration, mutation, usd, when, yes_no
from core.text.redaction import strip_escapes

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_MOST_DIFF_LINES = 2000


def to_markdown(report: Report) -> str:
    """The whole report. Text of people and models is escaped or fenced: it can be read, not obeyed."""
    sections = [
        _head(report),
        _section("What was asked", _asked(report)),
        _section("What was done", _done(report)),
        _section("Tests", _tests(report)),
        _section("Attempts", _attempts(report.attempts)),
        _section("Findings", _findings(report.findings)),
        _section("Guardrail decisions", _decisions(report.decisions)),
        _section("Cost", _costs(report)),
        _section("Time", _times(report)),
        _section("Context served", _context(report)),
        _section("Rules used", [f"- {_text(rule)}" for rule in report.rules] or ["none"]),
        _section("Notices", [f"- {_text(notice)}" for notice in (*report.model_retries, *report.notices)]),
        _section("Undo", [_undo(report)]),
        _section("Changes", _diff(report.diff)),
    ]
    return strip_escapes("\n\n".join(section for section in sections if section) + "\n")


def _head(report: Report) -> str:
    lines = [f"# {report.headline}", "", _text(report.reason) if report.reason else NO_DATA]
    if report.remedy:
        lines += ["", f"Next: {_text(report.remedy)}"]
    if report.recorded:
        lines += ["", "> **Recorded session.** The model's answers were replayed from a recording; all else is real."]
    facts = {
        "Run": _code(report.run),
        "Project": _code(report.project),
        "Started": when(report.started_at),
        "Duration": duration(report.duration_ms),
        "Cost": usd(report.spent_micros, report.estimated) if report.costs else NO_DATA,
        "Delivered to": _text(report.delivered_to) or "nowhere",
        "Retries": count(report.retries),
        "First try": yes_no(report.first_try),
        "Exit code": count(report.exit_code),
        "Model profile": _text(report.profile) or NO_DATA,
        "Nexus": _text(report.version) or NO_DATA,
    }
    if report.resumed:
        facts["Resumed"] = f"{report.resumed} times"
    return "\n".join([*lines, "", *_table(("", ""), facts.items())])


def _asked(report: Report) -> Iterator[str]:
    yield from _fence(report.request)
    for title, items in (
        ("Requirements", report.requirements),
        ("Plan", report.steps),
        ("Open questions", report.questions),
    ):
        if items:
            yield from ("", f"{title}:", "", *(f"- {_text(item)}" for item in items))


def _done(report: Report) -> Iterable[str]:
    if not report.files:
        return ["No file was changed."]
    rows = ((_code(line.path), count(line.added), count(line.removed)) for line in report.files)
    return _table(("File", "Added", "Removed"), rows)


def _tests(report: Report) -> Iterator[str]:
    if report.tests:
        rows = ((line.outcome, _code(line.test), duration(line.duration_ms)) for line in report.tests)
        yield from _table(("Result", "Test", "Time"), rows)
    else:
        yield NO_DATA
    yield from ("", f"Mutation check: {mutation(report.mutants_killed, report.mutants_total)}.")
    if report.sandbox:
        yield ""
        heads = ("Run for", "Verdict", "Passed", "Failed", "Time", "Memory", "Isolation")
        yield from _table(
            heads,
            (
                (
                    _text(line.purpose),
                    _text(line.verdict),
                    count(line.passed),
                    count(line.failed),
                    duration(line.wall_ms),
                    f"{line.peak_kb // 1024} MB" if line.peak_kb else NO_DATA,
                    _text(f"{line.backend} {line.profile[:12]}".strip()) or NO_DATA,
                )
                for line in report.sandbox
            ),
        )


def _attempts(attempts: Sequence[Attempt]) -> Iterator[str]:
    if not attempts:
        yield NO_DATA
    for attempt in attempts:
        yield from ("", f"### Attempt {attempt.number}: {verdict_word(attempt)}", "", _text(attempt.reason))
        if attempt.summary:
            yield from ("", f"The implementer: {_text(attempt.summary)}")
        if attempt.findings:
            yield from ("", *_findings(attempt.findings))
        for line in attempt.failing:
            yield from ("", f"{line.outcome}: {_code(line.test)}", "", *_message(line))
        for decision in attempt.decisions:
            yield from ("", f"Guardrails: {_decision(decision)}")


def verdict_word(attempt: Attempt) -> str:
    return "no verdict" if attempt.verified is None else "verified" if attempt.verified else "not verified"


def _message(line: TestLine) -> Iterable[str]:
    return _fence(line.message) if line.message else [NO_DATA]


def _findings(findings: Sequence[SourcedFinding]) -> list[str]:
    return [
        f"- {each.finding.severity}{', blocking' if each.finding.blocking else ''}: {_code(each.finding.place)} "
        f"{_text(f'{each.finding.message} {each.finding.fix}')} ({_text(each.source)}: {_text(each.finding.rule)})"
        for each in findings
    ] or ["none"]


def _decisions(decisions: Sequence[DecisionLine]) -> list[str]:
    return [f"- {_decision(line)}" for line in decisions] or ["none"]


def _decision(line: DecisionLine) -> str:
    rule = f" ({_text(line.rule)})" if line.rule else ""
    return f"**{line.action}**{rule} {_text(line.evidence)}".rstrip()


def _costs(report: Report) -> Iterator[str]:
    if not report.costs:
        yield NO_DATA
        return
    heads = ("Phase", "Model", "Calls", "Tokens in", "of these cached", "Tokens out", "Cost")
    rows = [
        (
            line.phase,
            _code(line.model),
            count(line.calls),
            count(line.prompt_tokens),
            count(line.cached_tokens),
            count(line.completion_tokens),
            usd(line.cost_micros, line.estimated),
        )
        for line in report.costs
    ]
    yield from _table(heads, rows)
    budget = f" of {usd(report.budget_micros)}" if report.budget_micros else ""
    yield from ("", f"Together {usd(report.spent_micros, report.estimated)}{budget}.")


def _times(report: Report) -> Iterable[str]:
    rows = ((line.phase, line.status, duration(line.duration_ms), _text(line.summary)) for line in report.phases)
    return _table(("Phase", "Ended", "Time", "Summary"), rows) if report.phases else [NO_DATA]


def _context(report: Report) -> list[str]:
    return [
        f"- {line.phase}, round {line.round}: {', '.join(map(_code, line.served)) or 'nothing'}"
        + (f"; refused: {', '.join(map(_code, line.refused))}" if line.refused else "")
        for line in report.context
    ] or ["Nothing was asked for."]


def _undo(report: Report) -> str:
    if report.can_undo:
        return f"`nexus undo {report.run}` puts every file back as it was."
    if report.delivered_to.startswith("branch "):
        return f"Your files were not changed. `git branch -D {report.delivered_to.removeprefix('branch ')}` drops it."
    return "Your files were not changed: there is nothing to undo."


def _diff(diff: str) -> Iterable[str]:
    if not diff:
        return [NO_DATA]
    lines = diff.splitlines()
    kept = "\n".join(lines[:_MOST_DIFF_LINES])
    rest = len(lines) - _MOST_DIFF_LINES
    return [*_fence(kept, "diff"), *([f"{rest} more lines are not shown."] if rest > 0 else [])]


# --- Markdown itself -----------------------------------------------------------------------------------


def _section(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines).strip("\n")
    return f"## {title}\n\n{body}" if body else ""


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """A code span that a backtick or a bar in the text cannot end."""
    flat = " ".join(text.split()).replace("|", "¦")
    fence = "``" if "`" in flat else "`"
    return f"{fence} {flat} {fence}" if "`" in flat else f"`{flat}`"


def _fence(text: str, language: str = "text") -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}{language}", text.rstrip("\n"), fence]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]
