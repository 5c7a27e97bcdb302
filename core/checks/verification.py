"""Decides from execution, and nothing else, whether a candidate does what was asked.

One attempt is verified when nothing it refers to is made up, no existing test was weakened, every test that passed
before still passes, the new tests pass, and at least one of them fails without the change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from config.errors import SandboxUnavailable
from core import events as ev
from core.checks.anti_cheat import find_cheats
from core.checks.candidate import Candidate
from core.checks.feedback import build_feedback, failure_fingerprint
from core.checks.findings import Finding
from core.checks.stubs import stubs_of, throwing_stubs_of
from core.checks.test_files import is_test_module, is_test_path, steers_tests
from core.code_executor import CodeExecutor, project_languages
from core.context.languages import RUNNERS
from core.files.ignore_rules import visible_files
from core.hallucination_detector import HallucinationDetector, Issue, ReferenceContext
from core.ids import digest
from core.run.sandbox_log import SandboxLog
from core.storage.event_log import EventLog
from core.storage.journal import Codec, Journal, StepResult
from core.text.counting import counted
from core.workspace import Workspace
from sandbox.model import ExecutionResult, Language, TestRow

_UNUSABLE = frozenset(
    {"timeout", "oom", "output_limit", "sandbox_violation", "forged", "infra_error", "runtime_error", "compile_error"}
)


def _result_from_json(data: Any) -> ExecutionResult:
    rows = tuple(TestRow(**row) for row in data["tests"])
    return ExecutionResult(**{**data, "tests": rows, "notes": tuple(data["notes"])})


RESULT: Codec[ExecutionResult] = Codec(asdict, _result_from_json)


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on one attempt, with the evidence for whoever has to mend it."""

    verified: bool
    reason: str
    feedback: str = ""
    """For the implementer."""
    tests_feedback: str = ""
    """For the tester: set when the tests, not the code, are at fault."""
    fingerprint: str = ""
    hallucination: float = 0.0
    infra: bool = False
    result: ExecutionResult | None = None
    findings: tuple[Finding, ...] = ()
    weak_tests: tuple[str, ...] = ()
    known_failures: frozenset[str] = frozenset()
    """Tests that failed before the change."""


@dataclass(slots=True)
class Verifier:
    """Runs candidates of one run. Every sandbox run is a journal step, so a resumed run repeats none."""

    executor: CodeExecutor
    journal: Journal
    log: EventLog
    workspace: Workspace
    outputs: SandboxLog
    packages: Mapping[Language, str] = field(default_factory=dict)
    """Host folders of packages, by language, that boxes may read."""
    _baseline: ExecutionResult | None = field(default=None, init=False)

    async def baseline(self) -> None:
        """Run the project's own tests on the untouched tree, to tell old failures from new ones."""
        tests = [path for path in self.workspace.base_files() if is_test_module(path)]
        if tests:
            self._baseline = await self.execute("baseline", 0, self._base_overlay(), (), base=True)

    async def verify(self, attempt: int, candidate: Candidate) -> Verification:
        cheats = find_cheats(
            {path: text for path, text in candidate.before.items() if text is not None},
            {path: text for path, text in candidate.after.items() if text is not None},
        )
        self._report("anti-cheat", attempt, cheats)
        issues, score = await self._check_references(attempt, candidate)
        blocking = [finding for finding in cheats if finding.blocking]
        confirmed = [issue for issue in issues if issue.level == "CONFIRMED"]
        if blocking or confirmed:
            return self._refuse(blocking, confirmed, cheats, score)
        result = await self.execute("verify", attempt, self.overlay(candidate), ())
        if result.verdict == "infra_error":
            return Verification(False, result.reason, infra=True, result=result)
        verification = self._judge(result, candidate, cheats)
        if not verification.verified:
            return verification
        return await self._demand_evidence(attempt, candidate, verification)

    def _refuse(
        self, cheats: Sequence[Finding], issues: Sequence[Issue], findings: Sequence[Finding], score: float
    ) -> Verification:
        """An attempt that is not worth running: it cheats, or names things that do not exist."""
        every = (*findings, *(issue.to_finding() for issue in issues))
        what = "weakens the checks" if cheats else "uses names that do not exist"
        first = cheats[0].message if cheats else issues[0].message
        return Verification(
            False,
            f"The attempt {what}: {first}",
            feedback=build_feedback(None, [issue.to_finding() for issue in issues], cheats, ()),
            fingerprint=failure_fingerprint(None, every),
            hallucination=score,
            findings=every,
        )

    def _judge(self, result: ExecutionResult, candidate: Candidate, cheats: Sequence[Finding]) -> Verification:
        known = {row.test for row in self._rows(self._baseline) if row.outcome in ("failed", "error")}
        stood = {row.test for row in self._rows(self._baseline) if row.outcome == "passed"}
        now = {row.test: row for row in result.tests}
        broken = [row for row in result.tests if row.outcome in ("failed", "error") and row.test not in known]
        gone = sorted(test for test in stood - now.keys() if _file_of(test) not in candidate.generated)
        reason = ""
        if result.verdict in _UNUSABLE and (broken or not _only_loading_failed(result)):
            reason = result.reason
        elif broken:
            reason = f"{len(broken)} of {counted(len(result.tests), 'test')} fail, first {broken[0].test}."
        elif gone:
            reason = f"Tests that passed before are gone ({len(gone)}), first {gone[0]}."
        elif not any(row.outcome == "passed" for row in result.tests):
            reason = "No test ran and passed."
        if reason:
            return Verification(
                False,
                reason,
                feedback=build_feedback(result, (), cheats, (), sources=candidate.texts),
                fingerprint=failure_fingerprint(result, cheats),
                result=result,
                findings=tuple(cheats),
            )
        old = f"; {len(known & now.keys())} failed before and still do" if known & now.keys() else ""
        return Verification(
            True,
            f"{counted(result.passed, 'test')} passed{old}.",
            result=result,
            findings=tuple(cheats),
            known_failures=frozenset(known),
        )

    async def _demand_evidence(self, attempt: int, candidate: Candidate, passed: Verification) -> Verification:
        """New tests must fail on the stub: a suite that passes without the change says nothing about it."""
        assert passed.result is not None
        generated = candidate.test_modules
        before_failed = {row.test for row in self._rows(self._baseline) if row.outcome in ("failed", "error")}
        mended = [row.test for row in passed.result.tests if row.outcome == "passed" and row.test in before_failed]
        if not generated:
            if mended:
                return passed
            return _weak(passed, "No test shows the change: nothing that failed before passes now.", ())
        stub = await self._run_on_stub(attempt, candidate, generated)
        if stub.verdict == "infra_error":
            return Verification(False, stub.reason, infra=True, result=stub)
        new = {row.test for row in passed.result.tests if row.outcome == "passed" and _file_of(row.test) in generated}
        weak = tuple(sorted(row.test for row in stub.tests if row.outcome == "passed" and row.test in new))
        if mended or new - set(weak):
            return replace(passed, weak_tests=weak)
        return _weak(passed, "Every new test also passes without the change, so none shows that it works.", weak)

    async def _run_on_stub(self, attempt: int, candidate: Candidate, tests: Sequence[str]) -> ExecutionResult:
        overlay = self.overlay(candidate)
        stub = await self.execute("stub", attempt, {**overlay, **stubs_of(candidate, self.workspace)}, tests)
        throwing = throwing_stubs_of(candidate, self.workspace) if stub.verdict == "compile_error" else {}
        # Nothing runs where nothing compiles: that the tests fail there is no evidence.
        return await self.execute("throwing-stub", attempt, {**overlay, **throwing}, tests) if throwing else stub

    # --- the sandbox ---

    async def execute(
        self, purpose: str, attempt: int, overlay: Mapping[str, bytes], select: Sequence[str], base: bool = False
    ) -> ExecutionResult:
        """One journaled run of tests over the workspace with `overlay` laid on top."""
        key = f"sandbox.{purpose}.{attempt}:{digest(repr(sorted(overlay.items())) + repr(select))[:12]}"
        sink = self.outputs.open(f"{purpose}-{attempt}")
        command = " ".join((await self._runners(overlay, select), *select))
        started = ev.SandboxStarted(purpose, attempt, self.executor.backend_name, command, sink.name)
        quiet = purpose not in ("verify", "baseline")
        if not quiet:
            self.log.emit(started, once=f"sandbox.started:{key}")

        def row_seen(row: TestRow) -> None:
            if not quiet:
                self.log.emit(
                    ev.TestFinished(row.test, row.outcome, row.duration_ms, row.message, attempt),
                    once=f"test:{key}:{row.test}",
                )

        def row_ended(row: TestRow) -> None:
            sink.test(row)
            row_seen(row)

        async def run() -> StepResult[ExecutionResult]:
            sink.begin(command)
            result = await self.executor.execute_project(
                self.workspace.root,
                pristine=overlay,
                select=select,
                packages=self.packages,
                on_row=row_ended,
                on_output=sink.write,
                control=purpose == "verify",
            )
            sink.end(result)
            if result.verdict == "infra_error":
                raise _Infra(result)
            return StepResult(result)

        try:
            result = await self.journal.step(key, RESULT, run)
        except _Infra as failed:
            result = failed.result  # not recorded: the machine failed, so a resumed run tries again
        finally:
            sink.close()
        for row in result.tests:
            row_seen(row)
        if not quiet:
            self.log.emit(
                ev.SandboxFinished(
                    purpose=purpose,
                    attempt=attempt,
                    verdict=result.verdict,
                    reason=result.reason,
                    passed=result.passed,
                    failed=result.failed,
                    wall_ms=result.wall_ms,
                    cpu_ms=result.cpu_ms,
                    peak_kb=result.peak_kb,
                    backend=result.backend,
                    profile=result.profile,
                    path=sink.name,
                ),
                once=f"sandbox.finished:{key}",
            )
        return result

    async def _runners(self, overlay: Mapping[str, bytes], select: Sequence[str]) -> str:
        paths = await asyncio.to_thread(lambda: {*visible_files(self.workspace.root), *overlay})
        return " + ".join(RUNNERS[language] for language in project_languages(paths, select))

    def overlay(self, candidate: Candidate) -> dict[str, bytes]:
        """Tests and test configuration as their owners left them: the tester's files, else the base's."""
        overlay = self._base_overlay()
        for path in candidate.generated:
            content = candidate.after.get(path)
            if content is None:
                overlay.pop(path, None)
            else:
                overlay[path] = content
        return overlay

    def _base_overlay(self) -> dict[str, bytes]:
        judging = [path for path in self.workspace.base_files() if is_test_path(path) or steers_tests(path)]
        return self.workspace.base_contents(judging)

    # --- references ---

    async def _check_references(self, attempt: int, candidate: Candidate) -> tuple[list[Issue], float]:
        """Made-up names in Python; those of other languages are found by their compilers."""
        code = {path: text for path, text in candidate.after.items() if text is not None and path.endswith(".py")}
        if not code:
            return [], 0.0
        environment = await self.executor.python_environment(self.packages.get("python", ""))
        base = {path: text for path, text in candidate.before.items() if text is not None}
        context = ReferenceContext.of_workspace(environment, self.workspace.root, base)
        detector = HallucinationDetector()
        issues = detector.check_references(code, context)
        self._report("references", attempt, [issue.to_finding() for issue in issues])
        return issues, detector.score(issues, detector.count_references(code, context))

    def _report(self, source: str, attempt: int, findings: Sequence[Finding]) -> None:
        if findings:
            body = ev.FindingsReported(source, attempt, [finding.to_dict() for finding in findings])
            self.log.emit(body, once=f"findings:{source}:{attempt}")

    @staticmethod
    def _rows(result: ExecutionResult | None) -> tuple[TestRow, ...]:
        return result.tests if result else ()


class _Infra(SandboxUnavailable):
    """Carries an infrastructure result past the journal, which must not record it."""

    def __init__(self, result: ExecutionResult) -> None:
        super().__init__(result.reason)
        self.result = result


def _weak(passed: Verification, reason: str, weak: tuple[str, ...]) -> Verification:
    names = "\n".join(f"- {test}" for test in weak[:20]) or "- (no new test was collected)"
    return Verification(
        False,
        reason,
        tests_feedback=f"{reason}\nTests that pass on code that does nothing:\n{names}",
        fingerprint=digest(reason + names),
        result=passed.result,
        findings=passed.findings,
        weak_tests=weak,
    )


def _only_loading_failed(result: ExecutionResult) -> bool:
    """Test files did not load, and all others ran to their end; files that did not load before either are no news.

    Each has a row that says so. A compiler that checks the whole project gives no row: then all of it is at fault.
    """
    loading = any(row.outcome == "error" for row in result.tests)
    return loading and result.complete and result.verdict in ("compile_error", "runtime_error")


def _file_of(test: str) -> str:
    return test.split("::", 1)[0]
