"""Writes tests from the requirements, without seeing the implementation's insides."""

from __future__ import annotations

from dataclasses import dataclass

from agents.answers import edits, no_edits
from agents.templates import render
from core.checks.test_files import is_test_path
from core.edits import EDIT_FORMAT_HELP, Edit, touched_paths
from core.gateway.model_calls import Message
from core.ids import Phase
from core.run.contracts import Plan
from core.run.ports import Brief, Parsed

_NAMES = "tests/…, test_*.py, *.test.ts, *.test.tsx, *Tests.cs"


@dataclass(frozen=True, slots=True)
class Tester:
    """Unit tests from the acceptance examples; with a plan, integration tests of its parts together."""

    __test__ = False
    plan: Plan | None = None
    phase: Phase = "tester"

    def prompt(self, brief: Brief) -> tuple[Message, ...]:
        if self.plan is None:
            return render("tester_unit.md.j2", brief=brief, edit_format=EDIT_FORMAT_HELP)
        return render("tester_integration.md.j2", brief=brief, plan=self.plan, edit_format=EDIT_FORMAT_HELP)

    def parse(self, answer: str) -> Parsed[tuple[Edit, ...]]:
        """Edits to test files only; anything else is refused."""
        found, problems = edits(answer)
        strays = [path for edit in found for path in touched_paths(edit) if not is_test_path(path)]
        wrong = []
        if strays:
            listed = ", ".join(strays)
            wrong.append(f"Only test files ({_NAMES}) may be written by the tester, not {listed}.")
        if not found:
            wrong.append("The answer holds no test file.")
        return no_edits(problems, *wrong) if problems or wrong else Parsed(found)
