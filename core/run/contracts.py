"""What each agent must answer: the contracts between phases. Code and tests travel as Markdown edit blocks instead."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.ids import Complexity

Text = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(max_length=500)]


class Contract(BaseModel):
    """Unknown keys are dropped, not refused: a model that adds a remark has still answered."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class AcceptanceExample(Contract):
    """One observable fact that proves the request is met."""

    given: Text
    expect: Text


class Requirements(Contract):
    """The analyst's answer."""

    summary: Text
    requirements: tuple[Text, ...] = Field(min_length=1, max_length=30)
    acceptance: tuple[AcceptanceExample, ...] = Field(min_length=1, max_length=30)
    complexity: Complexity
    languages: tuple[Line, ...] = Field(default=(), max_length=5)
    questions: tuple[Text, ...] = Field(default=(), max_length=10)


class PlanStep(Contract):
    title: Line
    files: tuple[Line, ...] = Field(min_length=1, max_length=40)
    specialist: Line = "implementer"
    interfaces: tuple[Text, ...] = Field(default=(), max_length=30)


class Plan(Contract):
    """The architect's answer: ordered steps, each with the files it touches and the interfaces it offers."""

    steps: tuple[PlanStep, ...] = Field(min_length=1, max_length=20)
    risks: tuple[Text, ...] = Field(default=(), max_length=20)


class ReviewFinding(Contract):
    """One remark. It blocks only with `evidence`: a failing test id, or a rule a checker reported."""

    severity: Literal["critical", "major", "minor", "info"]
    category: Literal["correctness", "security", "performance", "maintainability", "style"]
    path: Line
    line: int = 0
    message: Text
    suggestion: Text = ""
    evidence: Line = ""


class ReviewReport(Contract):
    """The reviewer's answer."""

    summary: Text
    findings: tuple[ReviewFinding, ...] = Field(default=(), max_length=50)


class Integration(Contract):
    """The integrator's answer: how the change is described where it lands."""

    subject: Annotated[str, Field(min_length=3, max_length=100)]
    body: Text = ""
    summary: Text = ""
