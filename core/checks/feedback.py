"""What the model is told about a failed attempt: evidence from the harness, short, and nothing else.

Also the identity of a failure, so that the same one is recognised when it comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from core.checks.findings import Finding
from core.checks.places import diagnostics, is_foreign_frame, with_source
from core.edits import EditProblem
from core.ids import digest
from sandbox.model import ExecutionResult, TestRow

_FOREIGN = ("site-packages/", "dist-packages/", "/lib/python", "<frozen ", "importlib/", "_pytest/", "unittest/case.py")
_PYTEST_PLACE = re.compile(r"^(?P<file>[^\s:]+\.py):(?P<line>\d+): ?(?P<what>.*)$")
_TRACEBACK_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line \d+')
_EXCEPTION = re.compile(
    r"^(?:E\s+)?(?P<kind>[A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt|Failed|Iteration))\b"
)
_NOISE = (
    (re.compile(r"\b0x[0-9a-fA-F.]+"), "0x"),
    (re.compile(r"(?:/tmp|/var/folders|/private/tmp|\btmp)/[^\s'\":,)]*"), "<tmp>"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\S*"), "<time>"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:s|ms|us|µs|ns|sec|secs|seconds|milliseconds)\b"), "<duration>"),
    (re.compile(r"(\.(?:py|cs|[cm]?[jt]sx?))(?::\d+(?::\d+)?|\(\d+(?:,\d+)?\))"), r"\1"),
    (re.compile(r"\bline \d+"), "line"),
    (re.compile(r"\s+"), " "),
)
_MOST_TESTS = 6
_TEST_LINES = 24
_TEST_CHARS = 1400
_OUTPUT_CHARS = 1500
_CUT = "\n… (cut)"
_CLOSE = "\n```"
_NO_SOURCES: Mapping[str, bytes] = {}


def build_feedback(
    result: ExecutionResult | None,
    findings: Sequence[Finding],
    cheats: Sequence[Finding],
    edit_problems: Sequence[EditProblem],
    max_chars: int = 6000,
    sources: Mapping[str, bytes] = _NO_SOURCES,
) -> str:
    """Markdown for the next attempt, at most `max_chars` long; empty when nothing is wrong.

    `result` is None when the attempt was not worth running. `sources` are files whose lines are shown where messages
    name them. What the model must not do again comes first, since a
    cut at the end must never lose it.
    """
    sections = [
        _list("Not allowed, take it back", cheats),
        _edits(edit_problems),
        _list("Findings", findings),
        *(_execution(result, sources) if result is not None and not result.ok else ()),
    ]
    text = "\n\n".join(section for section in sections if section)
    return text if len(text) <= max_chars else _cut(text, max_chars)


def _cut(text: str, max_chars: int) -> str:
    """The beginning of the text, with the code block that the cut left open closed."""
    kept = text[: max_chars - len(_CUT) - len(_CLOSE)].rstrip("`")
    return kept + (_CLOSE if kept.count("```") % 2 else "") + _CUT


def _list(title: str, findings: Iterable[Finding]) -> str:
    lines = [f"- {finding.place}: {finding.message} {finding.fix}".rstrip() for finding in findings]
    # `from made_up import a, b` is two references and one thing to mend.
    return "\n".join((f"## {title}", *dict.fromkeys(lines))) if lines else ""


def _edits(problems: Sequence[EditProblem]) -> str:
    if not problems:
        return ""
    return "\n\n".join(("## Edits that were not applied", *(f"{each.path}: {each.feedback}" for each in problems)))


def _execution(result: ExecutionResult, sources: Mapping[str, bytes]) -> Iterable[str]:
    failing = _failing(result)
    head = f"## The run in the sandbox: {result.verdict}\n{result.reason}"
    if result.limit_hit:
        head += f"\nThe limit that was hit: {result.limit_hit}."
    yield head
    compiler = _of_compiler(result)
    if compiler:
        yield f"### What the compiler says\n{_block(with_source(compiler, sources))}"
    for row, twins in _grouped(failing)[:_MOST_TESTS]:
        also = (
            f"\nThe same in {len(twins)} more: {', '.join(twins[:5])}{', …' if len(twins) > 5 else ''}" if twins else ""
        )
        said = with_source(trim_traceback(row.message), sources) or f"{row.outcome}, without a message"
        yield f"### {row.test}\n{_block(said)}{also}"
    rest = len(_grouped(failing)) - _MOST_TESTS
    if rest > 0:
        yield f"{rest} more kinds of failure are not shown."
    if not failing and not compiler:
        output = (result.stderr.strip() or result.stdout.strip())[-_OUTPUT_CHARS:]
        if output:
            yield f"### The end of its output\n{_block(with_source(trim_traceback(output), sources))}"


def _of_compiler(result: ExecutionResult) -> str:
    """What a compiler that checks the whole project printed; one that reports by file has rows instead."""
    found = diagnostics(result.stderr) if result.verdict == "compile_error" else []
    return "\n".join(found[:_TEST_LINES])


def _failing(result: ExecutionResult) -> list[TestRow]:
    return [row for row in result.tests if row.outcome in ("failed", "error")]


def _grouped(rows: Sequence[TestRow]) -> list[tuple[TestRow, list[str]]]:
    """Each kind of failure once, with the other tests that show it."""
    groups: dict[str, tuple[TestRow, list[str]]] = {}
    for row in rows:
        key = _symptom(row.message) or row.test
        if key in groups:
            groups[key][1].append(row.test)
        else:
            groups[key] = (row, [])
    return list(groups.values())


def trim_traceback(message: str) -> str:
    """The frames of the user's own code and the error; frames of libraries and long source listings left out."""
    kept: list[str] = []
    foreign = False
    for line in message.splitlines():
        place = _TRACEBACK_FRAME.match(line)
        if place:
            foreign = any(part in place["file"] for part in _FOREIGN)
        elif foreign and not line.startswith((" ", "\t")):
            foreign = False
        if not foreign and not is_foreign_frame(line):
            kept.append(line.rstrip())
    if any(line.startswith("E ") for line in kept):
        kept = [line for line in kept if _tells(line)]
    if len(kept) > _TEST_LINES:
        half = _TEST_LINES // 2
        kept = [*kept[:half], "…", *kept[-half:]]
    text = "\n".join(kept).strip()
    return text if len(text) <= _TEST_CHARS else f"{text[: _TEST_CHARS // 2]}\n…\n{text[-_TEST_CHARS // 2 :]}"


def _tells(line: str) -> bool:
    """Of pytest's listing: the failing line, the explanation and the user's places."""
    if line.startswith(("E ", ">")):
        return True
    place = _PYTEST_PLACE.match(line)
    return place is not None and not any(part in place["file"] for part in _FOREIGN)


def _block(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"


def failure_fingerprint(result: ExecutionResult | None, findings: Sequence[Finding]) -> str:
    """Identity of a failure: which tests fail, with which exception and message, and which findings block.

    Equal for two runs that differ only in timings, addresses, temporary paths and line numbers.
    """
    parts = sorted(f"{each.rule}|{each.path}|{_normal(each.message)}" for each in findings if each.blocking)
    if result is not None:
        parts.append(result.verdict)
        compiler = _of_compiler(result)
        if compiler:
            # Tests that ran beside the compiler may have come to their end, or not.
            return digest("\n".join([*parts, *map(_normal, compiler.splitlines())]))
        rows = sorted(_failing(result), key=lambda row: row.test)
        parts += [f"{row.test}|{row.outcome}|{_symptom(row.message)}" for row in rows]
        if not rows:
            parts += [result.limit_hit, _symptom(result.stderr) or _normal(result.reason)]
    return digest("\n".join(parts))


def _symptom(message: str) -> str:
    """Exception type and first line of its message, normalised."""
    lines = message.strip().splitlines()
    explained = [line[1:].strip() for line in lines if line.startswith("E ")]
    named = [line.strip() for line in lines if _EXCEPTION.match(line.strip())]
    kinds = [place["what"].strip() for line in lines if (place := _PYTEST_PLACE.match(line)) and place["what"].strip()]
    what = explained[0] if explained else named[-1] if named else lines[-1] if lines else ""
    return _normal(f"{kinds[-1]}: {what}" if kinds and not what.startswith(kinds[-1]) else what)


def _normal(text: str) -> str:
    for pattern, stand_in in _NOISE:
        text = pattern.sub(stand_in, text)
    return text.strip()
