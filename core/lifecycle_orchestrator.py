"""Takes one request through its phases: analyst, architect, implementer, tester, verify, reviewer, integrator, deliver.

The path is a plain function of the request, the workspace and the recorded answers. That is what makes a run
resumable: walking it again with the same journal does the same things, without paying or executing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace

from config.errors import NotVerified, SandboxUnavailable
from core import events as ev
from core.checks.test_files import is_document
from core.checks.verification import Verification, Verifier
from core.code_executor import project_languages
from core.context import RepoIndex
from core.context.languages import TITLES, languages_asked, unsupported_languages
from core.delivery import Delivery, deliver
from core.edits import EditPolicy, apply_edits, touched_paths
from core.ids import Phase, digest
from core.producer_reviewer import may_go_on, triage
from core.run.approval import DeliveryApproval
from core.run.briefing import Briefing
from core.run.contracts import Integration, Requirements, ReviewReport
from core.run.control import Answer
from core.run.conversation import CallSite, Conversation
from core.run.outcome import Outcome
from core.run.ports import Agent, Brief, Documented, T
from core.run.repair_loop import RepairLoop
from core.run.run_context import RunContext
from core.run.sandbox_log import SandboxLog
from core.run.triage import asks_for_tests_only, looks_trivial
from core.text.counting import counted
from sandbox.model import Language


@dataclass(slots=True)
class LifecycleOrchestrator:
    """One run, from request to delivery."""

    run: RunContext
    _conversation: Conversation = field(init=False)
    _briefing: Briefing = field(init=False)
    _loop: RepairLoop = field(init=False)

    def __post_init__(self) -> None:
        run = self.run
        self._conversation = Conversation(
            run.gateway,
            run.journal,
            run.log,
            run.folder / "model",
            run.settings.models,
            run.settings.context,
            run.before_call,
        )

    async def execute(self) -> Outcome:
        """Drive the run to its end. Raises the NexusError that ended it early."""
        run = self.run
        # A resumed run walks the same path again, so it starts from the same files.
        await asyncio.to_thread(run.workspace.reset)
        self._briefing = await asyncio.to_thread(
            Briefing, run.workspace, run.settings.context, run.paths.config, run.row.request
        )
        languages = _languages(self._briefing.index, run.row.request, run.row.project)
        await run.executor.require(languages)
        outputs = SandboxLog(run.folder)
        sites = {language: packages.folder for language, packages in run.packages.items()}
        verifier = Verifier(run.executor, run.journal, run.log, run.workspace, outputs, sites)
        tests_only = asks_for_tests_only(run.row.request)
        self._loop = RepairLoop(run, self._briefing, self._conversation, verifier, tests_only)
        brief = await asyncio.to_thread(self._briefing.initial)
        baseline = asyncio.create_task(verifier.baseline())
        try:
            brief = await self._architect(await self._analyse(brief))
            await baseline
        finally:
            baseline.cancel()
            await asyncio.gather(baseline, return_exceptions=True)
        verification = await self._loop.finish(brief)
        verification = await self._review(brief, verification)
        integration = await self._integrate(brief, verification)
        return await self._deliver(brief, integration)

    # --- understanding ---

    async def _analyse(self, brief: Brief) -> Brief:
        run = self.run
        if looks_trivial(run.row.request):
            run.complexity = "trivial"
            self._skip("analyst", "a single small change: the request is taken as it is")
            run.log.emit(ev.PlanMade("trivial", [run.row.request]), once="plan:triage")
            return brief
        with run.phase("analyst") as note:
            requirements: Requirements = await self._ask(run.roster.analyst, brief, "analyst")
            run.complexity = requirements.complexity
            note.summary = requirements.summary
        run.log.emit(
            ev.PlanMade(
                requirements.complexity, list(requirements.requirements), questions=list(requirements.questions)
            ),
            once="plan:analyst",
        )
        return replace(brief, requirements=requirements)

    async def _architect(self, brief: Brief) -> Brief:
        run = self.run
        if run.complexity != "complex":
            self._skip("architect", f"the request is {run.complexity}")
            return brief
        with run.phase("architect") as note:
            plan = await self._ask(run.roster.architect, brief, "architect")
            note.summary = counted(len(plan.steps), "step")
        steps = [f"{step.title} ({', '.join(step.files)})" for step in plan.steps]
        run.log.emit(ev.PlanMade(run.complexity, steps=steps), once="plan:architect")
        return replace(brief, plan=plan)

    # --- judging ---

    async def _review(self, brief: Brief, verification: Verification) -> Verification:
        """Advice is reported; a finding that the harness can confirm goes back to the implementer."""
        run = self.run
        if run.complexity == "trivial":
            self._skip("reviewer", "the request is trivial")
            return verification
        reviewed: list[str] = []
        while True:
            number, diff = len(reviewed), run.workspace.diff()
            reviewed.append(digest(diff))
            with run.phase("reviewer", number) as note:
                shown = replace(brief, diff=diff, verdict=_in_words(verification))
                report: ReviewReport = await self._ask(run.roster.reviewer, shown, f"reviewer.{number}")
                review = triage(
                    report.findings, verification.result, verification.findings, verification.known_failures
                )
                findings = (*review.blocking, *review.advice)
                note.summary = f"{len(review.blocking)} blocking, {len(review.advice)} advice"
            if findings:
                body = ev.FindingsReported("reviewer", number, [finding.to_dict() for finding in findings])
                run.log.emit(body, once=f"findings:reviewer:{number}")
            if not review.blocking or not may_go_on(reviewed):
                return verification
            self._loop.attempt += 1
            run.retries += 1
            verification = await self._loop.finish(brief, review.feedback)

    async def _integrate(self, brief: Brief, verification: Verification) -> Integration:
        run = self.run
        if run.complexity == "trivial":
            self._skip("integrator", "the request is trivial")
            return Integration(
                subject=_subject(self._loop.summary or run.row.request), body=f"Request: {run.row.request}"
            )
        with run.phase("integrator") as note:
            shown = replace(brief, diff=run.workspace.diff(), verdict=_in_words(verification))
            answer: Documented = await self._ask(run.roster.integrator, shown, "integrator")
            # Only prose may change after the verdict: the code that is delivered is the code that was executed.
            documents = [edit for edit in answer.edits if all(map(is_document, touched_paths(edit)))]
            policy = EditPolicy(readonly_prefixes=tuple(run.workspace.readonly_prefixes))
            applied = apply_edits(run.workspace.root, documents, policy)
            note.summary = answer.integration.subject
        if answer.edits:
            left_out = [f"{edit.path} is not a document." for edit in answer.edits if edit not in documents]
            refused = [*left_out, *(problem.sentence for problem in applied.problems)]
            run.log.emit(ev.EditsApplied("integrator", 0, list(applied.changed), refused), once="edits:integrator")
        return answer.integration

    # --- delivering ---

    async def _deliver(self, brief: Brief, integration: Integration) -> Outcome:
        run = self.run
        if not run.workspace.changes():
            raise NotVerified("The model changed nothing.", "Say in the request what should be different afterwards.")
        answer = await DeliveryApproval(run, self._loop).obtain(brief) if run.delivery == "ask" else None
        await run.control.checkpoint()
        with run.phase("deliver") as note:
            delivery = await self._apply(integration, answer)
            note.summary = delivery.detail or delivery.state
        return Outcome("verified", _delivered(delivery), 0, tuple(delivery.files), _place(delivery))

    async def _apply(self, integration: Integration, answer: Answer | None) -> Delivery:
        run = self.run
        message = integration.subject + (f"\n\n{integration.body}" if integration.body else "")

        def work() -> Delivery:
            return deliver(
                run.store,
                run.row.id,
                run.workspace,
                run.folder / "delivery",
                message,
                mode="branch" if run.delivery == "branch" else "apply",
                commit=run.settings.delivery.commit,
                only=answer.files if answer and answer.files else None,
            )

        delivering = asyncio.create_task(asyncio.to_thread(work))
        while not delivering.done():
            # What has begun is carried out: a cancellation that comes now comes too late.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({delivering})
        delivery = delivering.result()
        run.log.emit(
            ev.DeliveryChanged(delivery.state, list(delivery.files), delivery.branch, delivery.commit, delivery.detail),
            once=f"delivery:{delivery.state}",
        )
        return delivery

    # --- small things ---

    async def _ask(self, agent: Agent[T], brief: Brief, step: str) -> T:
        run = self.run
        site = CallSite(run.row.id, run.row.task_id, run.complexity, run.tier)
        return await self._conversation.ask(agent, brief, step, site, self._briefing.now())

    def _skip(self, phase: Phase, why: str) -> None:
        self.run.log.emit(ev.PhaseFinished(phase, 0, "skipped", why), once=f"phase.skipped:{phase}")


def _languages(index: RepoIndex, request: str, project: str) -> tuple[Language, ...]:
    """The languages that the work will be verified in: those with tests, and those of the project that are asked for.

    An empty folder becomes what the request names. Raises SandboxUnavailable, before money is spent, for a project
    that could not be verified after it.
    """
    paths = [file.path for file in index.files]
    asked = languages_asked(request)
    foreign = unsupported_languages(paths)
    if foreign and not index.languages and not asked:
        titles = ", ".join(TITLES.values())
        raise SandboxUnavailable(
            f"{project} holds {' and '.join(foreign)}, and Nexus runs only these: {titles}.",
            "If one of them is what you want there, name it in the request.",
        )
    if asked and not index.languages:
        return asked
    known = [language for language in asked if language in index.languages]
    return tuple(dict.fromkeys((*known, *project_languages(paths))))


def _in_words(verification: Verification) -> str:
    lines = [verification.reason]
    lines += [f"- {finding.rule} {finding.place}: {finding.message}" for finding in verification.findings]
    if verification.weak_tests:
        lines.append(f"- {len(verification.weak_tests)} new tests also pass without the change")
    return "\n".join(lines)


def _subject(text: str) -> str:
    """One line of at most 72 characters for a commit."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= 72 else line[:71].rsplit(" ", 1)[0] + "…"


def _place(delivery: Delivery) -> str:
    if delivery.state == "BRANCHED":
        return f"branch {delivery.branch}" if delivery.branch else f"patch {delivery.patch}"
    return f"commit {delivery.commit[:12]}" if delivery.commit else "tree"


def _delivered(delivery: Delivery) -> str:
    number = counted(len(delivery.files), "file")
    if delivery.patch:
        return f"Verified, and no file of yours was changed: the change to {number} is in {delivery.patch}."
    return f"Verified and delivered to {_place(delivery)}: {number}."
