"""Implement, test, verify, and again with evidence until the harness says yes or a guardrail says stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from config.errors import NotVerified, SandboxUnavailable
from core import events as ev
from core.checks.candidate import Candidate
from core.checks.findings import Finding
from core.checks.mutation_check import MutationScore, score_mutants
from core.checks.test_files import belongs_to_tester
from core.checks.verification import Verification, Verifier
from core.consensus_engine import agree
from core.edits import Edit, EditPolicy, EditProblem, apply_edits, touched_paths
from core.guardrails import Decision
from core.ids import digest
from core.run.briefing import Briefing
from core.run.control import ANSWER, Answer
from core.run.conversation import CallSite, Conversation
from core.run.ports import Agent, Brief, Change, T
from core.run.run_context import NO_PROGRESS_REMEDY, RunContext, stopped
from core.storage.journal import StepResult
from core.text.counting import counted

_EDIT_CORRECTIONS = 2
"""How often one attempt may resend blocks that did not fit the files."""


@dataclass(slots=True)
class RepairLoop:
    """The part of a run between the plan and the review. `finish` may be called again with a reviewer's feedback."""

    run: RunContext
    briefing: Briefing
    conversation: Conversation
    verifier: Verifier
    tests_only: bool = False
    """The request is for tests: there is nothing to implement, and evidence goes to the tester."""
    attempt: int = 0
    summary: str = ""
    mutation: MutationScore = field(default_factory=lambda: MutationScore(0, 0))
    proven: ev.VerdictReached | None = None
    """The newest verdict that was `verified`."""
    _generated: set[str] = field(default_factory=set)
    _tests_asked: int = 0
    _verifications: int = 0
    _tier_raised_at: int = -1
    _passes: dict[str, frozenset[str]] = field(default_factory=dict)
    """Per attempt, the tests it passed."""
    _seen_tests: set[str] = field(default_factory=set)

    async def finish(self, brief: Brief, feedback: str = "") -> Verification:
        """Work until an attempt is verified. Raises NotVerified or GuardrailStop with the reason in words."""
        tests_feedback = ""
        while True:
            if self.tests_only:
                await self._write_tests(brief, tests_feedback or feedback)
            else:
                if not tests_feedback:
                    await self._implement(brief, feedback)
                if not self._generated or tests_feedback:
                    await self._write_tests(brief, tests_feedback)
            verification = await self.verify()
            self._remember(verification)
            if verification.verified:
                if self.run.first_try is None:
                    self.run.first_try = self.attempt == 0
                return verification
            if verification.tests_feedback:
                if self._tests_asked > 1:
                    raise NotVerified(verification.reason, "Say in the request what result you expect for which input.")
                tests_feedback = verification.tests_feedback
                continue
            tests_feedback = ""
            feedback = verification.feedback + await self._after_failure(verification)
            self.attempt += 1
            self.run.retries += 1

    def candidate(self) -> Candidate:
        """The workspace's changes as values."""
        before: dict[str, bytes | None] = {}
        after: dict[str, bytes | None] = {}
        root = self.run.workspace.root
        for change in self.run.workspace.changes():
            before[change.path] = self.run.workspace.base_bytes(change.path)
            after[change.path] = None if change.kind == "deleted" else (root / change.path).read_bytes()
        return Candidate(before, after, frozenset(self._generated))

    # --- phases ---

    async def _implement(self, brief: Brief, feedback: str) -> None:
        run, attempt = self.run, self.attempt
        with run.phase("implementer", attempt) as note:
            if attempt or feedback:
                brief = self.briefing.with_changes(brief, feedback, attempt)
            step = f"implementer.{attempt}"
            change = await self._ask(run.roster.implementer, brief, step)
            problems = self._apply(change)
            for correction in range(_EDIT_CORRECTIONS):
                if not problems:
                    break
                wrong = "\n\n".join(problem.feedback for problem in problems)
                again = self.briefing.with_changes(brief, f"Some edit blocks were not applied.\n{wrong}", attempt)
                change = await self._ask(run.roster.implementer, again, f"{step}.edits{correction}")
                problems = self._apply(change)
            self.summary = note.summary = change.summary or note.summary
        state = digest(repr(sorted((path, text) for path, text in self.candidate().after.items())))
        await self._intervene(run.judge("output", "implementer", attempt, output_hash=state))

    def _apply(self, change: Change) -> Sequence[EditProblem]:
        allowed, strays = _split(change.edits)
        policy = EditPolicy(readonly_prefixes=tuple(self.run.workspace.readonly_prefixes))
        applied = apply_edits(self.run.workspace.root, allowed, policy)
        problems = (*change.problems, *applied.problems, *strays)
        self.run.log.emit(
            ev.EditsApplied("implementer", self.attempt, list(applied.changed), [p.sentence for p in problems]),
            once=f"edits:implementer:{self.attempt}:{digest(repr(change))[:12]}",
        )
        # A refused test edit is not worth another paid answer: it is left out, and the log says so.
        return (*change.problems, *applied.problems)

    async def _write_tests(self, brief: Brief, feedback: str) -> None:
        run, number = self.run, self._tests_asked
        self._tests_asked += 1
        with run.phase("tester", number) as note:
            generator = run.roster.test_generator(self._ask)
            context = replace(brief, feedback=feedback, attempt=number)
            cases = list(await generator.generate_unit_tests(self.briefing.interfaces(), context))
            if run.complexity == "complex" and brief.plan is not None and not feedback:
                context = replace(context, interfaces=self.briefing.interfaces())
                cases += await generator.generate_integration_tests(brief.plan, context)
            policy = EditPolicy(readonly_prefixes=tuple(run.workspace.readonly_prefixes))
            applied = apply_edits(run.workspace.root, [case.edit for case in cases], policy)
            self._generated.update(applied.changed)
            note.summary = counted(len(applied.changed), "test file")
        run.log.emit(
            ev.EditsApplied("tester", number, list(applied.changed), [p.sentence for p in applied.problems]),
            once=f"edits:tester:{number}",
        )

    async def verify(self) -> Verification:
        """Judge the workspace as it is. Raises SandboxUnavailable when the machine failed, not the code."""
        run, attempt = self.run, self.attempt
        number, self._verifications = self._verifications, self._verifications + 1
        with run.phase("verify", number) as note:
            await run.control.checkpoint()
            candidate = self.candidate()
            verification = await self.verifier.verify(number, candidate)
            if verification.verified:
                limit = run.settings.limits.mutants
                self.mutation = await score_mutants(self.verifier, candidate, number, limit, run.row.id)
                if self.mutation.too_weak and self._tests_asked < 2:
                    verification = _too_weak(verification, self.mutation)
            note.summary = verification.reason
            note.outcome = "done" if verification.verified else "failed"
        verdict = ev.VerdictReached(
            attempt=attempt,
            verified=verification.verified,
            reason=verification.reason,
            passed=verification.result.passed if verification.result else 0,
            failed=verification.result.failed if verification.result else 0,
            mutants_killed=self.mutation.killed,
            mutants_total=self.mutation.total,
        )
        run.log.emit(verdict, once=f"verdict:{number}")
        if verification.infra:
            raise SandboxUnavailable(
                f"The sandbox failed, not the code: {verification.reason}",
                "Check `nexus doctor`, then continue with `--resume`.",
            )
        if verification.verified:
            self.proven = verdict
            run.judge("step", "verify", attempt)
        return verification

    def stand_by_proven(self) -> None:
        """Log that the workspace is again what was verified, after a part of it was tried alone and failed."""
        number, self._verifications = self._verifications, self._verifications + 1
        assert self.proven is not None
        with self.run.phase("verify", number) as note:
            note.summary = "The whole change is as it was verified."
        self.run.log.emit(replace(self.proven, reason=note.summary), once=f"verdict:{number}")

    # --- decisions ---

    async def _after_failure(self, verification: Verification) -> str:
        """Decide whether to go on; what a person said to it, for the next attempt."""
        decision = self.run.judge(
            "failure",
            "tester" if self.tests_only else "implementer",
            self.attempt,
            fingerprint=verification.fingerprint,
            hallucination=verification.hallucination,
            why=verification.reason,
        )
        if decision.rule == "max_phase_retries" and decision.action != "RETRY":
            self._doubt_tests()
            raise NotVerified(
                f"Not verified after {counted(self.run.retries, 'retry', 'retries')}: {verification.reason}",
                NO_PROGRESS_REMEDY,
            )
        return await self._intervene(decision, verification.reason)

    async def _intervene(self, decision: Decision, why: str = "") -> str:
        """ESCALATE once means a stronger model; when that one stands still too, a person decides, or the run ends."""
        if decision.action != "ESCALATE" or self._tier_raised_at == self.attempt:
            return ""
        if self.run.tier == 0:
            self.run.tier, self._tier_raised_at = 1, self.attempt
            self.run.log.emit(
                ev.Notice(f"Going on with a stronger model: {decision.evidence}"), once=f"tier:{self.attempt}"
            )
            return ""
        answer = await self._ask_person(decision) if self.run.delivery == "ask" else None
        if answer is None or not answer.approved:
            raise stopped(decision, self.run.row.id, why)
        return f"\n\nThe person who asked says: {answer.comment}" if answer.comment else ""

    async def _ask_person(self, decision: Decision) -> Answer:
        """Shall it go on? Without an answer in time it stops."""
        run, name = self.run, f"escalation.{self.attempt}"

        async def decide() -> StepResult[Answer]:
            question = f"{decision.evidence} Try once more?"
            given = await run.control.decision(name, question, "stop", run.settings.limits.escalate_deadline_s)
            return StepResult(given or Answer(False, by="deadline"))

        return await run.journal.step(f"decision.{name}", ANSWER, decide)

    def _remember(self, verification: Verification) -> None:
        if verification.result is not None:
            rows = verification.result.tests
            self._passes[str(self.attempt)] = frozenset(row.test for row in rows if row.outcome == "passed")
            self._seen_tests.update(row.test for row in rows)

    def _doubt_tests(self) -> None:
        """When no attempt made it, the tests are doubtful too: name those that stand against the attempts."""
        passed = frozenset[str]().union(*self._passes.values())
        doubts = dict.fromkeys(self._seen_tests - passed, "No attempt passes this test")
        doubts |= dict.fromkeys(agree(self._passes).flagged_tests, "Only an outvoted attempt passes this test")
        findings = [
            Finding("agreement", "info", test.split("::")[0], 0, f"{doubt}: {test}", "Check it against the request.")
            for test, doubt in sorted(doubts.items())
        ]
        if findings:
            body = ev.FindingsReported("agreement", self.attempt, [finding.to_dict() for finding in findings])
            self.run.log.emit(body, once=f"findings:agreement:{self.attempt}")

    async def _ask(self, agent: Agent[T], brief: Brief, step: str) -> T:
        run = self.run
        site = CallSite(run.row.id, run.row.task_id, run.complexity, run.tier)
        return await self.conversation.ask(agent, brief, step, site, self.briefing.now())


def _split(edits: Sequence[Edit]) -> tuple[list[Edit], list[EditProblem]]:
    """The implementer's edits, and those to files that decide whether it passes."""
    allowed: list[Edit] = []
    strays: list[EditProblem] = []
    for edit in edits:
        foreign = [path for path in touched_paths(edit) if belongs_to_tester(path)]
        if foreign:
            reason = f"{foreign[0]} belongs to the tester."
            strays.append(EditProblem(edit.path, reason, reason))
        else:
            allowed.append(edit)
    return allowed, strays


def _too_weak(verification: Verification, score: MutationScore) -> Verification:
    survivors = "\n".join(f"- {line}" for line in score.survivors)
    return replace(
        verification,
        verified=False,
        reason=f"The new tests notice none of {score.total} deliberate faults in the new code.",
        tests_feedback=f"These deliberate faults passed all your tests; assert exact results.\n{survivors}",
    )
