"""Describes the change where it lands: commit message, summary, documents."""

from __future__ import annotations

from agents.answers import contract, edits
from agents.templates import render
from core.edits import EDIT_FORMAT_HELP
from core.gateway.model_calls import Message
from core.ids import Phase
from core.run.contracts import Integration
from core.run.ports import Brief, Documented, Parsed


class Integrator:
    phase: Phase = "integrator"

    def prompt(self, brief: Brief) -> tuple[Message, ...]:
        return render("integrator.md.j2", brief=brief, edit_format=EDIT_FORMAT_HELP)

    def parse(self, answer: str) -> Parsed[Documented]:
        """The message is what counts: a document edit that cannot be read is left out."""
        parsed = contract(answer, Integration)
        if parsed.value is None:
            return Parsed(None, parsed.problems, again=parsed.again)
        found, _ = edits(answer)
        return Parsed(Documented(parsed.value, found))
