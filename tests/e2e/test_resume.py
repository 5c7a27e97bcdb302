"""Going on after money, time or the provider ran out, with other settings than before."""

from __future__ import annotations

from pathlib import Path

from tests.support.live import FEW_MUTANTS, HeldServer, row_of
from tests.support.nexus import environment, nexus
from tests.support.openai_script import FaultPlan, Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import COMPETENT, TRIVIAL, tree_of


def test_a_run_that_ran_out_of_money_goes_on_with_more(project: Path, nexus_home: Path) -> None:
    with OpenAIServer(Script.of(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        broke = nexus(["--headless", TRIVIAL, "--json", "--yes", "--budget", "0.001"], project, env)
        assert (broke.code, broke.last["verdict"], row_of(nexus_home).status) == (6, "stopped", "interrupted")
        again = nexus(["--headless", "--last", "--json"], project, env | {"NEXUS_BUDGET": "1"})
        assert again.code == 6, "only what is said on the command line changes a run"
        richer = nexus(["--headless", "--last", "--json", "--budget", "0.4"], project, env)
    assert (richer.code, richer.last["verdict"]) == (0, "verified"), richer.err
    assert "budgets.run_usd is now 0.4" in richer.of("run.resumed")[0]["reason"]
    assert row_of(nexus_home).settings["budgets"]["run_usd"] == 0.4
    done = nexus(["--headless", "--last", "--json"], project, env)
    assert (done.code, done.last["kind"]) == (2, "run.finished")
    assert "nothing to resume" in done.last["reason"]


def test_a_run_that_its_provider_refused_goes_on_with_another_model(project: Path, nexus_home: Path) -> None:
    with OpenAIServer(Script.of(COMPETENT), faults=FaultPlan("401")) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        refused = nexus(["--headless", TRIVIAL, "--json"], project, env)
        assert (refused.code, row_of(nexus_home).status) == (4, "interrupted")
        done = nexus(["--headless", "--last", "--json", "--yes", "-m", "openai/other-model"], project, env)
        assert [entry.model for entry in server.log] == ["test-model", "other-model", "other-model"]
    assert (done.code, done.last["delivered_to"][:6]) == (0, "commit"), done.err


def test_the_time_limit_cuts_a_call_that_hangs(project: Path, nexus_home: Path) -> None:
    before = tree_of(project)
    with HeldServer(COMPETENT, "implementer") as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        done = nexus(["--headless", TRIVIAL, "--json", "--yes", "--time-limit", "6"], project, env)
        assert (done.code, done.last["verdict"]) == (7, "stopped")
        assert "wall_clock" in done.last["reason"] and "the limit is 6 s" in done.last["reason"]
        assert [one["action"] for one in done.of("guardrail.decided") if one["rule"] == "wall_clock"] == ["ABORT"]
        assert tree_of(project) == before
        server.go.set()
        resumed = nexus(["--headless", "--last", "--json", "--time-limit", "600"], project, env)
    assert (resumed.code, resumed.last["verdict"]) == (0, "verified"), resumed.err
