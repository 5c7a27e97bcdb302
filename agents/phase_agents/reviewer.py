"""Reviews a verified change by checklist; only evidence can block."""

from __future__ import annotations

from agents.answers import contract
from agents.templates import render
from core.gateway.model_calls import Message
from core.ids import Phase
from core.run.contracts import ReviewReport
from core.run.ports import Brief, Parsed


class Reviewer:
    phase: Phase = "reviewer"

    def prompt(self, brief: Brief) -> tuple[Message, ...]:
        return render("reviewer.md.j2", brief=brief)

    def parse(self, answer: str) -> Parsed[ReviewReport]:
        return contract(answer, ReviewReport)
