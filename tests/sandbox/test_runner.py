"""Choosing a backend, refusing one that does not confine, and leaving nothing behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from config.errors import SandboxUnavailable, UsageError
from config.settings import SandboxSettings
from core.code_executor import MAX_TREE_BYTES, CodeExecutor, read_tree
from core.sandbox_runner import SandboxRunner
from sandbox import cgroups, owner
from sandbox.attacks.severed import SeverableEngine
from sandbox.bubblewrap import Bubblewrap
from sandbox.docker_backend import DockerBackend
from sandbox.docker_box import LABEL, OWNER_LABEL, BoxSpec
from sandbox.image_builder import image_tag
from sandbox.model import BoxFile, BoxRequest, Limits
from sandbox.readable import readable_by
from sandbox.self_test import find_escapes
from tests.support.boxes import LIMITS, Boxes


def test_code_and_tests_run_through_the_executor(tmp_path: Path) -> None:
    async def work() -> tuple[str, ...]:
        runner = SandboxRunner(SandboxSettings(memory_mb=256, disk_mb=32), tmp_path / "cache")
        await runner.start()
        executor = CodeExecutor(runner)
        try:
            script = await executor.execute_python("print(6 * 7)")
            good = await executor.execute_python(
                "def f(): return 1", "from solution import f\ndef test_f(): assert f() == 1\n"
            )
            slow = await executor.execute_python("while True: pass", timeout_s=0.3)
            environment = await executor.python_environment()
            assert environment is await executor.python_environment()
            assert script.backend == runner.backend_name and script.stdout == "42\n"
            return script.verdict, good.verdict, slow.verdict
        finally:
            await runner.close()

    assert asyncio.run(work()) == ("passed", "passed", "timeout")


def test_a_work_tree_runs_with_its_protected_files(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    for name, text in {
        "pkg/__init__.py": "def f(): return 1\n",
        "tests/test_pkg.py": "def test_weakened(): pass\n",
        "conftest.py": "raise SystemExit(0)\n",
        ".git/config": "secret\n",
        "node_modules/x/test_x.py": "def test_x(): assert False\n",
        "env/pyvenv.cfg": "",
        "env/test_env.py": "def test_env(): assert False\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "link.py").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe")
    assert [file.path for file in read_tree(root)] == ["conftest.py", "pkg/__init__.py", "tests/test_pkg.py"]
    tests = b"from pkg import f\ndef test_f(): assert f() == 2\n"

    async def work() -> tuple[str, list[str]]:
        runner = SandboxRunner(SandboxSettings(), tmp_path / "cache")
        await runner.start()
        try:
            outcome = await CodeExecutor(runner).execute_project(root, pristine={"tests/test_pkg.py": tests})
            return outcome.verdict, [row.test for row in outcome.tests]
        finally:
            await runner.close()

    assert asyncio.run(work()) == ("failed", ["tests/test_pkg.py::test_f"])


def test_a_tree_that_is_too_large_is_refused_in_words(tmp_path: Path) -> None:
    with (tmp_path / "big.bin").open("wb") as file:
        file.truncate(MAX_TREE_BYTES + 1)
    with pytest.raises(UsageError, match="100 MB"):
        read_tree(tmp_path)


def test_a_named_backend_that_is_missing_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    runner = SandboxRunner(SandboxSettings(backend="docker"), tmp_path / "cache")
    with pytest.raises(SandboxUnavailable) as caught:
        asyncio.run(runner.start())
    assert caught.value.exit_code == 5 and caught.value.remedy


def test_with_no_backend_at_all_the_one_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    monkeypatch.setenv("PATH", str(tmp_path))
    runner = SandboxRunner(SandboxSettings(), tmp_path / "cache")
    with pytest.raises(SandboxUnavailable, match="apt-get install -y bubblewrap"):
        asyncio.run(runner.start())
    statuses = asyncio.run(runner.status())
    assert [status.usable for status in statuses] == [False, False]


def test_a_missing_image_is_said_with_its_command(tmp_path: Path, boxes: Boxes) -> None:
    if boxes.backend.name != "docker":
        pytest.skip("an image is Docker's business")
    backend = DockerBackend(tmp_path / "cache", image="nexus-sandbox-python:none")
    with pytest.raises(SandboxUnavailable, match="nexus sandbox build"):
        asyncio.run(backend.start())


class Leaky(Bubblewrap):
    """A box with a hole: the whole host can be read in it."""

    def _arguments(self, limits: Limits, site: str, toolchain: str, seccomp_fd: int, info_fd: int) -> list[str]:
        arguments = super()._arguments(limits, site, toolchain, seccomp_fd, info_fd)
        cut = arguments.index("--remount-ro")
        return [*arguments[:cut], "--ro-bind", str(self._cache), str(self._cache), *arguments[cut:]]


def test_the_self_test_accepts_a_box_that_confines_and_keeps_the_proof(boxes: Boxes, tmp_path: Path) -> None:
    assert boxes.wait(find_escapes(boxes.backend, tmp_path)) == ()
    assert len(list((tmp_path / "sandbox-proofs").iterdir())) == 1
    assert not list(tmp_path.glob("bait-*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="the bait must lie where the box's user may read it")
def test_the_self_test_refuses_a_box_with_a_hole(box: Boxes) -> None:
    if box.backend.name != "bubblewrap":
        pytest.skip("the hole is made in a bubblewrap box")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        cache = Path(folder) / "cache"
        cache.mkdir()
        Path(folder).chmod(0o755)
        leaky = Leaky(cache)
        asyncio.run(leaky.start())
        assert asyncio.run(find_escapes(leaky, cache)) == ("read a file of the host",)
        assert not (cache / "sandbox-proofs").exists()


def test_containers_of_dead_processes_are_swept_and_others_left(boxes: Boxes, tmp_path: Path) -> None:
    if boxes.backend.name != "docker":
        pytest.skip("containers are Docker's business")
    import docker

    api = docker.APIClient(version="auto")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine = owner.own_mark()
    host, boot, _, start = mine.split(" ")
    marks = {"dead": f"{host} {boot} {dead.pid} 1", "foreign": f"elsewhere {boot} {dead.pid} {start}", "mine": mine}
    made = {
        name: api.create_container(image_tag("python"), ["true"], labels={LABEL: "1", OWNER_LABEL: mark})["Id"]
        for name, mark in marks.items()
    }
    try:
        asyncio.run(_start_and_close(DockerBackend(tmp_path / "cache")))
        left = {container["Id"] for container in api.containers(all=True, filters={"label": f"{LABEL}=1"})}
        assert {name for name, ident in made.items() if ident in left} == {"foreign", "mine"}
    finally:
        for ident in made.values():
            if ident in {container["Id"] for container in api.containers(all=True)}:
                api.remove_container(ident, force=True)


def test_a_closed_docker_backend_leaves_no_container(boxes: Boxes, tmp_path: Path) -> None:
    if boxes.backend.name != "docker":
        pytest.skip("containers are Docker's business")
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom sandbox.docker_backend import DockerBackend\n"
        "from sandbox.model import *\n"
        "async def main():\n"
        "    backend = DockerBackend(Path(sys.argv[1]), warm_limits=Limits())\n"
        "    await backend.start()\n"
        "    await backend.run(BoxRequest('script', (BoxFile('main.py', b''),)))\n"
        "    await backend.close()\n"
        "    print(len([c for c in __import__('docker').APIClient(version='auto').containers(all=True)\n"
        "        if __import__('sandbox.owner').owner.own_mark() in (c['Labels'] or {}).values()]))\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "0"


async def _start_and_close(backend: DockerBackend) -> None:
    await backend.start()
    await backend.close()


def test_boxes_of_one_container_shape_are_interchangeable() -> None:
    first, second = Limits(timeout_s=1, output_kb=1), Limits(timeout_s=2, output_kb=2)
    assert BoxSpec.of("python", first, "") == BoxSpec.of("python", second, "")
    assert BoxSpec.of("python", first, "") != BoxSpec.of("python", Limits(memory_mb=1), "")


@pytest.mark.parametrize("moment", ["before the run", "during the run"])
def test_a_lost_daemon_is_the_sandboxs_fault_not_the_codes(
    tmp_path: Path, boxes: Boxes, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    if boxes.backend.name != "docker":
        pytest.skip("a daemon is Docker's business")
    forward = SeverableEngine(tmp_path / "docker.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    backend = DockerBackend(tmp_path / "cache")
    code = b"import time\nprint(1, flush=True)\ntime.sleep(10)\n"
    cutting = asyncio.Event()

    async def work() -> str:
        await backend.start()
        if moment == "before the run":
            forward.cut()
        request = BoxRequest("script", (BoxFile("main.py", code),), limits=LIMITS)
        running = asyncio.create_task(backend.run(request, on_output=lambda _: cutting.set()))
        if moment == "during the run":
            async with asyncio.timeout(20):
                await cutting.wait()
            await asyncio.to_thread(forward.cut)
        outcome, _ = await running
        await backend.close()
        return outcome.verdict

    assert asyncio.run(work()) == "infra_error"
    asyncio.run(_remove_own())


async def _remove_own() -> None:
    """The cut-off backend could not; the sweep of a later process would."""
    import docker

    api = docker.APIClient(version="auto")
    for container in api.containers(
        all=True, filters={"label": f"{OWNER_LABEL}={owner.own_mark()}", "status": "exited"}
    ):
        api.remove_container(container["Id"], force=True)


def test_a_control_group_of_the_second_version_gets_every_limit(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    for folder in (tmp_path, tmp_path / cgroups.PARENT):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.procs").touch()
        (folder / "cgroup.subtree_control").write_text("cpu memory pids")
    group = cgroups.create(Limits(memory_mb=64, pids=9, cpus=0.5), tmp_path)
    assert group is not None and group.version == 2
    (folder,) = group.folders
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert written == {
        "memory.max": str(64 << 20),
        "memory.swap.max": "0",
        "pids.max": "9",
        "cpu.max": "50000 100000",
    }
    (folder / "memory.events").write_text("low 0\noom 2\noom_kill 1\n")
    (folder / "memory.peak").write_text(str(3 << 20))
    assert group.out_of_memory() and group.peak_kb() == 3072


def test_controllers_that_the_system_did_not_hand_down_yet_are_asked_for_at_once(tmp_path: Path) -> None:
    """As below systemd, which gives its own groups memory and processes, but CPU only when a unit wants it."""
    for folder, handed_down in ((tmp_path, "memory pids"), (tmp_path / cgroups.PARENT, "")):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpu memory pids")
        (folder / "cgroup.procs").touch()
        (folder / "cgroup.subtree_control").write_text(handed_down)
    assert cgroups.create(Limits(), tmp_path) is not None
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpu"
    assert (tmp_path / cgroups.PARENT / "cgroup.subtree_control").read_text() == "+cpu +memory +pids"


def test_where_no_control_group_may_be_made_there_is_none(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    assert cgroups.create(Limits(), in_the_way) is None


def test_reading_is_judged_for_another_user(tmp_path: Path) -> None:
    assert readable_by(os.geteuid(), tmp_path)
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "file").touch(mode=0o644)
    assert not readable_by(os.geteuid() + 12345, private / "file")
    assert not readable_by(os.geteuid(), tmp_path / "missing")


def test_files_and_folders_of_one_name_are_refused(box: Boxes) -> None:
    with pytest.raises(UsageError, match="both a file and a folder"):
        box.run(BoxRequest("script", (BoxFile("a", b""), BoxFile("a/b", b"")), limits=LIMITS))


def test_tested_code_starts_inside_the_control_group_however_late_the_box_gets_there(
    boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if boxes.backend.name != "bubblewrap" or not cgroups.available():
        pytest.skip("a control group of our own is bubblewrap's business")
    add, folders = cgroups.Group.add, []

    def late(self: cgroups.Group, pid: int) -> None:
        # Only when the supervisor has loaded what it needs, and waits.
        process = Path(f"/proc/{pid}")
        while (
            b"nexus_harness" not in (process / "cmdline").read_bytes() or ") S " not in (process / "stat").read_text()
        ):
            time.sleep(0.005)
        folders.extend(self.folders)
        add(self, pid)

    monkeypatch.setattr(cgroups.Group, "add", late)
    outcome = boxes.script("print(open('/proc/self/cgroup').read())")
    assert folders and outcome.stdout.count(cgroups.PARENT) == len(folders), outcome
