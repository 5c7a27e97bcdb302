"""Layers: fetched once by the real installers, read by real boxes, and never half there."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config.errors import SandboxUnavailable, UsageError
from config.settings import SandboxSettings
from core.project_packages import build_layers, find_packages
from core.sandbox_runner import SandboxRunner
from sandbox import inventory, tools
from sandbox.build_step import run_step
from sandbox.folder_store import FolderStore
from sandbox.layers import store
from sandbox.layers.declared import declared
from sandbox.model import BoxFile, BoxRequest, Limits
from tests.support.live import eventually
from tests.support.wheels import pip_settings, write_sdist, write_wheel

PYTHON = (sys.version_info[0], sys.version_info[1])
SETTINGS = SandboxSettings(memory_mb=256, disk_mb=32)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip finds wheels. What is built here lies in a folder of its own, readable for boxes."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in pip_settings(folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tools, "SHARED", tmp_path / "shared")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def build(project: Path, cache: Path, said: list[str] | None = None) -> Path:
    found = declared(project, "python")
    assert found is not None
    heard = said.append if said is not None else lambda _: None
    return asyncio.run(store.make(found, PYTHON, project, "", cache, heard))


def left_overs(tmp_path: Path) -> list[str]:
    return [str(path) for path in tmp_path.rglob(".new-*")]


@pytest.fixture
def open_index(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An index, with layers kept where the user of boxes can read them."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for variable, value in pip_settings(folder).items():
            monkeypatch.setenv(variable, value)
        (folder / "shared").mkdir(mode=0o755)
        (folder / "shared/toolchains").symlink_to(tools.SHARED / "toolchains")
        monkeypatch.setattr(tools, "SHARED", folder / "shared")
        yield folder


@pytest.mark.parametrize("backend", ["bubblewrap", "docker"])
def test_a_run_imports_from_the_layer_of_its_project(
    open_index: Path, project: Path, tmp_path: Path, backend: str
) -> None:
    write_wheel(open_index, "needed", "2.5", requires="deeper>=1")
    write_wheel(open_index, "deeper", "1.1")
    (project / "requirements.txt").write_text("needed>=2\n")
    cache = open_index / "cache"
    settings = SETTINGS.model_copy(update={"backend": backend})
    code = b"import needed, deeper, sys\nprint(needed.VERSION, deeper.VERSION, needed.__file__)\n"

    async def work() -> tuple[str, str, str]:
        runner = SandboxRunner(settings, cache)
        await runner.start()
        try:
            before = await find_packages(project, settings, runner, cache)
            await build_layers(project, settings, runner, cache, lambda _: None)
            after = await find_packages(project, settings, runner, cache)
            request = BoxRequest("script", (BoxFile("main.py", code),), extra_site=after.folder)
            return before.text, after.notice, (await runner.run(request)).stdout
        finally:
            await runner.close()

    try:
        before, after, printed = asyncio.run(work())
    except SandboxUnavailable as missing:
        pytest.skip(f"{backend}: {missing}")
    assert f"nexus sandbox build --project {project}" in before and "requirements.txt" in before
    assert "come from the layer python-cp3" in after
    assert printed == "2.5 1.1 /opt/nexus/site/needed.py\n"


def test_another_lock_is_another_layer_and_a_virtual_environment_fills_the_gap(
    index: Path, project: Path, tmp_path: Path
) -> None:
    write_wheel(index, "needed", "1")
    (project / "requirements.txt").write_text("needed\n")
    build(project, tmp_path / "cache")
    (project / "requirements.txt").write_text("needed<3\n")
    packages = project / ".venv/lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    (project / ".venv/pyvenv.cfg").touch()
    found = asyncio.run(
        find_packages(project, SETTINGS, SandboxRunner(SETTINGS, tmp_path / "cache"), tmp_path / "cache")
    )
    assert found.folder == str(packages) and found.level == "info"
    assert f"virtual environment {packages} is used" in found.notice
    (project / "requirements.txt").write_text("needed <\n")
    broken = asyncio.run(
        find_packages(project, SETTINGS, SandboxRunner(SETTINGS, tmp_path / "cache"), tmp_path / "cache")
    )
    assert "requirements.txt:1" in broken.notice and broken.folder == str(packages)


def test_source_is_never_built(index: Path, project: Path, tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    write_sdist(index, "onlysource", mark)
    (project / "requirements.txt").write_text("onlysource\n--no-binary :all:\n")
    with pytest.raises(UsageError, match="no wheel of onlysource") as caught:
        build(project, tmp_path / "cache")
    assert "only as source" in caught.value.message and not mark.exists()
    assert left_overs(tmp_path) == []


def test_contradictions_and_wrong_hashes_are_the_projects_fault(index: Path, project: Path, tmp_path: Path) -> None:
    write_wheel(index, "needed", "1")
    (project / "requirements.txt").write_text("needed<2\n-c pins.txt\n")
    (project / "pins.txt").write_text("needed>=2\n")
    with pytest.raises(UsageError, match=r"contradict|no wheel"):
        build(project, tmp_path / "cache")
    (project / "requirements.txt").write_text(f"needed==1 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(UsageError, match="whose hash"):
        build(project, tmp_path / "cache")
    assert left_overs(tmp_path) == []


def test_without_network_it_says_so(
    index: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "1")
    (project / "requirements.txt").write_text("needed\n")
    with pytest.raises(SandboxUnavailable, match="index cannot be reached"):
        build(project, tmp_path / "cache")


def test_of_two_builds_at_once_one_does_the_work(index: Path, project: Path, tmp_path: Path) -> None:
    cache, made, entered = tmp_path / "cache", [], asyncio.Event()
    said: list[str] = []

    async def slow(folder: Path) -> None:
        made.append(folder)
        entered.set()
        while not said:  # until the other one waits
            await asyncio.sleep(0.01)

    async def both() -> list[Path]:
        first = asyncio.create_task(FolderStore("layers", cache).make("one", slow, lambda _: None))
        await entered.wait()
        second = asyncio.create_task(FolderStore("layers", cache).make("one", slow, said.append))
        return await asyncio.gather(first, second)

    folders = asyncio.run(asyncio.wait_for(both(), 30))
    assert folders[0] == folders[1] and len(made) == 1
    assert said == ["Another build is under way; waiting for it ..."]


def test_a_cancelled_build_leaves_nothing_and_the_next_one_works(index: Path, tmp_path: Path) -> None:
    layers, entered = FolderStore("layers", tmp_path / "cache"), asyncio.Event()

    async def never(folder: Path) -> None:
        (folder / "part").write_text("x")
        entered.set()
        await asyncio.Event().wait()

    async def cancel() -> None:
        task = asyncio.create_task(layers.make("one", never, lambda _: None))
        await entered.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancel())
    assert left_overs(tmp_path) == [] and layers.find("one") is None

    async def good(folder: Path) -> None:
        (folder / "whole").write_text("x")

    killed = next(parent for parent in layers.parents if parent.exists()) / ".new-killed"
    killed.mkdir()
    folder = asyncio.run(layers.make("one", good, lambda _: None))
    assert (folder / "whole").is_file() and left_overs(tmp_path) == []


def test_what_a_cancelled_step_had_started_ends_with_it() -> None:
    started: list[int] = []

    async def work() -> None:
        running = asyncio.Event()

        def heard(line: str) -> None:
            started.append(int(line))
            running.set()

        # The shell goes when it is asked to; what it started does not, and must.
        script = "(trap '' TERM; while :; do sleep 1000; done) & echo $!; wait"
        step = asyncio.create_task(run_step(heard, "sh", "-c", script))
        async with asyncio.timeout(30):
            await running.wait()
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)

    asyncio.run(work())
    eventually(lambda: _is_gone(started[0]))


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_full_disk_is_said_with_what_frees_some(index: Path, tmp_path: Path) -> None:
    async def overflow(folder: Path) -> None:
        with Path("/dev/full").open("w") as file:
            file.write("x")

    with pytest.raises(SandboxUnavailable, match="disk is full") as caught:
        asyncio.run(FolderStore("layers", tmp_path / "cache").make("one", overflow, lambda _: None))
    assert "nexus sandbox prune" in caught.value.remedy
    assert left_overs(tmp_path) == []


def test_old_layers_go_and_those_of_a_project_and_those_in_use_stay(
    open_index: Path, project: Path, tmp_path: Path
) -> None:
    cache = open_index / "cache"
    write_wheel(open_index, "needed", "1")
    made = []
    for line in ("needed", "needed<9", "needed<8"):
        (project / "requirements.txt").write_text(line)
        made.append(build(project, cache))
    used, old, current = made
    code = b"import needed, sys\nprint(1, flush=True)\nsys.stdin.read()\nimport time\ntime.sleep(60)\n"

    async def states() -> dict[str, tuple[bool, bool]]:
        items = await inventory.inventory(cache)
        return {item.place: (item.is_waste, item.in_use) for item in items if item.kind == "layer"}

    async def work() -> tuple[dict[str, tuple[bool, bool]], bool]:
        settings = SETTINGS.model_copy(update={"backend": "bubblewrap"})
        runner = SandboxRunner(settings, cache)
        await runner.start()
        running = asyncio.Event()
        request = BoxRequest(
            "script", (BoxFile("main.py", code),), extra_site=str(used / "packages"), limits=Limits(timeout_s=60)
        )
        box = asyncio.create_task(runner.run(request, on_output=lambda _: running.set()))
        async with asyncio.timeout(30):
            await running.wait()
        seen = await states()
        items = {item.place: item for item in await inventory.inventory(cache)}
        refused = await inventory.remove(items[str(used)], cache)
        assert await inventory.remove(items[str(old)], cache)
        box.cancel()
        await asyncio.gather(box, return_exceptions=True)
        await runner.close()
        return seen, refused

    seen, refused = asyncio.run(work())
    assert seen == {str(used): (False, True), str(old): (True, False), str(current): (False, False)}
    assert not refused and used.exists() and current.exists() and not old.exists()
    assert asyncio.run(states())[str(used)] == (True, False)


# --- Node ---


def tarball(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


@contextmanager
def registry(content: bytes) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def node_project(project: Path, url: str, content: bytes) -> None:
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    wants = {"name": "app", "version": "1.0.0", "devDependencies": {"thing": "1.0.0"}}
    package = {"version": "1.0.0", "resolved": f"{url}/thing.tgz", "integrity": integrity, "dev": True}
    package["hasInstallScript"] = True
    lock = {"name": "app", "version": "1.0.0", "lockfileVersion": 3}
    (project / "package.json").write_text(json.dumps({**wants, "scripts": {"preinstall": "touch owned"}}))
    (project / "package-lock.json").write_text(
        json.dumps({**lock, "packages": {"": wants, "node_modules/thing": package}})
    )


def test_packages_of_node_come_without_their_scripts(
    index: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_ENV", "production")  # the packages of tests are needed all the same
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    mark = tmp_path / "owned"
    manifest = {"name": "thing", "version": "1.0.0", "scripts": {"postinstall": f"touch {mark}"}}
    content = tarball({"package.json": json.dumps(manifest), "index.js": "module.exports = 7\n"})
    (project / ".npmrc").write_text("ignore-scripts=false\n")
    with registry(content) as url:
        node_project(project, url, content)
        found = declared(project, "typescript")
        assert found is not None
        folder = asyncio.run(store.make(found, (0, 0), project, "", tmp_path / "cache", lambda _: None))
    packages = store.find(found, (0, 0), tmp_path / "cache")
    assert packages == folder / "packages"
    assert (folder / "packages/node_modules/thing/index.js").is_file()
    assert not mark.exists() and not (project / "node_modules").exists()


@pytest.mark.parametrize("backend", ["bubblewrap", "docker"])
def test_a_typescript_run_imports_from_the_layer_of_its_project(
    open_index: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    there = tools.SHARED.parent
    content = tarball(
        {
            "package.json": json.dumps({"name": "thing", "version": "1.0.0", "main": "index.js"}),
            "index.d.ts": "export declare const seven: number;\n",
            "index.js": "module.exports.seven = require('deeper').six + 1\n",
            "node_modules/deeper/index.js": "module.exports.six = 6\n",
        }
    )
    settings = SETTINGS.model_copy(update={"backend": backend, "memory_mb": 1024})
    code = b"import { seven } from 'thing';\nconsole.log(seven);\n"

    async def work() -> str:
        runner = SandboxRunner(settings, there / "cache")
        await runner.start()
        try:
            with registry(content) as url:
                node_project(project, url, content)
                await build_layers(project, settings, runner, there / "cache", lambda _: None, ("typescript",))
            found = await find_packages(project, settings, runner, there / "cache", "typescript")
            request = BoxRequest(
                "script", (BoxFile("main.mts", code),), entry="main.mts", extra_site=found.folder, language="typescript"
            )
            outcome = await runner.run(request)
            return outcome.stdout or f"{outcome.reason} {outcome.stderr}"
        finally:
            await runner.close()

    try:
        printed = asyncio.run(work())
    except SandboxUnavailable as missing:
        pytest.skip(f"{backend}: {missing}")
    assert printed == "7\n"


def test_a_node_package_that_was_tampered_with_is_refused(
    index: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    content = tarball({"package.json": json.dumps({"name": "thing", "version": "1.0.0"})})
    with registry(content) as url:
        node_project(project, url, content + b"x")
        found = declared(project, "typescript")
        assert found is not None
        with pytest.raises(UsageError, match="whose hash"):
            asyncio.run(store.make(found, (0, 0), project, "", tmp_path / "cache", lambda _: None))
    assert left_overs(tmp_path) == []
