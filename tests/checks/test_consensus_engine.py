"""Dual agreement: behaviour decides, ties are admitted, doubtful tests are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.consensus_engine import agree

PASSES = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.frozensets(st.sampled_from("123456")), max_size=8
)


def named(names: str) -> frozenset[str]:
    return frozenset(names)


def test_candidates_that_pass_the_same_tests_stand_together() -> None:
    agreement = agree({"a": named("12"), "b": named("3"), "c": named("12")})
    assert [(cluster.candidates, cluster.tests) for cluster in agreement.clusters] == [
        (("a", "c"), named("12")),
        (("b",), named("3")),
    ]
    assert agreement.best == "a"
    assert not agreement.abstain


@pytest.mark.parametrize(("many", "best"), [(3, "single"), (5, "many0")])
def test_agreement_weighs_with_its_root_and_tests_in_full(many: int, best: str) -> None:
    """One candidate with two tests outweighs three with one (2 > 1.73), but not five (2 < 2.24)."""
    passes = {f"many{number}": named("3") for number in range(many)}
    assert agree(passes | {"single": named("12")}).best == best


def test_a_tie_of_the_two_heaviest_is_admitted() -> None:
    agreement = agree({"a": named("12"), "b": named("34"), "c": named("1")})
    assert agreement.abstain
    assert agreement.best is None
    assert agreement.flagged_tests == frozenset()


def test_tests_that_only_outvoted_candidates_pass_are_flagged() -> None:
    agreement = agree({"a": named("123"), "b": named("123"), "c": named("14")})
    assert agreement.flagged_tests == {"4"}


@pytest.mark.parametrize("passes", [{}, {"a": frozenset()}, {"a": frozenset(), "b": frozenset()}])
def test_where_nothing_passes_nothing_is_chosen(passes: dict[str, frozenset[str]]) -> None:
    agreement = agree(passes)
    assert agreement.abstain and agreement.best is None


@given(passes=PASSES)
def test_the_order_of_candidates_does_not_matter(passes: dict[str, frozenset[str]]) -> None:
    assert agree(dict(reversed(passes.items()))) == agree(passes)


@given(passes=PASSES)
def test_every_candidate_is_in_exactly_one_cluster_and_the_best_in_the_heaviest(
    passes: dict[str, frozenset[str]],
) -> None:
    agreement = agree(passes)
    assert sorted(name for cluster in agreement.clusters for name in cluster.candidates) == sorted(passes)
    scores = [cluster.score for cluster in agreement.clusters]
    assert scores == sorted(scores, reverse=True)
    assert agreement.abstain == (agreement.best is None)
    if agreement.best is not None:
        assert agreement.best in agreement.clusters[0].candidates
        assert not agreement.flagged_tests & passes[agreement.best]


@given(passes=PASSES)
def test_one_more_supporter_never_costs_the_best_its_place(passes: dict[str, frozenset[str]]) -> None:
    best = agree(passes).best
    if best is not None:
        more = agree({**passes, "newcomer": passes[best]})
        assert more.best is not None
        assert passes[best] == {**passes, "newcomer": passes[best]}[more.best]
