"""A run that stands still asks a person when it may, and stops by itself when nobody comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.nexus import environment, nexus
from tests.support.openai_script import Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import COMPETENT, GOOD, TRIVIAL, make_project, tree_of

WHOLE = (
    "The same.\n\n### shop/prices.py\n```python\ndef total(prices: list[int]) -> int:\n    return sum(prices)\n\n\n"
    "def discount(price: int, percent: int) -> int:\n    return 0\n```\n"
)


@pytest.mark.parametrize(
    "way", [["--yes"], ["--ask", "-c", "limits.escalate_deadline_s=1"]], ids=["headless", "deadline"]
)
def test_no_progress_ends_the_run_when_nobody_decides(tmp_path: Path, nexus_home: Path, way: list[str]) -> None:
    project = make_project(tmp_path / "shop")
    before = tree_of(project)
    stubborn = {"answers": {**COMPETENT["answers"], "implementer": [WHOLE]}}
    with OpenAIServer(Script.of(stubborn)) as server:
        env = environment(nexus_home, server.base_url)
        done = nexus(["--headless", TRIVIAL, "--json", *way], project, env)
    assert done.code == 7, done.err
    assert "no_progress" in done.last["reason"] or "same" in done.last["reason"]
    assert [event["action"] for event in done.of("guardrail.decided")].count("ESCALATE") >= 1
    assert tree_of(project) == before
    asked = done.of("approval.requested")
    assert bool(asked) == ("--ask" in way)
    if asked:
        assert done.of("approval.decided")[0]["by"] == "deadline"


def test_the_escalation_reaches_a_stronger_model_first(tmp_path: Path, nexus_home: Path) -> None:
    project = make_project(tmp_path / "shop")
    with OpenAIServer(Script.of({"answers": {**COMPETENT["answers"], "implementer": [WHOLE, WHOLE, GOOD]}})) as server:
        done = nexus(["--headless", TRIVIAL, "--json", "--branch"], project, environment(nexus_home, server.base_url))
    notices = [event["text"] for event in done.of("notice")]
    assert any("stronger model" in text for text in notices), done.err
