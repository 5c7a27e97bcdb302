"""A person's say on a delivery: all of it, some of its files, or back to the implementer with a comment."""

from __future__ import annotations

from dataclasses import dataclass

from config.errors import NotVerified
from core.checks.test_files import is_document, is_test_path
from core.files.tree import Tree
from core.run.control import ANSWER, Answer
from core.run.ports import Brief
from core.run.repair_loop import RepairLoop
from core.run.run_context import RunContext
from core.storage.journal import StepResult
from core.text.counting import counted
from core.workspace.changes import Pair

_TEMPORARY = ".nexus-approval.tmp"


@dataclass(slots=True)
class DeliveryApproval:
    """Asks until there is an approval that can be carried out. Answers are journal steps: nobody is asked twice."""

    run: RunContext
    loop: RepairLoop

    async def obtain(self, brief: Brief) -> Answer:
        """The approval. When nobody answers in time, the work goes to a branch. Raises NotVerified on a rejection."""
        remark = ""
        number = 0
        while True:
            answer = await self._ask(number, remark)
            number += 1
            if answer.approved:
                if answer.by == "deadline":
                    self.run.delivery = "branch"
                remark = await self._objection(answer)
                if not remark:
                    return answer
            elif answer.comment:
                remark = ""
                self.loop.attempt += 1
                self.run.retries += 1
                await self.loop.finish(brief, f"The person who asked rejected the change: {answer.comment}")
            else:
                raise NotVerified("The change was rejected; nothing was delivered.")

    async def _ask(self, number: int, remark: str) -> Answer:
        run = self.run

        async def decide() -> StepResult[Answer]:
            files = [change.path for change in run.workspace.changes()]
            question = f"{remark} Deliver {counted(len(files), 'changed file')} to {run.row.project}?".lstrip()
            wait_s = run.settings.limits.escalate_deadline_s
            given = await run.control.decision(f"delivery.{number}", question, "branch", wait_s, files)
            return StepResult(given or Answer(True, by="deadline"))

        return await run.journal.step(f"decision.delivery.{number}", ANSWER, decide)

    async def _objection(self, answer: Answer) -> str:
        """Why the approved files cannot be delivered without the others, or empty.

        What is delivered is what was executed: the rest is verified again on its own. Tests that stay behind still
        judge, and documents decide nothing.
        """
        pairs = self.run.workspace.pairs()
        if unknown := sorted(set(answer.files) - {pair.path for pair in pairs}):
            return f"There is no change of {', '.join(unknown)}."
        missing = [pair for pair in pairs if answer.files and pair.path not in answer.files]
        left_out = [pair for pair in missing if not (is_test_path(pair.path) or is_document(pair.path))]
        if not left_out:
            return ""
        self._swap([Pair(pair.path, pair.after, pair.before) for pair in left_out])
        verification = await self.loop.verify()
        if verification.verified:
            return ""
        self._swap(left_out)
        self.loop.stand_by_proven()
        return f"Without {', '.join(pair.path for pair in left_out)} the rest is not verified: {verification.reason}"

    def _swap(self, pairs: list[Pair]) -> None:
        tree = Tree(self.run.workspace.root)
        for pair in pairs:
            tree.replace(pair.path, pair.before, pair.after, _TEMPORARY)
