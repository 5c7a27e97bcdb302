"""The team of a run."""

from __future__ import annotations

from agents.phase_agents.analyst import Analyst
from agents.phase_agents.architect import Architect
from agents.phase_agents.implementer import Implementer
from agents.phase_agents.integrator import Integrator
from agents.phase_agents.reviewer import Reviewer
from agents.specialist_agents.test_generator import TestGeneratorAgent
from core.run.ports import Roster


def default_roster() -> Roster:
    return Roster(
        analyst=Analyst(),
        architect=Architect(),
        implementer=Implementer(),
        reviewer=Reviewer(),
        integrator=Integrator(),
        test_generator=TestGeneratorAgent,
    )
