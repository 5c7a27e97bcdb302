"""Writes the code, and mends it from evidence."""

from __future__ import annotations

from agents.answers import edits, first_line, no_edits
from agents.templates import render
from core.edits import EDIT_FORMAT_HELP
from core.gateway.model_calls import Message
from core.ids import Phase
from core.run.ports import Brief, Change, Parsed


class Implementer:
    phase: Phase = "implementer"

    def prompt(self, brief: Brief) -> tuple[Message, ...]:
        return render("implementer.md.j2", brief=brief, edit_format=EDIT_FORMAT_HELP)

    def parse(self, answer: str) -> Parsed[Change]:
        """At least one readable edit; blocks that are not readable go back with the next attempt's feedback."""
        found, problems = edits(answer)
        if not found:
            return no_edits(problems) if problems else no_edits((), "The answer holds no edit block.")
        return Parsed(Change(found, problems, first_line(answer)))
