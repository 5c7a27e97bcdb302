"""The `nexus` program from outside: start-up, mistakes, streams, exit codes."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.arguments import HeadlessArgs, read_headless
from app.cli import COMMANDS
from app.exit import report_failure
from app.run_settings import settings_for
from config.errors import BudgetExceeded, ConfigError, DeliveryConflict, NexusError, UsageError
from config.version import VERSION
from tests.support.nexus import clean_env, in_terminal, run_nexus, start

HEAVY = ("litellm", "textual", "chromadb", "torch", "pydantic", "rich", "ruamel.yaml", "docker", "jinja2", "sqlite3")


@pytest.fixture
def env(nexus_home: Path) -> dict[str, str]:
    return clean_env(nexus_home)


# --- start-up ---


@pytest.mark.parametrize("argv", [["--version"], ["--help"], ["--headless", "--help"]])
def test_help_and_version_load_nothing_heavy(argv: list[str], env: dict[str, str]) -> None:
    program = f"import sys; sys.argv = ['nexus', *{argv}]\nfrom app.cli import main\ncode = main()\n"
    program += (
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\nsys.exit(repr(loaded) if loaded else code)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_version_is_the_one_of_the_package(env: dict[str, str]) -> None:
    done = run_nexus("--version", env=env)
    assert (done.code, done.out, done.err) == (0, f"nexus {VERSION}\n", "")


def test_help_names_every_command_and_each_explains_itself_with_an_example(env: dict[str, str]) -> None:
    overview = run_nexus("--help", env=env).out
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", overview, re.MULTILINE)
        done = run_nexus(command, "--help", env=env)
        assert done.code == 0
        assert f"usage: nexus {command}" in done.out
        assert f"  nexus {command}" in done.out.split("examples:")[1] or command == "completion"
        assert done.err == ""


def test_help_of_headless_lists_the_exit_codes_and_the_environment(env: dict[str, str]) -> None:
    text = run_nexus("--headless", "--help", env=env).out
    assert "8 delivery conflict" in text
    for variable in ("NEXUS_BUDGET", "NEXUS_MODEL", "NEXUS_PROFILE", "NEXUS_YES", "NEXUS_TIME_LIMIT"):
        assert variable in text


def test_without_a_terminal_there_is_no_full_screen(env: dict[str, str], tmp_path: Path) -> None:
    for argv in ([], [str(tmp_path)]):
        done = run_nexus(*argv, env=env)
        assert (done.code, done.out) == (2, "")
        assert "needs a terminal" in done.err
        assert "--headless" in done.err


# --- mistakes ---


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["rusn"], "Did you mean `nexus runs`?"),
        (["atach", "last"], "Did you mean `nexus attach`?"),
        (["no-such-thing-at-all"], "neither a command nor a folder"),
        (["--frobnicate"], "Unrecognized arguments: --frobnicate"),
        (["runs", "--frobnicate"], "--frobnicate"),
        (["runs", "--limit", "0"], "not a whole number above zero"),
        (["rate", "last", "6"], "invalid choice: 6"),
        (["show"], "RUN"),
        (["show", "last"], "There are no runs yet"),
        (["--headless"], "There is no task"),
        (["--headless", ""], "The task is empty"),
        (["--headless", " \n\t "], "The task is empty"),
        (["--headless", "x", "-f", "y"], "cannot be given together"),
        (["--headless", "x", "--yes", "--branch"], "cannot be given together"),
        (["--headless", "--resume", "a", "--last"], "cannot be given together"),
        (["--headless", "x", "--budget", "free"], "'free' is not a number above zero"),
        (["--headless", "x", "--budget", "0"], "'0' is not a number above zero"),
        (["--headless", "x", "--budget", "inf"], "'inf' is not a number above zero"),
        (["--headless", "x", "-c", "nonsense"], "section.key=value"),
        (["--headless", "-f", "/no/such/file"], "cannot be read"),
        (["--headless", "-f", "/"], "cannot be read"),
        (["--headless", "two", "tasks"], "tasks"),
        (["--headless", "x", "--jsn"], "--jsn"),
        (["config", "set", "budgets.run_usd"], "needs a key and a value"),
        (["config", "set", "budgets.run_us", "1"], "Did you mean budgets.run_usd?"),
        (["config", "frob"], "invalid choice: 'frob'"),
    ],
)
def test_a_mistake_is_one_sentence_with_a_remedy_and_exit_2(argv: list[str], said: str, env: dict[str, str]) -> None:
    done = run_nexus(*argv, env=env)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.startswith("nexus: ")
    assert done.err.count("\n") <= 2
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "argv",
    [
        ["--headless", "--json"],
        ["--json", "--headless", ""],
        ["--headless", "--json", "x", "--frobnicate"],
        ["--headless", "--json", "x", "--budget", "free"],
        ["--headless", "--json", "-f", "/no/such/file"],
        ["--headless", "--json", "--resume", "nothing"],
        ["--headless", "--json", "x", "-c", "budgets.run_us=1"],
        ["--headless", "--json", "x", "-C", "/no/such/folder"],
    ],
)
def test_json_ends_with_run_finished_even_when_nothing_could_begin(argv: list[str], env: dict[str, str]) -> None:
    done = run_nexus(*argv, env=env)
    last = json.loads(done.out.splitlines()[-1])
    assert (last["kind"], last["exit_code"], done.code) == ("run.finished", 2, 2)
    assert last["reason"]
    assert last["remedy"]


def test_a_task_that_is_huge_or_binary_is_refused_before_anything_is_created(
    env: dict[str, str], tmp_path: Path, nexus_home: Path
) -> None:
    for name, content, said in (
        ("huge", b"x" * (256 * 1024 + 1), "larger than 256 KiB"),
        ("binary", b"\x7fELF\x00\x00", "is not text"),
        ("latin", "für".encode("latin-1"), "is not text"),
    ):
        (tmp_path / name).write_bytes(content)
        done = run_nexus("--headless", "-f", str(tmp_path / name), env=env)
        assert done.code == 2
        assert said in done.err
    endless = run_nexus("--headless", "-f", "/dev/zero", env=env)
    assert (endless.code, "larger than" in endless.err) == (2, True)
    assert not nexus_home.exists()


def test_a_bad_variable_is_named_and_is_a_configuration_error(env: dict[str, str]) -> None:
    for name, value in (("NEXUS_BUDGET", "free"), ("NEXUS_YES", "perhaps"), ("NEXUS_LIMITS__MUTANTS", "few")):
        done = run_nexus("--headless", "x", "-C", "/", env={**env, name: value})
        assert done.code == 3
        assert name in done.err


# --- arguments ---


def test_every_flag_has_a_twin_in_the_environment_and_the_command_line_wins() -> None:
    twins = {
        "NEXUS_JSON": "1",
        "NEXUS_YES": "true",
        "NEXUS_BUDGET": "0.25",
        "NEXUS_TIME_LIMIT": "60",
        "NEXUS_MODEL": "openai/a",
        "NEXUS_PROFILE": "openai",
        "NEXUS_CWD": "/tmp",
        "NEXUS_DETACH": "yes",
        "NEXUS_RECORD": "tape.json",
    }
    assert read_headless(["--headless", "do it"], twins) == HeadlessArgs(
        task="do it",
        json=True,
        yes=True,
        detach=True,
        record="tape.json",
        cwd="/tmp",
        time_limit_s=60,
        budget_usd=0.25,
        settings={
            "budgets.run_usd": "0.25",
            "limits.wall_clock_s": "60.0",
            "models.model": "openai/a",
            "models.profile": "openai",
        },
    )
    mine = read_headless(["--headless", "do it", "--budget", "1", "-m", "openai/b", "--branch"], twins)
    assert (mine.budget_usd, mine.settings["models.model"], mine.yes, mine.branch) == (1, "openai/b", False, True)


def test_a_task_on_the_command_line_wins_over_other_tasks_in_the_environment() -> None:
    args = read_headless(["--headless", "do it"], {"NEXUS_FILE": "/no/such/file", "NEXUS_DEMO": "1"})
    assert (args.task, args.demo) == ("do it", False)
    assert read_headless(["--headless"], {"NEXUS_DEMO": "1"}).demo


def test_a_task_may_start_with_a_dash_after_two() -> None:
    assert read_headless(["--headless", "--json", "--", "--add a flag"], {}).task == "--add a flag"


def test_overrides_come_through_and_the_specific_one_wins() -> None:
    args = read_headless(["--headless", "x", "--budget", "1", "-c", "budgets.run_usd=2", "-c", "a.b=c=d"], {})
    assert args.settings == {"budgets.run_usd": "2", "a.b": "c=d"}


def test_a_larger_budget_is_granted_to_the_task_as_well(nexus_home: Path, tmp_path: Path) -> None:
    env = {"NEXUS_HOME": str(nexus_home)}

    def limits(*argv: str) -> tuple[float, float]:
        settings = settings_for(read_headless(["--headless", "x", *argv], {}), tmp_path, env).settings
        return settings.budgets.run_usd, settings.limits.cost_limit_per_task

    assert limits() == (0.5, 0.5)
    assert limits("--budget", "2") == (2, 2)
    assert limits("--budget", "0.1") == (0.1, 0.5)
    assert limits("--budget", "2", "-c", "limits.cost_limit_per_task=1") == (2, 1)


# --- standard input ---


def test_standard_input_is_read_only_when_the_task_is_a_dash(env: dict[str, str]) -> None:
    never_ends, write_end = os.pipe()
    try:
        for argv in (["--headless"], ["runs"], ["--headless", "x", "-C", "/no/such/folder"]):
            assert run_nexus(*argv, env=env, stdin=never_ends).code in (0, 2)
    finally:
        os.close(never_ends)
        os.close(write_end)
    done = run_nexus("--headless", "-", "-C", "/no/such/folder", env=env, stdin="a task")
    assert "/no/such/folder is not a folder" in done.err
    assert "The task on standard input is empty" in run_nexus("--headless", "-", env=env, stdin="").err
    assert "is not text" in run_nexus("--headless", "-f", "-", env=env, stdin=b"\x00\x01").err


def test_closed_streams_end_in_a_sentence_not_in_a_traceback(env: dict[str, str]) -> None:
    program = [sys.executable, "-P", "-m", "app", "--headless", "-"]
    done = subprocess.run(["sh", "-c", 'exec "$@" <&- >&-', "sh", *program], env=env, capture_output=True, text=True)
    assert done.returncode == 2
    assert "standard input" in done.stderr
    silent = subprocess.run(["sh", "-c", 'exec "$@" 2>&-', "sh", *program, "x"], env=env, capture_output=True)
    assert silent.returncode == 2


# --- ends ---


def test_a_reader_that_leaves_is_no_error(env: dict[str, str]) -> None:
    for argv in (["config", "show", "--origin"], ["--help"], ["config", "show", "--json"]):
        process = start(argv, None, env)
        assert process.stdout is not None
        process.stdout.close()
        _, said = process.communicate(timeout=60)
        assert said == ""


def test_an_unexpected_error_is_one_sentence_and_a_private_file(
    nexus_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ZeroDivisionError("secret detail")
    except ZeroDivisionError as error:
        assert report_failure(error, json_mode=True, run="r1") == 1
    out, said = capsys.readouterr()
    saved = next((nexus_home / "crash").iterdir())
    assert said.splitlines()[0] == "nexus: An unexpected ZeroDivisionError stopped the command."
    assert str(saved) in said
    assert "secret detail" not in said
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert "ZeroDivisionError: secret detail" in saved.read_text()
    assert (json.loads(out)["run"], json.loads(out)["verdict"]) == ("r1", "failed")


def test_an_unexpected_error_is_told_even_when_it_cannot_be_saved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NEXUS_HOME", str(tmp_path / "file"))
    assert report_failure(ValueError("x"), json_mode=False) == 1
    assert "could not be saved" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "verdict"),
    [
        (UsageError("a", "b"), 2, "failed"),
        (ConfigError("a"), 3, "failed"),
        (BudgetExceeded("a"), 6, "stopped"),
        (DeliveryConflict("a"), 8, "conflict"),
        (KeyboardInterrupt(), 130, "cancelled"),
    ],
)
def test_the_exit_code_and_the_last_line_agree(
    error: NexusError, code: int, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_failure(error, json_mode=True) == code
    last = json.loads(capsys.readouterr().out)
    assert (last["exit_code"], last["verdict"]) == (code, verdict)


def test_terminal_escapes_in_a_message_do_not_reach_the_terminal(env: dict[str, str]) -> None:
    said = in_terminal("\x1b]0;owned\x07\x1b[2Jruns", env=env)
    assert said[0] == 2
    assert "\x1b" not in said[1]


def test_a_poor_locale_does_not_end_the_program(env: dict[str, str]) -> None:
    poor = {**env, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = run_nexus("größe", env=poor)
    assert done.code == 2
    assert "neither a command nor a folder" in done.err


def test_a_home_that_cannot_be_written_is_one_sentence(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run_nexus("--headless", "x", "-C", str(tmp_path), env={**env, "NEXUS_HOME": str(tmp_path / "file" / "home")})
    assert done.code == 3
    assert "NEXUS_HOME" in done.err
    assert "Traceback" not in done.err


# --- config and completion from outside ---


def test_config_shows_sets_and_names_its_files(env: dict[str, str], nexus_home: Path, tmp_path: Path) -> None:
    assert run_nexus("config", "path", "-C", str(tmp_path), env=env).out.splitlines() == [
        str(nexus_home / "config.yaml"),
        str(tmp_path / ".nexus" / "config.yaml"),
        str(nexus_home / "keymap.yaml"),
    ]
    assert run_nexus("config", "set", "budgets.day_usd", "5", env=env).code == 0
    shown = json.loads(run_nexus("config", "show", "budgets", "--json", env=env).out)
    assert shown["budgets.day_usd"]["value"] == 5
    assert shown["budgets.day_usd"]["origin"].endswith("config.yaml:2")
    assert shown["budgets.run_usd"]["origin"] == "default"
    line = run_nexus("config", "show", "budgets.day_usd", "--origin", env=env).out.split()
    assert line[:2] == ["budgets.day_usd", "5"]


def test_config_does_not_write_what_a_project_may_not_say(env: dict[str, str], tmp_path: Path) -> None:
    done = run_nexus("config", "set", "--project", "budgets.run_usd", "50", "-C", str(tmp_path), env=env)
    assert done.code == 2
    assert "may only be tightened" in done.err
    assert not (tmp_path / ".nexus").exists()
    assert run_nexus("config", "set", "--project", "budgets.run_usd", "0.1", "-C", str(tmp_path), env=env).code == 0
    assert "0.1" in run_nexus("config", "show", "budgets.run_usd", "-C", str(tmp_path), env=env).out


def test_config_hides_the_password_in_an_address(env: dict[str, str]) -> None:
    done = run_nexus("config", "set", "models.base_url", "http://me:hunter2@box:8000/v1", env=env)
    shown = run_nexus("config", "show", "models", "--json", env=env)
    for text in (done.err, shown.out):
        assert "hunter2" not in text
        assert "***@box:8000/v1" in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_commands_and_flags(shell: str, env: dict[str, str]) -> None:
    script = run_nexus("completion", shell, env=env).out
    assert all(command in script for command in COMMANDS)
    assert "--time-limit" in script


def test_the_bash_completion_completes(env: dict[str, str]) -> None:
    script = run_nexus("completion", "bash", env=env).out
    ask = f'{script}\nCOMP_WORDS=(nexus ru); COMP_CWORD=1; _nexus; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, env=env, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("runs", "")
