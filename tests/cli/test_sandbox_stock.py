"""`nexus sandbox build --project`, `status` and `prune`, from outside and as commands."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from app.commands import sandbox as command
from config.errors import UsageError
from sandbox import tools
from sandbox.toolchains.recipe import recipes
from tests.support.nexus import NEXUS, clean_env, run_nexus
from tests.support.wheels import pip_settings, write_wheel

_MACHINE_STORE = "/var/lib/nexus-sandbox"


@pytest.fixture
def env(nexus_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """No engine, a store of its own, and packages from a folder."""
    index = tmp_path / "index"
    index.mkdir()
    write_wheel(index, "needed")
    found = clean_env(nexus_home, DOCKER_HOST=f"unix://{tmp_path}/no.sock", **pip_settings(index))
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tools, "SHARED", tmp_path / "shared")
    monkeypatch.setattr("sandbox.tools._parent", lambda cache, readable: tools.shared_folder("tools"))
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "requirements.txt").write_text("needed\n")
    return folder


def stock(env: dict[str, str], capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    command.run(["status", "--json"], env)
    found = json.loads(capsys.readouterr().out)["stock"]
    assert isinstance(found, list)
    return found


def folder_of(name: str, age_s: int = 0) -> Path:
    """A finished folder in the store, as an earlier version of Nexus left it."""
    kind = tools.SHARED / name
    kind.mkdir(parents=True, exist_ok=True)
    kind.chmod(0o755)
    (kind / "complete").touch()
    if age_s:
        now = (kind / "complete").stat().st_mtime
        os.utime(kind / "complete", (now - age_s, now - age_s))
    return kind


def test_what_no_recipe_and_no_project_needs_is_listed_and_removed(
    env: dict[str, str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = [folder_of("toolchains/typescript-old"), folder_of("layers/python-cp311-x-old")]
    old.append(folder_of("tools/abandoned", age_s=8 * 24 * 3600))
    kept = [folder_of(f"toolchains/{recipes()[0].name}"), folder_of("tools/recent")]
    assert command.run(["prune", "--dry-run"], env) == 0
    said = capsys.readouterr().out
    assert "3 items, " in said and "would be removed" in said and all(path.name in said for path in old)
    assert all(path.exists() for path in old)
    assert command.run(["prune", "--json"], env) == 0
    gone = json.loads(capsys.readouterr().out)
    assert {one["place"] for one in gone["removed"]} == {str(path) for path in old} and not gone["dry_run"]
    assert not any(path.exists() for path in old) and all(path.exists() for path in kept)
    assert command.run(["prune"], env) == 0
    assert capsys.readouterr().out == "0 items, 0 MB, removed\n"


def test_the_table_of_what_is_kept_fits_80_columns(env: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    folder_of("toolchains/typescript-0123456789ab")
    folder_of("layers/python-cp311-x86_64-0123456789abcdef0123")
    folder_of("tools/recent")
    command.run(["status"], env)
    table = capsys.readouterr().out.partition("size  what")[2]
    assert "python-cp311-x86_64-0123456789abcdef0123" in table and "2 versions" in table
    assert "nexus sandbox prune" in table
    assert max(map(len, table.splitlines())) <= 80
    found = {item["kind"]: item for item in stock(env, capsys)}
    assert found["layer"].keys() == {"kind", "name", "size_mb", "purpose", "in_use", "place"}
    assert found["layer"]["purpose"] == "" and found["tools"]["purpose"] != ""


@pytest.mark.parametrize(
    "argv", [["status", "--project", "."], ["build", "--dry-run"], ["prune", "--backend", "docker"]]
)
def test_options_of_another_action_are_refused(env: dict[str, str], argv: list[str]) -> None:
    with pytest.raises(UsageError, match=f"`nexus sandbox {argv[0]}` has no {argv[1]}"):
        command.run(argv, env)


def test_a_project_that_names_nothing_is_told_what_is_read(env: dict[str, str], tmp_path: Path) -> None:
    done = run_nexus("sandbox", "build", "--project", str(tmp_path), env=env)
    assert done.code == 2 and "declares no dependencies" in done.err and "package-lock.json" in done.err
    (tmp_path / "app.csproj").write_text("<Project/>")
    done = run_nexus("sandbox", "build", "--project", str(tmp_path), "--language", "dotnet", env=env)
    assert done.code == 2 and "NuGet" in done.err
    done = run_nexus("sandbox", "build", "--project", str(tmp_path / "gone"), env=env)
    assert done.code == 2 and "is not a folder" in done.err


def test_an_interrupted_build_leaves_nothing(env: dict[str, str], project: Path, tmp_path: Path) -> None:
    """The package index answers nothing, so that pip waits when the interrupt comes."""
    store = tmp_path / "store"
    store.mkdir()
    command_line = [*NEXUS, "sandbox", "build", "--project", str(project)]
    if os.geteuid() == 0:  # in a mount namespace of its own, in which the machine's store is this one
        mount = f'mkdir -p {_MACHINE_STORE} && mount --bind "$0" {_MACHINE_STORE} && exec "$@"'
        command_line = ["unshare", "--mount", "sh", "-c", mount, str(store), *command_line]
    with socket.create_server(("127.0.0.1", 0)) as index:
        index.settimeout(100)
        port = index.getsockname()[1]
        here = {**env, "PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple"}
        here.pop("PIP_NO_INDEX")
        here.pop("PIP_FIND_LINKS")
        with subprocess.Popen(command_line, env=here, stderr=subprocess.PIPE, text=True) as nexus:
            asked, _ = index.accept()
            with asked:
                nexus.send_signal(signal.SIGINT)
                assert nexus.stderr is not None
                said = nexus.stderr.read()
        assert nexus.returncode == 130 and "Traceback" not in said
    assert [path.name for path in tmp_path.rglob(".new-*")] == []
    assert not list(tmp_path.rglob("layers/*/"))
