"""Guardrails: what each limit does at its edge, and that more trouble is never met with a milder answer."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from config.settings import LimitSettings
from core.guardrails import (
    SEVERITY,
    Decision,
    GuardEvent,
    GuardrailMonitor,
    GuardState,
    Policy,
    decide,
    observe,
    replay,
)

OFF = Policy(
    max_phase_retries=0,
    max_total_errors=0,
    cost_limit_micros=0,
    hallucination_threshold=0,
    wall_clock_s=0,
    same_failure_limit=0,
)


def failures(count: int, phase: str = "verify") -> list[GuardEvent]:
    return [GuardEvent("failure", phase, fingerprint=f"f{number}") for number in range(count)]


def outputs(hashes: str) -> list[GuardEvent]:
    return [GuardEvent("output", "implementer", output_hash=each) for each in hashes]


def last(events: list[GuardEvent], policy: Policy) -> Decision:
    return replay(events, policy)[-1]


@pytest.mark.parametrize(
    ("failed", "action"), [(1, "RETRY"), (2, "RETRY"), (3, "RETRY"), (4, "ESCALATE"), (5, "ABORT")]
)
def test_a_phase_gets_exactly_its_retries_then_a_person_then_the_end(failed: int, action: str) -> None:
    decision = last(failures(failed), replace(OFF, max_phase_retries=3))
    assert (decision.action, decision.rule) == (action, "max_phase_retries")
    assert decision.remaining.retries == max(0, 3 - failed)


def test_the_retries_of_one_phase_are_not_charged_to_another() -> None:
    events = [*failures(3, "verify"), *failures(1, "analyst")]
    assert last(events, replace(OFF, max_phase_retries=3)).action == "RETRY"


@pytest.mark.parametrize(("count", "action"), [(4, "CONTINUE"), (5, "ABORT"), (6, "ABORT")])
def test_the_run_stops_at_its_total_of_errors(count: int, action: str) -> None:
    events = [GuardEvent("error", "architect")] * count
    assert last(events, replace(OFF, max_total_errors=5)).action == action


def test_failed_attempts_count_as_errors_too() -> None:
    decision = last([*failures(2), GuardEvent("error")], replace(OFF, max_total_errors=3))
    assert (decision.action, decision.rule) == ("ABORT", "max_total_errors")


@pytest.mark.parametrize(("worst", "action"), [(99_999, "CONTINUE"), (100_000, "CONTINUE"), (100_001, "ABORT")])
def test_a_call_that_could_cost_too_much_is_refused_before_it_is_made(worst: int, action: str) -> None:
    event = GuardEvent("call", "tester", spent_micros=400_000, next_micros=worst)
    assert decide(GuardState(), event, replace(OFF, cost_limit_micros=500_000)).action == action


@pytest.mark.parametrize(("spent", "noticed"), [(399_999, False), (400_000, True), (400_001, True)])
def test_four_fifths_of_the_money_give_a_notice_and_no_stop(spent: int, noticed: bool) -> None:
    decision = decide(GuardState(), GuardEvent("step", spent_micros=spent), replace(OFF, cost_limit_micros=500_000))
    assert decision.action == "CONTINUE"
    assert bool(decision.remaining.notices) is noticed
    assert decision.remaining.cost_micros == 500_000 - spent


@pytest.mark.parametrize(("seconds", "action"), [(59, "CONTINUE"), (60, "ABORT"), (61, "ABORT")])
def test_the_wall_clock_ends_the_run(seconds: float, action: str) -> None:
    assert decide(GuardState(), GuardEvent("step", elapsed_s=seconds), replace(OFF, wall_clock_s=60)).action == action


@pytest.mark.parametrize(("share", "action"), [(0.29, "CONTINUE"), (0.3, "CONTINUE"), (0.31, "ESCALATE")])
def test_too_many_made_up_references_escalate(share: float, action: str) -> None:
    event = GuardEvent("output", output_hash="a", hallucination=share)
    assert decide(GuardState(), event, replace(OFF, hallucination_threshold=0.3)).action == action


@pytest.mark.parametrize(("times", "action"), [(1, "RETRY"), (2, "ESCALATE"), (3, "ABORT")])
def test_the_same_failure_again_is_not_retried_but_escalated_and_then_ends_the_run(times: int, action: str) -> None:
    events = [GuardEvent("failure", "verify", fingerprint="same")] * times
    assert last(events, replace(OFF, same_failure_limit=2)).action == action


@pytest.mark.parametrize(("times", "action"), [(1, "CONTINUE"), (2, "ESCALATE"), (3, "ABORT")])
def test_the_same_answer_again_is_no_progress(times: int, action: str) -> None:
    decision = last(outputs("a" * times), replace(OFF, same_failure_limit=2))
    assert decision.action == action
    assert decision.rule == ("no_progress" if times > 1 else "")


def test_a_new_failure_ends_the_streak() -> None:
    events = [GuardEvent("failure", "verify", fingerprint=each) for each in "aba"]
    assert last(events, replace(OFF, same_failure_limit=2)).action == "RETRY"


def test_failures_without_a_fingerprint_are_never_called_the_same() -> None:
    assert last([GuardEvent("failure", "verify")] * 3, replace(OFF, same_failure_limit=2)).action == "RETRY"


@pytest.mark.parametrize(
    ("hashes", "action"),
    [("ab", "CONTINUE"), ("aba", "CONTINUE"), ("abab", "ESCALATE"), ("ababa", "ABORT"), ("abac", "CONTINUE")],
)
def test_answers_that_swing_between_two_are_caught(hashes: str, action: str) -> None:
    assert last(outputs(hashes), replace(OFF, same_failure_limit=3)).action == action


def test_a_limit_of_one_repetition_does_not_condemn_the_first_answer() -> None:
    assert last(outputs("a"), replace(OFF, same_failure_limit=1)).action == "CONTINUE"


EVENTS = st.builds(
    GuardEvent,
    kind=st.sampled_from(["step", "call", "output", "failure", "error"]),
    phase=st.sampled_from(["implementer", "verify"]),
    elapsed_s=st.floats(0, 4000),
    spent_micros=st.integers(0, 700_000),
    next_micros=st.integers(0, 200_000),
    output_hash=st.sampled_from(["", "a", "b", "c"]),
    fingerprint=st.sampled_from(["", "x", "y"]),
    hallucination=st.floats(0, 1),
)
TRACES = st.lists(EVENTS, max_size=12)


@given(trace=TRACES)
def test_with_every_rule_off_nothing_is_ever_escalated_or_stopped(trace: list[GuardEvent]) -> None:
    assert {decision.action for decision in replay(trace, OFF)} <= {"CONTINUE", "RETRY"}


@given(trace=TRACES, event=EVENTS, cost=st.integers(0, 500_000), time=st.floats(0, 3000), share=st.floats(0, 1))
def test_more_cost_time_or_made_up_names_never_give_a_milder_action(
    trace: list[GuardEvent], event: GuardEvent, cost: int, time: float, share: float
) -> None:
    worse = replace(
        event,
        spent_micros=event.spent_micros + cost,
        next_micros=event.next_micros + cost,
        elapsed_s=event.elapsed_s + time,
        hallucination=max(event.hallucination, share),
    )
    mild, strict = last([*trace, event], Policy()), last([*trace, worse], Policy())
    assert SEVERITY[strict.action] >= SEVERITY[mild.action]


@given(trace=TRACES, event=EVENTS, at=st.integers(0, 12), errors=st.integers(1, 4))
def test_more_errors_never_give_a_milder_action(
    trace: list[GuardEvent], event: GuardEvent, at: int, errors: int
) -> None:
    worse = [*trace[:at], *[GuardEvent("error", "verify")] * errors, *trace[at:]]
    assert SEVERITY[last([*worse, event], Policy()).action] >= SEVERITY[last([*trace, event], Policy()).action]


@given(trace=TRACES, event=EVENTS)
def test_a_failure_met_once_more_never_gives_a_milder_action(trace: list[GuardEvent], event: GuardEvent) -> None:
    failure = replace(event, kind="failure")
    once, twice = last([*trace, failure], Policy()), last([*trace, failure, failure], Policy())
    assert SEVERITY[twice.action] >= SEVERITY[once.action]


@given(trace=TRACES, limits=st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 500_000)))
def test_a_tighter_policy_is_never_milder(trace: list[GuardEvent], limits: tuple[int, int, int]) -> None:
    retries, errors, cut = limits
    tight = Policy(max_phase_retries=retries, max_total_errors=errors, cost_limit_micros=max(1, 500_000 - cut))
    loose = replace(tight, max_phase_retries=retries + 2, max_total_errors=errors + 2, cost_limit_micros=500_000)
    for strict, mild in zip(replay(trace, tight), replay(trace, loose), strict=True):
        assert SEVERITY[strict.action] >= SEVERITY[mild.action]


@given(trace=TRACES)
def test_a_run_decided_again_from_its_log_gets_the_same_decisions(trace: list[GuardEvent]) -> None:
    monitor = GuardrailMonitor()
    live = tuple(monitor.check(event) for event in trace)
    log = json.loads(json.dumps([event.to_dict() for event in trace]))
    assert replay([GuardEvent.from_dict(entry) for entry in log], Policy()) == live


@given(trace=TRACES, cut=st.integers(0, 12))
def test_a_run_resumed_from_a_stored_state_decides_as_if_it_had_never_stopped(
    trace: list[GuardEvent], cut: int
) -> None:
    state = GuardState()
    for event in trace[:cut]:
        state = observe(state, event)
    stored = GuardState.from_dict(json.loads(json.dumps(state.to_dict())))
    assert stored == state
    assert replay(trace[cut:], Policy(), stored) == replay(trace, Policy())[cut:]


def test_a_clock_that_goes_backwards_buys_no_time() -> None:
    events = [GuardEvent("step", elapsed_s=100), GuardEvent("step", elapsed_s=5)]
    assert last(events, replace(OFF, wall_clock_s=60)).action == "ABORT"


def test_defaults_agree_in_the_policy_the_schema_and_the_file() -> None:
    shipped = YAML(typ="safe").load(resources.files("config").joinpath("limits.yaml").read_text())
    assert LimitSettings(**shipped["limits"]) == LimitSettings()
    assert set(shipped["limits"]) == set(LimitSettings.model_fields)
    assert Policy.from_settings(LimitSettings()) == Policy()


def test_the_monitor_names_its_rules_and_intervenes() -> None:
    monitor = GuardrailMonitor()
    assert dict(monitor.rules) == {
        "max_phase_retries": 3,
        "max_total_errors": 5,
        "cost_limit_per_task": 0.50,
        "hallucination_threshold": 0.3,
    }
    actions = [monitor.check_and_intervene(event) for event in failures(5)]
    assert actions == ["RETRY", "RETRY", "RETRY", "ESCALATE", "ABORT"]
