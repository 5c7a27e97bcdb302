"""Prompts say what each phase may know, and answers are taken or refused with a reason."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from agents.phase_agents.tester import Tester
from agents.roster import default_roster
from agents.specialist_agents.test_generator import TestGeneratorAgent
from agents.templates import render
from core.edits import parse_edits
from core.run.contracts import AcceptanceExample, Plan, PlanStep, Requirements
from core.run.ports import Agent, Brief
from tests.support.project import ANALYSIS, GOOD, MESSAGE, REVIEW, TESTS

ROSTER = default_roster()
REQUIREMENTS = Requirements(
    summary="Offer discounts.",
    requirements=("Round half up.",),
    acceptance=(AcceptanceExample(given="discount(5, 10)", expect="5"),),
    complexity="complex",
)
PLAN = Plan(steps=(PlanStep(title="Compute", files=("shop/prices.py",), interfaces=("def discount() -> int",)),))
BRIEF = Brief(
    request="REQUEST-TEXT",
    repository="REPOSITORY-MAP",
    conventions="HOW-TESTS-ARE-RUN",
    guidance="AGENTS-MD",
    files="RELEVANT-FILES",
    requirements=REQUIREMENTS,
    plan=PLAN,
    interfaces="PUBLIC-SIGNATURES",
    changed="CHANGED-FILES",
    feedback="EVIDENCE",
    diff="THE-DIFF",
    verdict="THE-VERDICT",
    attempt=1,
    rules=("RULE-ONE",),
)
EVERYBODY: list[Agent[Any]] = [
    ROSTER.analyst, ROSTER.architect, ROSTER.implementer, Tester(), Tester(PLAN), ROSTER.reviewer, ROSTER.integrator,
]  # fmt: skip


def _text(agent: Agent[Any], brief: Brief = BRIEF) -> str:
    return agent.prompt(brief)[-1].content


@pytest.mark.parametrize("agent", EVERYBODY, ids=lambda agent: type(agent).__name__)
def test_every_prompt_begins_with_what_never_changes(agent: Agent[Any]) -> None:
    first, second = agent.prompt(BRIEF), agent.prompt(replace(BRIEF, feedback="OTHER", diff="OTHER", changed="OTHER"))
    assert first[0] == second[0]
    assert first[0].role == "system"
    text = first[1].content
    order = ("REPOSITORY-MAP", "HOW-TESTS-ARE-RUN", "AGENTS-MD", "RELEVANT-FILES", "RULE-ONE", "REQUEST-TEXT")
    assert sorted(order, key=text.index) == list(order)


def test_a_variable_that_is_missing_is_an_error_and_not_a_blank() -> None:
    with pytest.raises(UndefinedError):
        render("analyst.md.j2")


def test_the_tester_never_sees_the_implementation() -> None:
    text = _text(Tester())
    assert "PUBLIC-SIGNATURES" in text
    for hidden in ("THE-DIFF", "CHANGED-FILES"):
        assert hidden not in text


def test_the_implementer_gets_evidence_only_when_there_is_some() -> None:
    assert "EVIDENCE" in _text(ROSTER.implementer)
    fresh = _text(ROSTER.implementer, replace(BRIEF, feedback="", changed=""))
    assert "attempt" not in fresh.split("# Your part")[0]


def test_the_reviewer_and_the_integrator_see_diff_and_verdict() -> None:
    for agent in (ROSTER.reviewer, ROSTER.integrator):
        assert "THE-DIFF" in _text(agent)
        assert "THE-VERDICT" in _text(agent)


def test_good_answers_become_their_contracts() -> None:
    analysis = ROSTER.analyst.parse(f"Here you are:\n```json\n{ANALYSIS}\n```")
    assert analysis.value is not None
    assert analysis.value.complexity == "simple"
    change = ROSTER.implementer.parse(GOOD)
    assert change.value is not None
    assert [edit.path for edit in change.value.edits] == ["shop/prices.py"]
    assert change.value.summary == "Added discount()."
    assert ROSTER.reviewer.parse(REVIEW).value is not None
    documented = ROSTER.integrator.parse(MESSAGE)
    assert documented.value is not None
    assert documented.value.integration.subject == "Add discounts"


@pytest.mark.parametrize(
    ("agent", "answer"),
    [
        (ROSTER.analyst, "I would need to think about it."),
        (ROSTER.analyst, '{"summary": "x", "requirements": [], "acceptance": [], "complexity": "huge"}'),
        (ROSTER.architect, '{"steps": []}'),
        (ROSTER.implementer, "Just change the rounding, that is all."),
        (ROSTER.reviewer, '{"findings": [{"severity": "terrible"}]}'),
        (ROSTER.integrator, '{"body": "no subject"}'),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_reasons(agent: Agent[Any], answer: str) -> None:
    parsed = agent.parse(answer)
    assert parsed.value is None
    assert all(parsed.problems)
    assert parsed.problems


def test_the_tester_may_write_tests_only() -> None:
    assert Tester().parse(TESTS).value is not None
    stray = Tester().parse(TESTS + "\n### shop/prices.py\n```python\nx = 1\n```\n")
    assert stray.value is None
    assert any("shop/prices.py" in problem for problem in stray.problems)
    moved = Tester().parse("Moved.\n\n### shop/prices.py RENAME tests/test_prices_moved.py\n")
    assert moved.value is None


def test_the_generator_asks_once_per_kind_and_says_what_it_made() -> None:
    asked: list[tuple[str, str]] = []

    async def ask(agent: Agent[Any], brief: Brief, step: str) -> Any:
        asked.append((step, agent.prompt(brief)[-1].content))
        return parse_edits(TESTS).edits

    generator = TestGeneratorAgent(ask)
    unit = asyncio.run(generator.generate_unit_tests("def discount(price, percent)", BRIEF))
    integration = asyncio.run(generator.generate_integration_tests(PLAN, BRIEF))
    assert [case.kind for case in (*unit, *integration)] == ["unit", "integration"]
    assert [step for step, _ in asked] == ["tester.1", "tester.1.integration"]
    assert "def discount(price, percent)" in asked[0][1]


def test_no_prompt_file_is_left_unused() -> None:
    folder = Path(__file__).parents[2] / "agents" / "prompts"
    sources = "".join(path.read_text() for path in folder.parent.rglob("*.py")) + "".join(
        path.read_text() for path in folder.glob("*.j2")
    )
    assert [path.name for path in folder.glob("*.j2") if path.name not in sources] == []
