"""From the supervisor's frames to a verdict. Pure: the backend feeds bytes, and asks once at the end."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from sandbox.harness import frames
from sandbox.model import (
    BoxRequest,
    ExecutionResult,
    OnOutput,
    OnRow,
    Outcome,
    PythonEnvironment,
    SandboxVerdict,
    TestRow,
)


@dataclass(frozen=True, slots=True)
class BoxEnd:
    """What the backend itself saw of the box's end."""

    out_of_memory: bool = False
    killed_late: bool = False
    """The host had to end the box because the supervisor did not within its limit."""
    failure: str = ""
    """Why the box did not start or was lost; makes the verdict `infra_error`."""
    peak_kb: int = 0


@dataclass(slots=True)
class Findings:
    """The growing account of one run."""

    request: BoxRequest
    reader: frames.FrameReader
    on_row: OnRow | None = None
    on_output: OnOutput | None = None
    rows: list[TestRow] = field(default_factory=list)
    sorts: list[str] = field(default_factory=list)
    problem: dict[str, object] = field(default_factory=dict)
    environment: PythonEnvironment | None = None
    end: dict[str, object] | None = None
    broken: str = ""
    tampered: str = ""
    memory_error: bool = False
    streams: dict[str, bytearray] = field(default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()})

    def feed(self, chunk: bytes) -> None:
        """Take bytes of the box's stdout."""
        if self.tampered:
            return
        try:
            for frame in self.reader.feed(chunk):
                self._take(frame)
        except (frames.Tampered, ValueError, KeyError, TypeError) as problem:
            self.tampered = str(problem) or type(problem).__name__

    def _take(self, frame: frames.Frame) -> None:
        fields = frame.fields
        match frame.kind:
            case "output":
                data = base64.b64decode(str(fields["data"]))
                self.streams[str(fields["stream"])] += data
                if self.on_output:
                    self.on_output(data)
            case "row":
                self._take_row(fields)
            case "problem":
                self.problem = fields
                self.memory_error |= bool(fields.get("memory"))
            case "environment":
                self.environment = _environment(fields)
            case "end":
                self.end = fields
            case "broken":
                self.broken = str(fields["reason"])

    def _take_row(self, fields: dict[str, object]) -> None:
        outcome = str(fields["outcome"])
        row = TestRow(str(fields["test"]), _OUTCOMES[outcome], int(str(fields["duration_ms"])), str(fields["message"]))
        self.rows.append(row)
        self.sorts.append(str(fields.get("sort", "")) if fields.get("collector") else "test")
        self.memory_error |= bool(fields.get("memory"))
        if self.on_row:
            self.on_row(row)


_USAGE_ERROR = 4
"""pytest's exit status when an argument names nothing."""
_OUTCOMES: dict[str, Outcome] = {"passed": "passed", "failed": "failed", "error": "error", "skipped": "skipped"}


def judge(found: Findings, box: BoxEnd, *, memory_capped_per_process: bool) -> tuple[SandboxVerdict, str, str]:
    """Verdict, one sentence, and the limit that was hit. Anything but a whole, untouched report is not `passed`."""
    limits = found.request.limits
    end = found.end
    if end is not None and end["stopped"] == "output":
        return "output_limit", f"It printed more than {limits.output_kb} kB, so it was stopped.", "output"
    if end is not None and end["stopped"] == "files":
        return "sandbox_violation", "It made more files than the sandbox takes, so it was stopped.", "files"
    if box.out_of_memory and not _whole(found):
        return "oom", f"It needed more than {limits.memory_mb} MB of memory, so it was stopped.", "memory"
    if box.killed_late or (end is not None and end["stopped"] == "timeout"):
        return "timeout", f"It did not finish within {limits.timeout_s:g} s, so it was stopped.", "time"
    if box.failure or found.broken:
        return "infra_error", f"The sandbox itself failed: {box.failure or found.broken}.", ""
    if found.tampered:
        return "forged", f"The report was tampered with: {found.tampered}.", ""
    if end is None:
        return "infra_error", "The sandbox ended without a report.", ""
    # The heaps of V8 and of .NET are full long before the box is.
    if (memory_capped_per_process or found.request.language != "python") and found.memory_error:
        return "oom", f"It needed more than {limits.memory_mb} MB of memory.", "memory"
    verdict, reason = _of_report(found, end)
    return verdict, reason, ""


def _whole(found: Findings) -> bool:
    return found.end is not None and bool(found.end["finished"]) and not found.tampered


def _of_report(found: Findings, end: dict[str, object]) -> tuple[SandboxVerdict, str]:
    if end["tampered"]:
        return "forged", f"The report was tampered with: {end['tampered']}."
    if touched := end["touched"]:
        return "forged", f"Protected files were changed during the run: {_listed(touched)}."
    if not end["finished"]:
        return _early_end(end)
    if found.request.kind == "tests":
        return _of_tests(found, end)
    return _of_program(found, end)


def _early_end(end: dict[str, object]) -> tuple[SandboxVerdict, str]:
    if signal := end["signal"]:
        return "runtime_error", f"It was ended by signal {signal} before its report was complete."
    if end["exit_code"] == 0:
        return "forged", "It ended itself with status 0 before its report was complete."
    return "runtime_error", f"It ended with status {end['exit_code']} before its report was complete."


def _of_program(found: Findings, end: dict[str, object]) -> tuple[SandboxVerdict, str]:
    if found.problem:
        if found.problem["sort"] == "compile_error" and found.request.language != "python":
            return "compile_error", f"It does not compile: {_first_line(found.problem)}."
        sort: SandboxVerdict = "compile_error" if found.problem["sort"] == "compile_error" else "runtime_error"
        lines = str(found.problem["message"]).strip().splitlines() or ["an error"]
        # Node says what happened before it says where, Python after it.
        return sort, f"It stopped with {lines[0 if found.request.language == 'typescript' else -1]}."
    if end["signal"] or end["exit_code"] != 0:
        return (
            "runtime_error",
            f"It ended badly after its last line: status {end['exit_code']}, signal {end['signal']}.",
        )
    return "passed", "It ran to its end."


def _of_tests(found: Findings, end: dict[str, object]) -> tuple[SandboxVerdict, str]:
    finish = end["finish"]
    assert isinstance(finish, dict)
    if found.problem and found.problem["sort"] == "compile_error":
        return "compile_error", f"It does not compile: {_first_line(found.problem)}."
    if violations := finish.get("violations"):
        return "forged", f"The test machinery was tampered with: {_listed(violations)}."
    broken = [
        sort for row, sort in zip(found.rows, found.sorts, strict=True) if sort != "test" and row.outcome == "error"
    ]
    if "compile_error" in broken:
        fault = "parse" if found.request.language == "python" else "compile"
        return "compile_error", f"A file does not {fault}, so its tests could not be loaded."
    if broken:
        return "runtime_error", f"{_count(len(broken), 'test file')} could not be loaded."
    if finish.get("status") == _USAGE_ERROR:
        return "no_tests", f"Selected tests were not found: {_listed(list(found.request.select))}."
    if end["collected"] is None or end["collected"] != end["reported"]:
        return "forged", "Not every collected test was reported."
    tests = [row for row, sort in zip(found.rows, found.sorts, strict=True) if sort == "test"]
    bad = sum(row.outcome in ("failed", "error") for row in tests)
    if bad:
        return "failed", f"{bad} of {_count(len(tests), 'test')} failed."
    if found.problem:
        return "runtime_error", f"Beside the tests: {_first_line(found.problem)}."
    if missing := [name for name in found.request.select if not any(_selects(name, row.test) for row in tests)]:
        return "no_tests", f"Selected tests were not found: {_listed(missing)}."
    good = sum(row.outcome == "passed" for row in tests)
    if not good:
        return "no_tests", "No test ran." if not tests else f"{_count(len(tests), 'test')} skipped, none ran."
    if end["exit_code"] != 0 or end["signal"]:
        return "runtime_error", f"The tests ended with status {end['exit_code']} although none failed."
    return "passed", f"{_count(good, 'test')} passed."


def _first_line(problem: dict[str, object]) -> str:
    return (str(problem["message"]).strip().splitlines() or ["an error"])[0].rstrip(".")


def _selects(name: str, test: str) -> bool:
    ends = ("::", "[", "(", " > ")
    return test == name or test.startswith((*(name + end for end in ends), f"{name.rstrip('/')}/"))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _listed(names: object) -> str:
    items = [str(name) for name in names] if isinstance(names, list) else [str(names)]
    more = f" and {len(items) - 3} more" if len(items) > 3 else ""
    return ", ".join(items[:3]) + more


def _environment(fields: dict[str, object]) -> PythonEnvironment:
    version, stdlib, installed = fields["version"], fields["stdlib"], fields["installed"]
    assert isinstance(version, list) and isinstance(stdlib, list) and isinstance(installed, list)
    tools = fields.get("tools", {})
    assert isinstance(tools, dict)
    return PythonEnvironment((int(version[0]), int(version[1])), frozenset(stdlib), frozenset(installed), tools)


def result(
    found: Findings, box: BoxEnd, *, backend: str, profile: str, notes: tuple[str, ...], per_process: bool
) -> ExecutionResult:
    """The whole result of one run."""
    verdict, reason, limit = judge(found, box, memory_capped_per_process=per_process)
    end = found.end or {}
    output_bytes = _int(end.get("output_bytes")) or sum(len(data) for data in found.streams.values())
    exit_code = end.get("exit_code")
    return ExecutionResult(
        verdict=verdict,
        reason=reason,
        tests=tuple(found.rows),
        stdout=found.streams["stdout"].decode("utf-8", "replace"),
        stderr=found.streams["stderr"].decode("utf-8", "replace"),
        truncated=output_bytes > sum(len(data) for data in found.streams.values()),
        output_bytes=output_bytes,
        exit_code=exit_code if isinstance(exit_code, int) else None,
        limit_hit=limit,
        wall_ms=_int(end.get("wall_ms")),
        cpu_ms=_int(end.get("cpu_ms")),
        peak_kb=max(_int(end.get("peak_kb")), box.peak_kb),
        backend=backend,
        profile=profile,
        notes=(*notes, *_notes_of(end)),
        complete=_whole(found),
    )


def _notes_of(end: dict[str, object]) -> tuple[str, ...]:
    """What the test runner itself has to say about how it ran."""
    finish = end.get("finish")
    notes = finish.get("notes") if isinstance(finish, dict) else None
    return tuple(str(note) for note in notes) if isinstance(notes, list) else ()


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
