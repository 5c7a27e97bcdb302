"""Models that answer nonsense: the run ends in one sentence, nothing is delivered, and one good answer mends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.bad_input import assert_one_sentence, ended, ended_badly
from tests.support.nexus import Finished, environment, nexus
from tests.support.openai_script import Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import ANALYSIS, COMPETENT, GOOD, REQUEST, TESTS, TRIVIAL, git, make_project, tree_of


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


def run(project: Path, home: Path, task: str = TRIVIAL, **answers: Any) -> tuple[Finished, OpenAIServer]:
    """A run whose model is competent but for `answers`."""
    with OpenAIServer(Script.of({"answers": {**COMPETENT["answers"], **answers}})) as server:
        env = environment(home, server.base_url, NEXUS_LIMITS__MUTANTS="0")
        return nexus(["--headless", task, "--json", "--yes"], project, env), server


TYPESCRIPT = (
    "Here is the function.\n\n### src/discount.ts\n```typescript\n"
    "export const discount = (price: number, percent: number): number => price;\n```\n"
)
CSHARP_TESTS = (
    "### tests/DiscountTests.cs\n```csharp\npublic class DiscountTests { [Fact] public void Works() { } }\n```\n"
)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("You should add a function that multiplies; shall I?", "The answer holds no edit block."),
        (
            {"text": GOOD[: GOOD.index(">>>>>>>")], "finish_reason": "length"},
            "(it was cut off at the length limit): shop/prices.py: A SEARCH/REPLACE pair was cut off",
        ),
    ],
    ids=["prose", "truncated"],
)
def test_an_answer_without_code_is_asked_for_once_more_as_blocks(
    project: Path, nexus_home: Path, answer: Any, sentence: str
) -> None:
    before = tree_of(project)
    done, server = run(project, nexus_home, implementer=[answer])
    last = ended_badly(done, 1, "The implementer answered twice in a form that cannot be used", sentence)
    assert last["verdict"] == "not_verified"
    assert server.requests == 2
    again = server.log[1].body["messages"][-1]["content"]
    assert "send all of them again" in again and "json" not in again.lower()
    assert tree_of(project) == before
    # The raw answers are where the remedy says.
    folder = Path(last["remedy"].rpartition(" ")[2].rstrip("."))
    assert len(list(folder.glob("implementer*"))) == 2


def test_one_good_answer_after_a_bad_one_is_enough(project: Path, nexus_home: Path) -> None:
    done, server = run(project, nexus_home, implementer=["Certainly!", GOOD])
    assert ended(done, 0)["verdict"] == "verified"
    assert server.requests == 3


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([ANALYSIS[:60], '{"summary" "x", complexity}'], "The analyst answered twice"),
        (["The request is about discounts, I believe."], "The answer holds no JSON value."),
    ],
    ids=["broken", "prose"],
)
def test_requirements_that_are_not_json_end_the_run(
    project: Path, nexus_home: Path, answers: list[str], sentence: str
) -> None:
    done, server = run(project, nexus_home, REQUEST, analyst=answers)
    ended_badly(done, 1, sentence)
    assert server.requests == 2


def test_an_answer_of_two_megabytes_is_cut_off_and_costs_no_more_than_was_reserved(
    project: Path, nexus_home: Path
) -> None:
    before = tree_of(project)
    done, _ = run(project, nexus_home, implementer=["All work and no play. " * 100_000])
    last = ended_badly(done, 4, "went on writing far beyond the length it was allowed")
    [called] = done.of("model.called")
    assert 0 < last["cost_micros"] <= called["reserved_micros"]
    assert tree_of(project) == before
    kept = [*nexus_home.glob("nexus.db*"), *(nexus_home / "runs").rglob("*")]
    assert sum(path.stat().st_size for path in kept if path.is_file()) < 4_000_000


@pytest.mark.parametrize("tester", [TESTS, CSHARP_TESTS], ids=["python-tests", "csharp-tests"])
def test_code_in_another_language_than_the_project_is_not_verified(
    project: Path, nexus_home: Path, tester: str
) -> None:
    before = tree_of(project)
    done, _ = run(project, nexus_home, implementer=[TYPESCRIPT], tester=[tester])
    assert done.code in (1, 7)
    ended_badly(done, done.code)
    assert not any(event["verified"] for event in done.of("verdict.reached"))
    assert tree_of(project) == before


def test_an_edit_to_a_file_that_does_not_exist_is_refused_by_name(project: Path, nexus_home: Path) -> None:
    before = tree_of(project)
    done, server = run(project, nexus_home, implementer=[GOOD.replace("shop/prices.py", "shop/pricing.py")])
    assert done.code in (1, 7)
    last = ended_badly(done, done.code)
    assert "discount" in last["reason"], "it says what is missing, not only that there was no progress"
    assert done.of("edits.applied")[0]["refused"] == ["shop/pricing.py: The file does not exist."]
    feedback = server.log[1].body["messages"][-1]["content"]
    assert "shop/pricing.py" in feedback and "does not exist" in feedback
    assert tree_of(project) == before


def test_terminal_escapes_of_a_model_reach_no_terminal_no_file_name_and_no_commit(
    project: Path, nexus_home: Path
) -> None:
    evil = (
        "\x1b]0;owned\x07\x1b[31mAdded\u202e it.\x9b2J\n\n### shop/\x1b[2Jextra.py\n```python\nEXTRA = 1\n```\n"
        + GOOD.partition("\n")[2]
    )
    with OpenAIServer(Script.of({"answers": {**COMPETENT["answers"], "implementer": [evil]}})) as server:
        env = environment(nexus_home, server.base_url, NEXUS_LIMITS__MUTANTS="0")
        done = nexus(["--headless", f"{TRIVIAL}\x1b[2J", "--yes"], project, env)
    assert done.code == 0, done.err
    told = [done.out, done.err, git(project, "log", "-1", "--format=%B"), *tree_of(project)]
    told += [path.read_text() for path in nexus_home.rglob("report.*")]
    assert not any(mark in text for text in told for mark in ("\x1b", "\x07", "\x9b", "\u202e"))
    assert_one_sentence(done.out.splitlines()[0])
