"""Turns a request into requirements with acceptance examples."""

from __future__ import annotations

from agents.answers import contract
from agents.templates import render
from core.gateway.model_calls import Message
from core.ids import Phase
from core.run.contracts import Requirements
from core.run.ports import Brief, Parsed


class Analyst:
    phase: Phase = "analyst"

    def prompt(self, brief: Brief) -> tuple[Message, ...]:
        return render("analyst.md.j2", brief=brief)

    def parse(self, answer: str) -> Parsed[Requirements]:
        return contract(answer, Requirements)
