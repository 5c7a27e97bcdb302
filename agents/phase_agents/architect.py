"""Plans the change: ordered steps, target files, interfaces."""

from __future__ import annotations

from agents.answers import contract
from agents.templates import render
from core.gateway.model_calls import Message
from core.ids import Phase
from core.run.contracts import Plan
from core.run.ports import Brief, Parsed


class Architect:
    phase: Phase = "architect"

    def prompt(self, brief: Brief) -> tuple[Message, ...]:
        return render("architect.md.j2", brief=brief)

    def parse(self, answer: str) -> Parsed[Plan]:
        return contract(answer, Plan)
