"""Generates tests before anybody believes the code: unit tests from examples, integration tests from the plan."""

from __future__ import annotations

from dataclasses import replace

from agents.phase_agents.tester import Tester
from core.run.contracts import Plan
from core.run.ports import Ask, Brief, TestCase


class TestGeneratorAgent:
    """Asks through the engine's journal, so that generated tests are paid for once per run."""

    __test__ = False

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def generate_unit_tests(self, code: str, context: Brief) -> list[TestCase]:
        """Test files for the acceptance examples of `context`; `code` is what the tests may know of the change."""
        brief = replace(context, interfaces=code)
        found = await self._ask(Tester(), brief, f"tester.{context.attempt}")
        return [TestCase(edit, "unit") for edit in found]

    async def generate_integration_tests(self, plan: Plan, context: Brief) -> list[TestCase]:
        """Test files that use the parts of `plan` together."""
        found = await self._ask(Tester(plan), context, f"tester.{context.attempt}.integration")
        return [TestCase(edit, "integration") for edit in found]
