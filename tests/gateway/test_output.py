"""From a model's text to a validated value, or to a list of problems."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, JsonValue, RootModel

from core.output_validator import LONGEST, Parsed, Rejected, parse_model, reask_message
from core.text.json_repair import NotJson, read_generously


class Step(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    files: tuple[str, ...] = ()
    risky: bool = False


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")
    steps: list[Step]
    note: str | None = None


class Anything(RootModel[dict[str, JsonValue]]):
    pass


GOOD = '{"steps": [{"title": "one", "files": ["a.py"], "risky": true}], "note": null}'
WANTED = Plan(steps=[Step(title="one", files=("a.py",), risky=True)])

ALMOST = {
    "fenced": f"Here it is:\n```json\n{GOOD}\n```\nGood luck!",
    "fence without end": f"```json\n{GOOD}",
    "bare fence": f"```\n{GOOD}\n```",
    "in prose": f"The plan {{as asked}} is {GOOD} - fine?",
    "byte order mark": f"\ufeff{GOOD}",
    "second fence": f'```json\n{{"other": 1}}\n```\n\n```json\n{GOOD}\n```',
    "trailing commas": '{"steps": [{"title": "one", "files": ["a.py",], "risky": true,},],}',
    "single quotes": "{'steps': [{'title': 'one', 'files': ['a.py'], 'risky': true}]}",
    "Python literals": "{'steps': [{'title': 'one', 'files': ['a.py'], 'risky': True}], 'note': None}",
    "comments": '{"steps": [ // the steps\n{"title": "one", "files": ["a.py"], /* hm */ "risky": true}] # end\n}',
    "unquoted keys": '{steps: [{title: "one", files: ["a.py"], risky: true}]}',
    "missing commas": '{"steps": [{"title": "one" "files": ["a.py"] "risky": true}]}',
    "truncated": '{"steps": [{"title": "one", "files": ["a.py"], "risky": true',
    "truncated key": '{"steps": [{"title": "one", "files": ["a.py"], "risky": true}], "no',
}


@pytest.mark.parametrize("text", ALMOST.values(), ids=ALMOST.keys())
def test_what_models_almost_get_right_is_repaired(text: str) -> None:
    answer = parse_model(text, Plan)
    assert isinstance(answer, Parsed) and answer.value == WANTED


def test_clean_json_needs_no_repair_and_a_repair_is_told() -> None:
    clean, mended = parse_model(GOOD, Plan), parse_model(ALMOST["trailing commas"], Plan)
    assert isinstance(clean, Parsed) and clean.repairs == ()
    assert isinstance(mended, Parsed) and mended.repairs == ("comma",)


def test_problems_are_paths_into_the_value() -> None:
    answer = parse_model('{"steps": [{"titel": "one"}], "note": 3}', Plan)
    assert isinstance(answer, Rejected)
    assert [problem.partition(":")[0] for problem in answer.problems] == ["steps.0.title", "steps.0.titel", "note"]
    message = reask_message(answer.problems)
    assert "- steps.0.title: Field required" in message and "```json" in message


@pytest.mark.parametrize("text", ["", "I would rather not.", "{", "[", "{{{{", "}", '"', "```json\n```", "\x00"])
def test_an_answer_without_a_usable_value_is_rejected_with_a_reason(text: str) -> None:
    answer = parse_model(text, Plan)
    assert isinstance(answer, Rejected) and answer.problems


@pytest.mark.parametrize(
    "text",
    ["[" * LONGEST, "{" * LONGEST, '{"a":' * 400_000, "[1," * 600_000, '"' * LONGEST, "[" * 30 + "1," * 1_000_000 + "x",
     "```json\n" * 250_000, "/*" * LONGEST, '{"a": "' + "\\" * LONGEST],
    ids=["brackets", "braces", "nested", "arrays", "quotes", "list", "fences", "comments", "backslashes"],
)  # fmt: skip
def test_two_megabytes_of_anything_end_in_a_rejection(text: str) -> None:
    assert isinstance(parse_model(text, Plan), Rejected)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(values)
def test_valid_json_reads_as_json_does(value: Any) -> None:
    text = json.dumps(value)
    found, end, repairs = read_generously(text)
    assert (found, end, repairs) == (json.loads(text), len(text), frozenset())


@given(st.dictionaries(st.text(max_size=8), values, max_size=5), st.text(string.ascii_letters + " .\n", max_size=40))
def test_a_value_is_found_whatever_prose_is_around_it(value: dict[str, Any], prose: str) -> None:
    answer = parse_model(f"{prose}\n{json.dumps(value, indent=1)}\n{prose}", Anything)
    assert isinstance(answer, Parsed) and answer.value.root == value


@given(st.dictionaries(st.text(max_size=8), values, min_size=1, max_size=5), st.data())
def test_a_truncated_value_is_a_part_of_the_whole(value: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(1, len(text)))]
    try:
        found, _, _ = read_generously(cut)
    except NotJson:
        return
    assert isinstance(found, dict) and set(list(found)[:-1]) <= set(value)


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_any_text_gives_an_answer_and_never_an_exception(text: str) -> None:
    assert isinstance(parse_model(text, Plan), (Parsed, Rejected))
