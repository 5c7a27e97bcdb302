"""Agents see what they need of a repository, and no more."""

from __future__ import annotations

from pathlib import Path

from tests.support.nexus import environment, nexus
from tests.support.openai_script import Answer, Call
from tests.support.openai_server import OpenAIServer
from tests.support.project import GOOD, TESTS, TRIVIAL, make_project

WISH = "```context\nfile: shop/hidden_rules.py\nfile: .env\nsearch: ROUNDING\n```\n"


def test_an_agent_that_asks_is_served_and_secrets_are_refused(tmp_path: Path, nexus_home: Path) -> None:
    project = make_project(tmp_path / "shop")
    (project / "shop" / "hidden_rules.py").write_text("ROUNDING = 'half up'\n")
    (project / ".env").write_text("API_TOKEN=do-not-show-this\n")
    (project / "AGENTS.md").write_text("Prices are integers in cents.\n")

    def answer(call: Call) -> str | Answer:
        if call.step == "implementer.0/0":
            return WISH
        return GOOD if call.phase == "implementer" else TESTS

    with OpenAIServer(answer) as server:
        done = nexus(["--headless", TRIVIAL, "--json", "--yes"], project, environment(nexus_home, server.base_url))
        prompts = [str(entry.body["messages"]) for entry in server.log]
    assert done.code == 0, done.err
    served = done.of("context.served")[0]
    assert any("hidden_rules" in item for item in served["served"])
    assert any(".env" in item for item in served["refused"])
    assert "half up" in prompts[1]
    assert all("do-not-show-this" not in prompt for prompt in prompts)
    assert "Prices are integers in cents." in prompts[0]


def test_an_agent_that_only_asks_is_told_to_answer(tmp_path: Path, nexus_home: Path) -> None:
    project = make_project(tmp_path / "shop")
    with OpenAIServer(lambda call: WISH) as server:
        done = nexus(["--headless", TRIVIAL, "--json", "--yes"], project, environment(nexus_home, server.base_url))
    assert done.code == 1, done.err
    assert len(done.of("context.served")) == 3
    assert "form that cannot be used" in done.last["reason"]
