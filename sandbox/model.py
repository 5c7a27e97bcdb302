"""What goes into the box, and what comes out: values only, shared by every backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

Language = Literal["python", "typescript", "dotnet"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

SandboxVerdict = Literal[
    "passed",
    "failed",
    "no_tests",
    "compile_error",
    "runtime_error",
    "timeout",
    "oom",
    "output_limit",
    "sandbox_violation",
    "forged",
    "infra_error",
]
"""`infra_error` is never the code's fault. `forged`: the report was tampered with, or is not complete."""

Outcome = Literal["passed", "failed", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one run."""

    timeout_s: float = 120
    memory_mb: int = 1024
    pids: int = 128
    cpus: float = 2
    disk_mb: int = 256
    output_kb: int = 1024


@dataclass(frozen=True, slots=True)
class TestRow:
    """One test. `message` is the assertion and a trimmed traceback, or empty."""

    __test__ = False
    test: str
    outcome: Outcome
    duration_ms: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class BoxFile:
    """One file to lay out in the box. `path` is relative, POSIX style, without `..`."""

    path: str
    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class BoxRequest:
    """One run in a fresh box."""

    kind: Literal["script", "tests", "probe"]
    """`script`: run `entry`. `tests`: run those in `select`, or all. `probe`: describe the Python of the box."""
    files: tuple[BoxFile, ...] = ()
    pristine: tuple[BoxFile, ...] = ()
    """Laid over `files` and made read-only: tests that the candidate may not replace."""
    entry: str = "main.py"
    select: tuple[str, ...] = ()
    extra_site: str = ""
    """Host folder of packages that the box may read: a project's site-packages, or one that holds node_modules."""
    seed: int = 0
    limits: Limits = field(default_factory=Limits)
    language: Language = "python"
    plain: tuple[str, ...] = ()
    """Ids of tests to run without a framework, see `plain_tests`; the backends find them."""


OnRow = Callable[[TestRow], None]
OnOutput = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """The verdict of one run, computed by the harness; never from an exit code or from printed text."""

    verdict: SandboxVerdict
    reason: str
    """One sentence a person understands."""
    tests: tuple[TestRow, ...] = ()
    stdout: str = ""
    stderr: str = ""
    truncated: bool = False
    output_bytes: int = 0
    exit_code: int | None = None
    limit_hit: str = ""
    wall_ms: int = 0
    cpu_ms: int = 0
    peak_kb: int = 0
    backend: str = ""
    profile: str = ""
    """Hash of the hardening profile and limits."""
    notes: tuple[str, ...] = ()
    """What the backend could not enforce here, said plainly."""
    complete: bool = False
    """The whole report arrived, untouched: every test that was found has its row."""

    @property
    def ok(self) -> bool:
        return self.verdict == "passed"

    @property
    def passed(self) -> int:
        return sum(row.outcome == "passed" for row in self.tests)

    @property
    def failed(self) -> int:
        return sum(row.outcome in ("failed", "error") for row in self.tests)


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """What code in the box can import, besides its own files."""

    version: tuple[int, int]
    stdlib: frozenset[str]
    installed: frozenset[str]
    """Top-level module names of installed distributions; names of npm packages in a TypeScript box."""
    tools: dict[str, str] = field(default_factory=dict)
    """Versions of the toolchain by name."""
