"""A real `nexus serve`, and requests to it as anybody on this machine could send them."""

from __future__ import annotations

import http.client
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from tests.support.live import descendants
from tests.support.nexus import DEADLINE_S, start

WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "bmV4dXMgdGVybWluYWwhIQ==",
}


@dataclass(frozen=True)
class Reply:
    """What came back for one request."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def cookie(self) -> str:
        """The `name=value` that it sets; empty for none."""
        return self.headers.get("Set-Cookie", "").partition(";")[0]


class Serving:
    """The process, started on any free port, until the test ends."""

    def __init__(self, folder: Path, env: Mapping[str, str], args: Sequence[str] = ("--port", "0")) -> None:
        self.process = start(["serve", str(folder), *args], folder, env)
        self._alarm = threading.Timer(DEADLINE_S, self.process.kill)
        self._alarm.start()
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address, self.process.communicate()[1]
        self.port = urlsplit(self.address).port
        self.home = f"http://127.0.0.1:{self.port}"
        self.token = urlsplit(self.address).query

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._alarm.cancel()
        self.process.kill()
        self.process.communicate()

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """One request. Header names are written with `_` for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            response = connection.getresponse()
            return Reply(response.status, response.read().decode(), dict(response.getheaders()))
        finally:
            connection.close()

    @contextmanager
    def page(self, cookie: str) -> Iterator[None]:
        """An open websocket, as behind an open page. Nothing of it is read."""
        asks = {"Cookie": cookie, "Origin": self.home, "Host": f"127.0.0.1:{self.port}", **WEBSOCKET}
        lines = ["GET /ws?width=80&height=24 HTTP/1.1", *(f"{name}: {text}" for name, text in asks.items()), "", ""]
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE_S) as line:
            line.sendall("\r\n".join(lines).encode())
            assert b" 101 " in line.recv(65536)
            yield

    def enter(self) -> str:
        """Trade the token; returns the cookie."""
        reply = self.ask(f"/?{self.token}")
        assert reply.status == http.HTTPStatus.OK, reply.text
        return reply.cookie

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; the exit code, and everything that was said on stderr."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, said

    def viewers(self) -> dict[int, str]:
        return descendants(self.process.pid)
