"""Providers that refuse, fail, hang or are not there: one sentence, the right exit code, and `--resume` goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.bad_input import assert_one_sentence, ended, ended_badly
from tests.support.nexus import environment, nexus
from tests.support.openai_script import Fault, FaultPlan, Script
from tests.support.openai_server import OpenAIServer
from tests.support.project import COMPETENT, TRIVIAL, make_project, tree_of

RUN = ["--headless", TRIVIAL, "--json", "--yes"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


def serve(faults: FaultPlan | None = None, api_key: str = "") -> OpenAIServer:
    return OpenAIServer(Script.of(COMPETENT), faults=faults, api_key=api_key)


def env_for(home: Path, server: OpenAIServer, **more: str) -> dict[str, str]:
    return environment(home, server.base_url, NEXUS_LIMITS__MUTANTS="0", NEXUS_MODELS__CALL_TIMEOUT_S="8") | more


def without(env: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in env.items() if name not in names}


PAGE = "<html><head><title>502 Bad Gateway</title></head>\n<body>\x1b[31mnginx</body></html>"


@pytest.mark.parametrize(
    ("fault", "requests", "sentence", "remedy"),
    [
        ("402", 1, "has no credit or quota left (402).", "Add credit"),
        ("429", 3, "refused because of its rate limit (429) after 3 attempts.", "models.requests_per_minute"),
        ("429:120", 1, "the next attempt is due in 120 s, after this call's deadline.", "Wait"),
        ("500", 3, "failed with a server error (500) after 3 attempts", "Try again later"),
        (Fault("status", code=502, message=PAGE), 3, "failed with a server error (502)", "Try again later"),
        ("cut", 3, "was cut off on the way after 3 attempts.", "Try again"),
        ("html", 3, "sent something that is not a model answer after 3 attempts.", "models.base_url"),
    ],
    ids=["402", "429", "429-with-retry-after", "500", "502-page", "cut-stream", "html"],
)
def test_a_provider_that_keeps_failing_ends_the_run_with_its_reason(
    project: Path, nexus_home: Path, fault: str | Fault, requests: int, sentence: str, remedy: str
) -> None:
    before = tree_of(project)
    parsed = Fault.parse(fault) if isinstance(fault, str) else fault
    with serve(FaultPlan(*[parsed] * 9)) as server:
        done = nexus(RUN, project, env_for(nexus_home, server))
        assert server.requests == requests
    last = ended_badly(done, 4, "openai/test-model", sentence)
    assert remedy in last["remedy"]
    assert last["verdict"] == "failed"
    assert "\x1b" not in last["reason"]
    assert len(done.of("model.retried")) == requests - 1
    assert tree_of(project) == before


def test_a_provider_that_hangs_is_given_up_in_time_and_the_run_can_go_on(project: Path, nexus_home: Path) -> None:
    with serve(FaultPlan("hang", "hang")) as server:
        done = nexus(RUN, project, env_for(nexus_home, server, NEXUS_MODELS__CALL_TIMEOUT_S="2"))
        last = ended_badly(done, 4, "did not answer in time")
        assert last["cost_estimated"], "what a silent provider bills is not known"
        resumed = nexus(["--headless", "--last", "--json"], project, env_for(nexus_home, server))
    assert ended(resumed, 0)["verdict"] == "verified"
    assert resumed.last["run"] == last["run"]


def test_a_rate_limit_that_says_when_is_waited_for(project: Path, nexus_home: Path) -> None:
    with serve(FaultPlan("429:1", None, "429")) as server:
        done = nexus(RUN, project, env_for(nexus_home, server))
        assert server.requests == 4
    ended(done, 0)
    first, _ = done.of("model.retried")
    assert first["wait_ms"] >= 1000


def test_a_key_that_is_refused_is_named_and_the_right_one_goes_on(project: Path, nexus_home: Path) -> None:
    before = tree_of(project)
    with serve(api_key="right") as server:
        env = env_for(nexus_home, server, NEXUS_API_KEY="wrong-key-of-mine")
        # As a person sees it, without --json.
        done = nexus(["--headless", TRIVIAL, "--yes"], project, env)
        assert done.code == 4
        first, remedy, *_ = done.out.splitlines()
        assert first == "failed: The provider refused the key for openai/test-model (401)."
        assert remedy == "  Set or correct NEXUS_API_KEY."
        assert "wrong-key" not in done.out + done.err and "Traceback" not in done.err
        assert tree_of(project) == before
        resumed = nexus(["--headless", "--last", "--json"], project, {**env, "NEXUS_API_KEY": "right"})
    assert ended(resumed, 0)["delivered_to"].startswith("commit ")


def test_without_any_key_the_run_waits_for_one(project: Path, nexus_home: Path) -> None:
    with serve() as server:
        env = env_for(nexus_home, server)
        bare = without(env, "OPENAI_API_KEY", "NEXUS_MODEL", "NEXUS_MODELS__BASE_URL")
        done = nexus(RUN, project, bare)
        last = ended_badly(done, 4, "No model provider is configured")
        assert "OPENAI_API_KEY" in last["remedy"] and "--demo" in last["remedy"]
        assert server.requests == 0
        # It goes on with the server that it is given now.
        models = {"base_url": server.base_url, "input_usd_per_mtok": 1, "output_usd_per_mtok": 2}
        given = [part for name, value in models.items() for part in ("-c", f"models.{name}={value}")]
        resumed = nexus(["--headless", "--last", "--json", "-m", "openai/test-model", *given], project, bare)
    assert ended(resumed, 0)["run"] == last["run"]


def test_a_model_the_provider_does_not_know_is_a_mistake_of_configuration(project: Path, nexus_home: Path) -> None:
    with serve(FaultPlan(*["model_not_found"] * 3)) as server:
        done = nexus(RUN, project, env_for(nexus_home, server))
        assert server.requests == 1
    last = ended_badly(done, 3, "does not know the model openai/test-model (404).")
    assert "-m" in last["remedy"]


def test_an_unknown_profile_is_answered_with_those_there_are(project: Path, nexus_home: Path) -> None:
    with serve() as server:
        done = nexus([*RUN, "--profile", "openay"], project, env_for(nexus_home, server))
    last = ended_badly(done, 3, "There is no model profile named 'openay'.")
    assert "openai" in last["remedy"]


def test_a_model_without_a_known_price_is_never_called(project: Path, nexus_home: Path) -> None:
    with serve() as server:
        prices = ("NEXUS_MODELS__INPUT_USD_PER_MTOK", "NEXUS_MODELS__OUTPUT_USD_PER_MTOK")
        done = nexus(RUN, project, without(env_for(nexus_home, server), *prices))
        assert server.requests == 0
    last = ended_badly(done, 3, "No price is known for openai/test-model")
    assert "models.input_usd_per_mtok" in last["remedy"]


def test_a_server_that_is_not_there_could_not_be_reached(project: Path, nexus_home: Path) -> None:
    with serve() as server:
        env = env_for(nexus_home, server, NEXUS_MODELS__CALL_TIMEOUT_S="4")
    last = ended_badly(nexus(RUN, project, env), 4, "could not be reached")
    assert "models.base_url" in last["remedy"]
    assert last["cost_micros"] == 0
    assert_one_sentence(last["remedy"])
