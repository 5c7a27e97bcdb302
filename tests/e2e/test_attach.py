"""Steering a live run from another terminal: detach, follow, pause, cancel, approve, reject."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from core.run.commands import send
from core.storage.store import Store
from tests.support.live import FEW_MUTANTS, HeldServer, Live, row_of
from tests.support.nexus import environment, nexus
from tests.support.openai_script import Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import COMPETENT, GOOD, TRIVIAL, git, tree_of

ASK = ["--headless", TRIVIAL, "--json", "--ask"]


def test_a_detached_run_goes_on_by_itself_and_attach_follows_it_to_its_end(project: Path, nexus_home: Path) -> None:
    with HeldServer(COMPETENT, "tester") as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        started = nexus(["--headless", TRIVIAL, "--yes", "--detach"], project, env)
        run = started.out.strip()
        assert (started.code, row_of(nexus_home).id) == (0, run)
        with Live(["attach", run, "--json"], project, env) as viewer:
            viewer.until("model.called", phase="tester")
            engine = row_of(nexus_home).pid
            assert engine is not None
            assert os.getsid(engine) != os.getsid(0)
            server.go.set()
            done = viewer.finish()
    assert (done.code, done.last["kind"], done.last["verdict"]) == (0, "run.finished", "verified")
    assert [event["seq"] for event in done.events] == list(range(1, len(done.events) + 1))
    assert git(project, "status", "--porcelain") == ""


def test_a_paused_run_makes_no_call_until_it_is_resumed(project: Path, nexus_home: Path) -> None:
    with HeldServer(COMPETENT, "implementer") as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        with Live(["--headless", TRIVIAL, "--json", "--yes"], project, env) as live:
            server.wait_until_asked()
            assert nexus(["attach", "last", "--pause"], project, env).code == 0
            assert live.until("run.paused")["paused"] is True
            server.go.set()
            live.until("phase.started", phase="tester")
            assert row_of(nexus_home).status == "paused"
            assert nexus(["attach", "last", "--resume"], project, env).code == 0
            done = live.finish()
    goes_on = next(event["seq"] for event in done.of("run.paused") if not event["paused"])
    asked = next(event["seq"] for event in done.of("model.called") if event["phase"] == "tester")
    assert goes_on < asked
    assert (done.code, server.requests) == (0, 2)


def test_a_cancelled_run_can_be_resumed_and_an_old_command_does_not_reach_the_new_process(
    project: Path, nexus_home: Path
) -> None:
    with HeldServer(COMPETENT, "tester") as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        with Live(["--headless", TRIVIAL, "--json", "--yes"], project, env) as live:
            server.wait_until_asked()
            second = nexus(["--headless", "--last", "--json"], project, env)
            assert (second.code, second.last["kind"]) == (2, "run.finished")
            assert "driven by another process" in second.last["reason"]
            assert nexus(["attach", "last", "--cancel"], project, env).code == 0
            done = live.finish()
        assert (done.code, done.last["verdict"], row_of(nexus_home).status) == (130, "cancelled", "interrupted")
        with Store(nexus_home / "nexus.db") as store:
            send(store, done.last["run"], "cancel")
        server.go.set()
        resumed = nexus(["--headless", "--last", "--json"], project, env)
    assert (resumed.code, resumed.last["verdict"]) == (0, "verified"), resumed.err
    assert [event["seq"] for event in done.events + resumed.events] == list(range(1, resumed.last["seq"] + 1))


def test_an_approved_run_delivers_and_can_be_looked_at_rated_and_undone(project: Path, nexus_home: Path) -> None:
    before = tree_of(project)
    with OpenAIServer(Script.of(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        with Live(ASK, project, env) as live:
            asked = live.until("approval.requested")
            assert asked["files"] == ["shop/prices.py", "tests/test_discount.py"]
            assert tree_of(project) == before
            assert nexus(["rate", "last", "3", "while it runs"], project, env).code == 0
            assert nexus(["attach", "last", "--approve"], project, env).code == 0
            done = live.finish()
    assert (done.code, done.last["delivered_to"][:6]) == (0, "commit")
    assert nexus(["rate", "last", "5"], project, env).code == 0
    shown: dict[str, Any] = nexus(["show", "last", "--json"], project, env).last
    assert shown["rating"]["stars"] == 5
    assert shown["state"]["status"] == "finished"
    assert shown["run"]["cost_micros"] == done.last["cost_micros"] == shown["state"]["spent_micros"]
    assert nexus(["replay", "last", "--json"], project, env).events == done.events
    assert nexus(["undo", "last", "--json"], project, env).last["state"] == "UNDONE"
    assert tree_of(project) == before


def test_a_rejection_reaches_the_implementer_and_no_answer_is_asked_for_twice(project: Path, nexus_home: Path) -> None:
    better = GOOD.replace("rounded half up. Raises", "commercially rounded. Raises")
    whole = "Renamed.\n\n### shop/prices.py\n```python\n" + _applied(better) + "```\n"
    script = {"answers": {**COMPETENT["answers"], "implementer": [GOOD, whole]}}
    with HeldServer(script, "implementer", 1) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        with Live(ASK, project, env) as live:
            live.until("approval.requested")
            assert nexus(["attach", "last", "--reject", "call it commercial rounding"], project, env).code == 0
            server.wait_until_asked()
            live.signal(signal.SIGKILL)
            live.finish()
        assert "call it commercial rounding" in server.log[-1].body["messages"][-1]["content"]
        server.go.set()
        with Live(["--headless", "--last", "--json"], project, env) as live:
            assert live.until("approval.requested")["approval"] == "delivery.1"
            live.signal(signal.SIGKILL)
            live.finish()
        with Live(["--headless", "--last", "--json"], project, env) as live:
            assert live.until("approval.requested")["approval"] == "delivery.1"
            flags = ["--approve", "--file", "shop/prices.py"]
            assert nexus(["attach", "last", *flags], project, env).code == 0
            done = live.finish()
        assert server.asked("implementer") <= 3  # the one that was cut off may be asked for again, nothing else
    assert (done.code, done.last["files"]) == (0, ["shop/prices.py"])
    assert "commercially rounded" in (project / "shop/prices.py").read_text()
    assert not (project / "tests/test_discount.py").exists()


def _applied(answer: str) -> str:
    body = answer.split("=======\n")[1].split(">>>>>>> REPLACE")[0]
    return 'def total(prices: list[int]) -> int:\n    """Sum of prices in cents."""\n' + body


def test_files_that_do_not_work_without_the_others_are_not_delivered_alone(project: Path, nexus_home: Path) -> None:
    helper = "\n### shop/rounding.py\n```python\ndef half_up(cents: int) -> int:\n    return (cents + 50) // 100\n```\n"
    uses = GOOD.replace("(price * (100 - percent) + 50) // 100", "half_up(price * (100 - percent))").replace(
        "    return sum(prices)\n\n\ndef", "    return sum(prices)\n\n\nfrom shop.rounding import half_up\n\n\ndef"
    )
    script = {"answers": {**COMPETENT["answers"], "implementer": [uses + helper]}}
    with OpenAIServer(Script.of(script)) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        with Live(ASK, project, env) as live:
            live.until("approval.requested")
            flags = ["--approve", "--file", "shop/prices.py", "--file", "tests/test_discount.py"]
            assert nexus(["attach", "last", *flags], project, env).code == 0
            again = live.until("approval.requested")
            assert "Without shop/rounding.py" in again["question"]
            assert nexus(["attach", "last", "--approve"], project, env).code == 0
            done = live.finish()
    assert (done.code, done.last["verdict"]) == (0, "verified")
    # The failed trial of a part is not the last word on what was delivered whole.
    assert [one["verified"] for one in done.of("verdict.reached")] == [True, False, True]
    assert [one["outcome"] for one in done.of("phase.finished") if one["phase"] == "verify"][-1] == "done"
    assert (project / "shop/rounding.py").exists()


def test_when_nobody_answers_in_time_the_work_goes_to_a_branch(project: Path, nexus_home: Path) -> None:
    before = tree_of(project)
    with OpenAIServer(Script.of(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url, **FEW_MUTANTS)
        done = nexus([*ASK, "-c", "limits.escalate_deadline_s=0.1"], project, env)
    assert (done.code, done.last["delivered_to"]) == (0, f"branch nexus/{done.last['run']}")
    assert [(one["answer"], one["by"]) for one in done.of("approval.decided")] == [("branch", "deadline")]
    assert tree_of(project) == before
