"""What the host lays out for the attacks to find: services, a socket, files, a secret. Nobody may touch any of it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import tempfile
import threading
from pathlib import Path

_SECRET_NAME = "NEXUS_SECRET"  # noqa: S105 - the name of a variable
_ENGINE_ADDRESS = "172.17.0.1"
_PRIVATE = (".bashrc", ".bash_history", ".ssh", ".aws/credentials", ".netrc", ".docker/config.json", ".config/nexus")


class Bait:
    """Lies out from creation to `clear`. `touched` names what was reached from inside a box."""

    def __init__(self) -> None:
        self.token = f"nexus-token-{secrets.token_hex(8)}"
        self.secret = f"nexus-canary-{secrets.token_hex(16)}"
        self._folder = Path(tempfile.mkdtemp(prefix="nexus-attacks-"))
        self._folder.chmod(0o755)  # as readable as files of the host can be: only the box is to stand in the way
        self.files = (self._folder / "secret.txt", self._folder / ".env", self._folder / "id_ed25519")
        for path in self.files:
            path.write_text(f"{self.secret}\n")
            path.chmod(0o644)
        self._former = os.environ.get(_SECRET_NAME)
        os.environ[_SECRET_NAME] = self.secret
        self._visitors: list[str] = []
        self._servers = [socket.create_server(("127.0.0.1", 0))]
        self.port = int(self._servers[0].getsockname()[1])
        with contextlib.suppress(OSError):  # there is no such address without Docker
            self._servers.append(socket.create_server((_ENGINE_ADDRESS, self.port)))
        self.abstract = f"nexus-{secrets.token_hex(8)}"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"\0{self.abstract}")
        listener.listen()
        self._servers.append(listener)
        for server in self._servers:
            threading.Thread(target=self._wait_for_visitors, args=(server,), daemon=True).start()

    def _wait_for_visitors(self, server: socket.socket) -> None:
        while True:
            try:
                visitor, _ = server.accept()
            except OSError:
                return
            visitor.close()
            self._visitors.append(str(server.getsockname() if server.fileno() >= 0 else "a service"))

    @property
    def touched(self) -> list[str]:
        """Services that were reached since the last look."""
        found, self._visitors = self._visitors, []
        return [f"the host's service at {where} was reached" for where in found]

    def described(self) -> bytes:
        """bait.json for the programs: everything but the secret itself."""
        files = [*self.files, *(Path.home() / name for name in _PRIVATE), Path.cwd() / ".env", Path.cwd() / ".git"]
        # What a system package has installed below /usr can be seen in a box, and holds no secret.
        files += [path for path in (Path(__file__),) if not path.is_relative_to("/usr")]
        shown = {
            "token": self.token,
            "port": self.port,
            "abstract": self.abstract,
            "addresses": sorted(_own_addresses()),
            "files": [str(path) for path in files],
        }
        return json.dumps(shown).encode("ascii")

    def clear(self) -> None:
        for server in self._servers:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._former is None:
            os.environ.pop(_SECRET_NAME, None)
        else:
            os.environ[_SECRET_NAME] = self._former


def _own_addresses() -> set[str]:
    """The address this host has towards the outside, found without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return set()
        return {str(probe.getsockname()[0])}
