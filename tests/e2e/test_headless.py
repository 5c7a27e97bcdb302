"""`nexus --headless` as a user runs it: a real repository, a real HTTP provider, a real sandbox."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.nexus import environment, nexus
from tests.support.openai_script import Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import COMPETENT, LEARNER, REQUEST, TRIVIAL, git, make_project, tree_of


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


def _script(data: dict[str, Any]) -> Script:
    return Script.of(data)


def _own_tests_pass(project: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=project, capture_output=True, check=False).returncode == 0


def test_a_request_becomes_a_verified_commit(project: Path, nexus_home: Path) -> None:
    with OpenAIServer(_script(LEARNER)) as server:
        done = nexus(["--headless", REQUEST, "--json", "--yes"], project, environment(nexus_home, server.base_url))
    assert done.code == 0, done.err
    last = done.last
    assert (last["kind"], last["verdict"], last["retries"], last["first_try"]) == ("run.finished", "verified", 1, False)
    assert last["cost_micros"] > 0
    assert last["prompt_tokens"] > 0
    assert [event["verified"] for event in done.of("verdict.reached")] == [False, True]
    assert last["files"] == ["shop/prices.py", "tests/test_discount.py"]
    assert git(project, "log", "--format=%s", "-1").strip() == "Add discounts"
    assert git(project, "status", "--porcelain") == ""
    assert _own_tests_pass(project)


def test_the_sequence_numbers_have_no_gap_and_nothing_else_is_on_stdout(project: Path, nexus_home: Path) -> None:
    with OpenAIServer(_script(COMPETENT)) as server:
        done = nexus(["--headless", REQUEST, "--json", "--yes"], project, environment(nexus_home, server.base_url))
    assert [event["seq"] for event in done.events] == list(range(1, len(done.events) + 1))
    assert {event["run"] for event in done.events} == {done.last["run"]}


def test_a_trivial_request_costs_two_model_calls(project: Path, nexus_home: Path) -> None:
    with OpenAIServer(_script(COMPETENT)) as server:
        done = nexus(["--headless", TRIVIAL, "--json", "--yes"], project, environment(nexus_home, server.base_url))
    assert done.code == 0, done.err
    assert done.last["model_calls"] == server.requests == 2
    assert done.last["first_try"] is True


def test_without_yes_the_work_is_left_on_a_branch(project: Path, nexus_home: Path) -> None:
    before = tree_of(project)
    with OpenAIServer(_script(COMPETENT)) as server:
        done = nexus(["--headless", TRIVIAL, "--json"], project, environment(nexus_home, server.base_url))
    assert done.code == 0, done.err
    branch = f"nexus/{done.last['run']}"
    assert done.last["delivered_to"] == f"branch {branch}"
    assert tree_of(project) == before
    assert "discount" in git(project, "show", f"{branch}:shop/prices.py")


def test_a_request_for_tests_is_judged_on_code_that_does_nothing(project: Path, nexus_home: Path) -> None:
    code = "from shop.prices import total\n\n\ndef test_sum():\n    assert total([1, 2]) == 3\n"
    good = f"Tests.\n\n### tests/test_total.py\n```python\n{code}```\n"
    empty = good.replace("assert total([1, 2]) == 3", "total([1, 2])")
    with OpenAIServer(_script({"answers": {"tester": [empty, good]}})) as server:
        env = environment(nexus_home, server.base_url)
        done = nexus(["--headless", "Add tests for total().", "--json", "--yes"], project, env)
    assert done.code == 0, done.err
    assert [event["verified"] for event in done.of("verdict.reached")] == [False, True]
    assert done.last["files"] == ["tests/test_total.py"]


def test_undo_gives_the_tree_back(project: Path, nexus_home: Path) -> None:
    before = tree_of(project)
    with OpenAIServer(_script(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url)
        assert nexus(["--headless", TRIVIAL, "--yes"], project, env).code == 0
    assert tree_of(project) != before
    undone = nexus(["undo", "last"], project, env)
    assert undone.code == 0, undone.err
    assert tree_of(project) == before


def test_a_model_that_never_gets_it_right_is_not_verified(project: Path, nexus_home: Path) -> None:
    before = tree_of(project)
    wrong = [COMPETENT["answers"]["implementer"][0].replace("+ 50", f"+ {number}") for number in (0, 7, 13, 21, 22, 23)]
    whole = [_as_whole_file(answer) for answer in wrong]
    with OpenAIServer(_script({"answers": {**COMPETENT["answers"], "implementer": whole}})) as server:
        done = nexus(["--headless", TRIVIAL, "--json", "--yes"], project, environment(nexus_home, server.base_url))
    assert done.code in (1, 7), done.err
    assert done.last["verdict"] in ("not_verified", "stopped")
    assert done.last["retries"] <= 3
    assert done.last["reason"]
    assert tree_of(project) == before
    assert git(project, "branch", "--list", "nexus/*") == ""


def _as_whole_file(answer: str) -> str:
    body = answer.split("=======\n")[1].split(">>>>>>> REPLACE")[0]
    head = 'def total(prices: list[int]) -> int:\n    """Sum of prices in cents."""\n'
    return f"Another try.\n\n### shop/prices.py\n```python\n{head}{body}```\n"


def test_a_call_that_could_break_the_budget_is_never_made(project: Path, nexus_home: Path) -> None:
    with OpenAIServer(_script(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url)
        done = nexus(["--headless", TRIVIAL, "--json", "--yes", "--budget", "0.001"], project, env)
        assert server.requests == 0
    assert done.code == 6
    assert done.last["exit_code"] == 6
    assert done.last["cost_micros"] == 0


@pytest.mark.parametrize(
    "forgery",
    [
        "class Yes:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
        "    __hash__ = None\n\n\ndef discount(price, percent):\n    return Yes()\n",
        "import os\n\n\ndef discount(price, percent):\n    os._exit(0)\n",
        "import sys\n\nsys.exit(0)\n",
        "import builtins, unittest\n\nimport _pytest.python as p\np.Function.runtest = lambda self: None\n\n\n"
        "def discount(price, percent):\n    return 0\n",
    ],
    ids=["always-equal", "os._exit", "sys.exit-at-import", "patched-pytest"],
)
def test_forged_code_is_never_delivered(project: Path, nexus_home: Path, forgery: str) -> None:
    head = 'def total(prices: list[int]) -> int:\n    """Sum of prices in cents."""\n    return sum(prices)\n\n\n'
    answer = f"Done.\n\n### shop/prices.py\n```python\n{head}{forgery}```\n"
    conftest = (
        "\n### conftest.py\n```python\ndef pytest_runtest_makereport(item, call):\n    call.excinfo = None\n```\n"
    )
    script = {"answers": {**COMPETENT["answers"], "implementer": [answer + conftest]}}
    before = tree_of(project)
    with OpenAIServer(_script(script)) as server:
        done = nexus(["--headless", TRIVIAL, "--json", "--yes"], project, environment(nexus_home, server.base_url))
    assert done.code in (1, 7), done.err
    assert not any(event["verified"] for event in done.of("verdict.reached"))
    assert tree_of(project) == before


def test_a_made_up_import_is_caught_before_anything_runs(project: Path, nexus_home: Path) -> None:
    invented = COMPETENT["answers"]["implementer"][0].replace(
        "    return sum(prices)\n\n\ndef", "    return sum(prices)\n\n\nfrom fastdiscounts import halfup\n\n\ndef"
    )
    script = {
        "answers": {
            **COMPETENT["answers"],
            "implementer": [
                invented,
                _as_whole_file(LEARNER["answers"]["implementer"][0].replace(") // 100", " + 50) // 100")),
            ],
        }
    }
    with OpenAIServer(_script(script)) as server:
        done = nexus(["--headless", TRIVIAL, "--json", "--yes"], project, environment(nexus_home, server.base_url))
        feedback = server.log[2].body["messages"][-1]["content"]
    assert done.code == 0, done.err
    first = done.of("verdict.reached")[0]
    assert not first["verified"]
    assert "fastdiscounts" in feedback
    attempts_run = [event["attempt"] for event in done.of("sandbox.started") if event["purpose"] == "verify"]
    assert 0 not in attempts_run


def test_the_work_of_an_empty_folder_without_git_is_delivered_as_files(tmp_path: Path, nexus_home: Path) -> None:
    folder = tmp_path / "plain"
    make_project(folder, with_git=False)
    with OpenAIServer(_script(COMPETENT)) as server:
        done = nexus(["--headless", TRIVIAL, "--json", "--yes"], folder, environment(nexus_home, server.base_url))
    assert done.code == 0, done.err
    assert done.last["delivered_to"] == "tree"
    assert "discount" in (folder / "shop/prices.py").read_text()


def test_secrets_of_the_environment_are_neither_sent_nor_stored(project: Path, nexus_home: Path) -> None:
    secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
    with OpenAIServer(_script(COMPETENT)) as server:
        env = environment(nexus_home, server.base_url, MY_SERVICE_TOKEN=secret)
        done = nexus(["--headless", f"{TRIVIAL} My token is {secret}.", "--yes"], project, env)
        sent = "".join(str(entry.body) for entry in server.log)
    assert done.code == 0, done.err
    assert secret not in sent
    stored = b"".join(path.read_bytes() for path in nexus_home.rglob("*") if path.is_file())
    assert secret.encode() not in stored


def test_a_run_says_which_packages_its_boxes_have(project: Path, nexus_home: Path) -> None:
    (project / "requirements.txt").write_text("nobody-has-built-this\n")
    git(project, "add", ".")
    git(project, "commit", "-qm", "Depend on something")
    with OpenAIServer(_script(COMPETENT)) as server:
        done = nexus(["--headless", TRIVIAL, "--json", "--yes"], project, environment(nexus_home, server.base_url))
    assert done.code == 0, done.err
    (notice,) = (event for event in done.of("notice") if "requirements.txt" in event["text"])
    assert notice["level"] == "warning"
    assert f"Run: nexus sandbox build --project {project}" in notice["text"]
