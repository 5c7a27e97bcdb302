"""`nexus doctor`: tells the truth about a machine with nothing, with everything, and with things in trouble."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.doctor.host_checks import has_wal_reset_bug
from app.doctor.model import Check, Finding, Result, ok, this_machine
from app.doctor.report import exit_code
from app.doctor.run import run_checks
from app.doctor.sandbox_checks import conclude
from config.paths import user_paths
from config.settings import Settings
from core.ids import RunId
from core.run.runs import create_run, set_status
from core.storage.store import Store
from tests.support.nexus import clean_env, in_terminal, run_nexus

SECRET = "sk-do-not-print-me-0123456789"


@pytest.fixture
def env(nexus_home: Path) -> dict[str, str]:
    return clean_env(nexus_home)


@pytest.fixture
def bare(nexus_home: Path, tmp_path: Path) -> dict[str, str]:
    """A machine with no git, no bubblewrap, no Docker and no key."""
    (tmp_path / "no-programs").mkdir()
    return {
        "NEXUS_HOME": str(nexus_home),
        "PATH": str(tmp_path / "no-programs"),
        "DOCKER_HOST": f"unix://{tmp_path}/no-docker.sock",
        "LANG": "C.UTF-8",
    }


def checks_of(env: dict[str, str], *argv: str) -> tuple[dict[str, dict[str, Any]], int, str]:
    done = run_nexus("doctor", "--json", *argv, env=env)
    report = json.loads(done.out)
    assert report["exit_code"] == done.code
    assert report["ok"] == (done.code == 0)
    return {check["id"]: check for check in report["checks"]}, done.code, done.out + done.err


def test_a_machine_with_nothing_gets_a_remedy_for_everything(bare: dict[str, str]) -> None:
    checks, code, _ = checks_of(bare)
    assert code == 3
    assert checks["host.git"]["status"] == "warn"
    assert checks["provider.profile"]["status"] == "fail"
    assert checks["sandbox.docker"]["status"] == checks["sandbox.bubblewrap"]["status"] == "warn"
    assert checks["sandbox"]["status"] == "fail"
    assert "apt-get install -y bubblewrap" in checks["sandbox"]["remedy"]
    for check in checks.values():
        assert set(check) == {"id", "status", "summary", "remedy", "duration_ms"}
        assert check["summary"]
        assert bool(check["remedy"]) == (check["status"] != "ok")


def test_when_only_the_sandbox_is_missing_the_exit_code_says_so(bare: dict[str, str]) -> None:
    _, code, _ = checks_of({**bare, "OPENAI_API_KEY": SECRET})
    assert code == 5
    status = run_nexus("sandbox", "status", env=bare)
    assert status.code == 5
    assert "No sandbox works here" in status.out


def test_keys_are_named_and_never_shown(bare: dict[str, str]) -> None:
    checks, _, everything = checks_of({**bare, "ANTHROPIC_API_KEY": SECRET, "OPENAI_API_KEY": " "})
    assert checks["provider.keys"]["summary"] == "ANTHROPIC_API_KEY"
    assert checks["provider.profile"]["summary"].startswith("anthropic: ")
    assert SECRET not in everything


def test_a_real_canary_runs_in_bubblewrap(env: dict[str, str]) -> None:
    checks, _, _ = checks_of(env)
    assert checks["sandbox.bubblewrap"]["status"] == "ok"
    assert "2 canary tests passed" in checks["sandbox.bubblewrap"]["summary"]
    assert checks["sandbox"]["status"] == "ok"


def test_broken_settings_are_a_finding_not_an_end(bare: dict[str, str], nexus_home: Path) -> None:
    nexus_home.mkdir()
    (nexus_home / "config.yaml").write_text("budgets:\n  run_us: 1\n")
    checks, code, _ = checks_of(bare)
    assert code == 3
    assert checks["config.settings"]["status"] == "fail"
    assert "config.yaml:2" in checks["config.settings"]["summary"]


def test_a_projects_attempt_to_loosen_a_limit_is_reported(bare: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".nexus").mkdir()
    (tmp_path / ".nexus" / "config.yaml").write_text("budgets: {day_usd: 0}\n")
    checks, _, _ = checks_of(bare, "-C", str(tmp_path))
    assert checks["config.settings"]["status"] == "warn"
    assert "budgets.day_usd was ignored" in checks["config.settings"]["summary"]


def test_a_folder_others_can_read_and_a_damaged_database_are_found(bare: dict[str, str], nexus_home: Path) -> None:
    nexus_home.mkdir()
    nexus_home.chmod(0o755)
    (nexus_home / "nexus.db").write_bytes(b"not a database at all " * 200)
    checks, _, _ = checks_of(bare)
    assert checks["store.folders"]["status"] == "warn"
    assert checks["store.folders"]["remedy"] == f"chmod 700 {nexus_home}"
    assert checks["store.database"]["status"] == "fail"
    assert "damaged" in checks["store.database"]["summary"]


def test_an_interrupted_run_is_offered_again(bare: dict[str, str], nexus_home: Path) -> None:
    with Store(user_paths({"NEXUS_HOME": str(nexus_home)}).database) as store:
        create_run(store, RunId("r1"), Path("/p"), "x", Settings(), {})
        set_status(store, "r1", "running")
    checks, _, _ = checks_of(bare)
    assert checks["store.database"]["status"] == "ok"
    assert checks["store.runs"]["status"] == "warn"
    assert "--resume r1" in checks["store.runs"]["remedy"]


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 0), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_the_versions_of_sqlite_with_the_wal_reset_bug(version: tuple[int, int, int], affected: bool) -> None:
    assert has_wal_reset_bug(version) == affected


# --- on a terminal ---


def test_a_terminal_gets_colour_and_is_described(bare: dict[str, str]) -> None:
    terminal = {**bare, "TERM": "xterm-256color", "SSH_CONNECTION": "a", "TMUX": "b"}
    _, text = in_terminal("doctor", env=terminal)
    assert "\x1b[31mfail" in text
    assert "256 colours, SSH, tmux" in text
    _, plain = in_terminal("doctor", env={**terminal, "NO_COLOR": "1"})
    assert "\x1b" not in plain
    _, dumb = in_terminal("doctor", env={**bare, "TERM": "dumb"})
    assert "\x1b" not in dumb


# --- online ---


class _Provider(BaseHTTPRequestHandler):
    """Answers by path: /ok, /denied, /limited, /broken, /html, /elsewhere (a redirect to /stolen)."""

    def do_GET(self) -> None:
        log = self.server.log  # type: ignore[attr-defined]
        log.append((self.path, self.headers.get("Authorization")))
        case = self.path.split("/")[1]
        code = {"denied": 401, "limited": 429, "broken": 503, "elsewhere": 302, "missing": 404}.get(case, 200)
        body = b"<html>please log in</html>" if case == "html" else b'{"data": []}'
        self.send_response(code)
        if case == "elsewhere":
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/stolen")  # type: ignore[attr-defined]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def provider() -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    server.log = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.log  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("case", "status", "said"),
    [
        ("ok", "ok", "answers and accepts the key"),
        ("denied", "fail", "refused the key (401)"),
        ("limited", "warn", "limiting requests"),
        ("broken", "fail", "in trouble (503)"),
        ("html", "fail", "not JSON"),
        ("missing", "warn", "does not list models (404)"),
        ("elsewhere", "warn", "(302)"),
    ],
)
def test_online_asks_once_and_reads_the_answer(bare: dict[str, str], case: str, status: str, said: str) -> None:
    with provider() as (url, log):
        there = {**bare, "NEXUS_MODELS__BASE_URL": f"{url}/{case}", "NEXUS_API_KEY": SECRET, "NO_PROXY": "*"}
        checks, _, everything = checks_of(there, "--online")
    assert checks["provider.online"]["status"] == status
    assert said in checks["provider.online"]["summary"]
    # One request, and the key goes to no other place than the configured one.
    assert log == [(f"/{case}/models", f"Bearer {SECRET}")]
    assert SECRET not in everything


def test_online_survives_a_server_that_is_not_there_and_an_address_that_is_none(bare: dict[str, str]) -> None:
    gone, _, _ = checks_of({**bare, "NEXUS_MODELS__BASE_URL": "http://127.0.0.1:1/v1", "NO_PROXY": "*"}, "--online")
    assert gone["provider.online"]["status"] == "fail"
    assert "does not answer" in gone["provider.online"]["summary"]
    local, _, _ = checks_of({**bare, "NEXUS_MODELS__BASE_URL": "file:///etc"}, "--online")
    assert "not a web address" in local["provider.online"]["summary"]


def test_without_online_nothing_is_asked(bare: dict[str, str]) -> None:
    with provider() as (url, log):
        checks, _, _ = checks_of({**bare, "NEXUS_MODELS__BASE_URL": f"{url}/ok"})
    assert "provider.online" not in checks
    assert log == []


# --- how checks run ---


def test_a_check_that_hangs_or_breaks_costs_only_itself(nexus_home: Path) -> None:
    never = threading.Event()

    def hang(machine: object) -> Finding:
        never.wait()
        return ok("late")

    def burst(machine: object) -> Finding:
        raise RuntimeError("burst")

    machine = this_machine(Path("/"), {"NEXUS_HOME": str(nexus_home)})
    checks = [Check("a", hang, deadline_s=0.02), Check("b", burst), Check("c", lambda _: ok("fine"))]
    results = sorted(run_checks(checks, machine), key=lambda one: one.id)
    never.set()
    assert [(one.id, one.status) for one in results] == [("a", "fail"), ("b", "fail"), ("c", "ok")]
    assert "No answer within 0.02 s" in results[0].summary
    assert "RuntimeError: burst" in results[1].summary


@pytest.mark.parametrize(
    ("backend", "docker", "bubblewrap", "expected"),
    [
        ("auto", "ok", "ok", "ok"),
        ("auto", "warn", "ok", "ok"),
        ("auto", "ok", "warn", "ok"),
        ("auto", "warn", "warn", "fail"),
        ("docker", "warn", "ok", "fail"),
        ("bubblewrap", "warn", "ok", "ok"),
        ("bubblewrap", "ok", "fail", "fail"),
    ],
)
def test_the_configured_backend_is_the_one_that_counts(
    nexus_home: Path, backend: str, docker: Any, bubblewrap: Any, expected: str
) -> None:
    machine = this_machine(Path("/"), {"NEXUS_HOME": str(nexus_home), "NEXUS_SANDBOX__BACKEND": backend})
    found = [Result("sandbox.docker", docker, "", "d", 0), Result("sandbox.bubblewrap", bubblewrap, "", "b", 0)]
    assert conclude(found, machine).status == expected


def test_the_exit_code_is_5_only_when_nothing_else_failed() -> None:
    def result(name: str, status: Any) -> Result:
        return Result(name, status, "", "", 0)

    assert exit_code([result("a", "ok"), result("sandbox", "warn")]) == 0
    assert exit_code([result("a", "warn"), result("sandbox", "fail"), result("sandbox.docker", "fail")]) == 5
    assert exit_code([result("a", "fail"), result("sandbox", "fail")]) == 3
