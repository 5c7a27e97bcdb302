"""A Docker engine of a test's own, which may be killed: nobody else's containers are in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sandbox.image_builder import image_tag
from tests.support.live import eventually

RUNTIME = "second"
"""Another name for runc, registered as one would register gVisor's runsc."""


class PrivateEngine:
    """`dockerd` with its own socket, data and containerd. Needs root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.host = f"unix://{root}/docker.sock"
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    @staticmethod
    def can_be_had() -> bool:
        return os.geteuid() == 0 and all(map(shutil.which, ("dockerd", "containerd", "runc", "docker")))

    def start(self) -> None:
        """Start it, or start it again after it was killed."""
        root = self._root
        if "containerd" not in self._daemons:
            (root / "containerd.toml").write_text('version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
            places = ("--root", f"{root}/images", "--state", f"{root}/state", "--address", f"{root}/containerd.sock")
            self._start("containerd", "--config", f"{root}/containerd.toml", *places)
            eventually((root / "containerd.sock").exists)
        (root / "pid").unlink(missing_ok=True)  # a killed engine leaves it, and a new one takes it for another's
        self._start(
            *("dockerd", "--host", self.host, "--containerd", f"{root}/containerd.sock", "--pidfile", f"{root}/pid"),
            *("--data-root", f"{root}/data", "--exec-root", f"{root}/exec", "--bridge", "none", "--iptables=false"),
            *("--ip6tables=false", "--add-runtime", f"{RUNTIME}={shutil.which('runc')}"),
        )
        eventually(lambda: self._client("version").returncode == 0)

    def _start(self, program: str, *arguments: str) -> None:
        with (self._root / f"{program}.log").open("ab") as log:
            # Both in one mount namespace of their own: other tests look whether the host's mounts have changed.
            alone = ["unshare", "--mount", "--propagation", "private"]
            if first := self._daemons.get("containerd"):
                alone = ["nsenter", f"--mount=/proc/{first.pid}/ns/mnt"]
            self._daemons[program] = subprocess.Popen(
                [*alone, program, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def load(self, image: str) -> None:
        """Copy an image of the shared engine."""
        saved = subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE)
        assert saved.stdout is not None
        with saved.stdout as stream:
            loaded = subprocess.run(["docker", "--host", self.host, "load"], stdin=stream, capture_output=True)
        assert saved.wait() == 0 and loaded.returncode == 0, loaded.stderr

    def containers(self) -> list[str]:
        """Ids of all, running or not."""
        return self._client("ps", "--all", "--quiet").stdout.split()

    def runtimes(self) -> set[str]:
        """The runtimes of its containers."""
        shown = self._client("inspect", "--format", "{{.HostConfig.Runtime}}", *self.containers())
        return set(shown.stdout.split())

    def images(self) -> set[str]:
        """Names of all images; `<none>:<none>` for those that have none."""
        return set(self._client("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split())

    def make_image(self, name: str = "", label: str = "") -> None:
        """An image on top of the Python box; without a name it is what a newer build left."""
        label_line = f"LABEL {label}=1\n" if label else ""
        text = f"FROM {image_tag('python')}\n{label_line}ENV ONE={name or 'unnamed'}\n"
        tag = ("--tag", name) if name else ()
        built = subprocess.run(
            ["docker", "--host", self.host, "build", "--quiet", *tag, "-"], input=text, text=True, capture_output=True
        )
        assert built.returncode == 0, built.stderr

    @contextmanager
    def held(self, image: str) -> Iterator[None]:
        """Meanwhile there is a container of that image."""
        container = self._client("create", image, "true").stdout.strip()
        try:
            yield
        finally:
            self._client("rm", container)

    def kill(self) -> None:
        """End it at once, as the kernel does when memory runs out; the boxes live on without it."""
        self._daemons["dockerd"].kill()
        self._daemons["dockerd"].wait()

    def stop(self) -> None:
        """End it in good order, and leave nothing of it."""
        if self._daemons["dockerd"].poll() is not None:
            self.start()
        for container in self.containers():
            self._client("rm", "--force", container)
        for daemon in reversed(self._daemons.values()):
            daemon.terminate()
            daemon.wait()
        # A box that the engine was making when it was killed keeps its shim: nobody knows of it any more.
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if f"{self._root}/containerd.sock".encode() in (process / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)

    def _client(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["docker", "--host", self.host, *arguments], capture_output=True, text=True, check=False)
