"""A real OpenSSH server on the loopback interface, with keys of its own that open nothing else."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pytest

from tests.support.live import descendants, eventually
from tests.support.nexus import DEADLINE_S

_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
SSHD = shutil.which("sshd", path=_PATH)

needs_sshd = pytest.mark.skipif(
    SSHD is None or shutil.which("ssh") is None,
    reason="NOT TESTED: OpenSSH is missing (apt install openssh-server openssh-client)",
)

_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {place}/host_key
AuthorizedKeysFile {place}/client_key.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"""


class Sshd:
    """The server, until the test ends."""

    def __init__(self, place: Path) -> None:
        assert SSHD is not None
        self._place = place
        place.mkdir(mode=0o700)
        for name in ("host_key", "client_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / name], check=True)
        if os.getuid() == 0:  # what the package's service makes at boot
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        config = place / "sshd_config"
        config.write_text(_CONFIG.format(port=self.port, place=place))
        with (place / "sshd.log").open("wb") as log:
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=log, start_new_session=True)
        eventually(self._answers)

    def __enter__(self) -> Sshd:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.drop()
        self.process.kill()
        self.process.wait(DEADLINE_S)

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self._place / "sshd.log").read_text()
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def command(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> list[str]:
        """What runs a command over there, on a terminal that is as large as the one this is run in."""
        settings = [f"{name}={text}" for name, text in env.items()]
        there = f"cd {shlex.quote(str(cwd))} && exec {shlex.join(['env', *settings, *argv])}"
        here = ["ssh", "-tt", "-q", "-F", "none", "-p", str(self.port), "-i", str(self._place / "client_key")]
        trust = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self._place / 'known_hosts'}"]
        return [*here, *trust, "-o", "IdentitiesOnly=yes", f"{getpass.getuser()}@127.0.0.1", there]

    def drop(self) -> None:
        """End every connection at once, as a network does that is gone for too long."""
        for pid, name in descendants(self.process.pid).items():
            if name.startswith("sshd"):
                os.kill(pid, signal.SIGKILL)
