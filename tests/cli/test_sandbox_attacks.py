"""`nexus sandbox test` from outside: what it says where nothing works, and that it can be interrupted at any time."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from app.attack_report import attack
from app.commands import sandbox as command
from sandbox.attacks import suite
from sandbox.attacks.arena import Arena
from sandbox.attacks.model import Attack, Escaped, NotApplicable
from tests.support.nexus import clean_env, run_nexus, start


def test_without_any_sandbox_it_says_so_and_exits_with_5(nexus_home: Path, tmp_path: Path) -> None:
    bare = {"NEXUS_HOME": str(nexus_home), "PATH": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/no.sock"}
    for named in ([], ["--backend", "docker"], ["--backend", "bubblewrap", "--json"]):
        done = run_nexus("sandbox", "test", *named, env=bare)
        assert done.code == 5 and "Traceback" not in done.err


async def _held(arena: Arena) -> None:
    return


async def _escaped(arena: Arena) -> None:
    raise Escaped("it got out")


async def _not_here(arena: Arena) -> None:
    raise NotApplicable("There is no such thing.")


@pytest.mark.parametrize("as_json", [False, True])
def test_the_table_tells_what_held_what_escaped_and_what_could_not_be_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], nexus_home: Path, as_json: bool
) -> None:
    attacks = tuple(
        Attack(number, name, "kernel", "try it", "refused", way)
        for number, (name, way) in enumerate({"one": _held, "two": _escaped, "three": _not_here}.items(), 1)
    )
    monkeypatch.setattr("app.attack_report.ATTACKS", attacks)
    monkeypatch.setattr(suite.try_all, "__defaults__", (attacks,))
    code = attack("bubblewrap", clean_env(nexus_home), as_json=as_json)
    out, err = capsys.readouterr()
    assert code == 5
    assert "bubblewrap 2/3 two: ESCAPED" in err
    if as_json:
        report = json.loads(out)
        assert [one["outcome"] for one in report["attacks"]] == ["held", "ESCAPED", "not applicable"]
        assert (report["ok"], report["exit_code"], report["not_here"]) == (False, 5, {})
    else:
        assert "it got out" in out and "There is no such thing." in out and "try it → refused" in out
        assert "bubblewrap: 3 attacks, 1 held, 1 escaped, 1 not applicable" in out


def test_it_can_be_interrupted_and_leaves_no_bait(nexus_home: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {**clean_env(nexus_home), "TMPDIR": str(scratch)}
    process = start(["sandbox", "test", "--backend", "bubblewrap"], None, env)
    assert process.stderr is not None
    assert "tcp_internet: held" in process.stderr.readline()
    assert [path.name[:14] for path in scratch.iterdir()] == ["nexus-attacks-"]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert list(scratch.iterdir()) == []


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.run(["--help"], {})
    assert "something escaped" in capsys.readouterr().out
