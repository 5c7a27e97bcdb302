"""A way to the Docker engine that can be cut: to the backend, the daemon has died."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from pathlib import Path

ENGINE = "/var/run/docker.sock"


def engine_is_here() -> bool:
    return Path(ENGINE).exists()


class SeverableEngine(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Passes the engine's socket on at `path`, until it is cut."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, path: Path) -> None:
        self.open: list[socket.socket] = []
        super().__init__(str(path), _Pass)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def cut(self) -> None:
        self.shutdown()
        self.server_close()
        for end in self.open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class _Pass(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, SeverableEngine)
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(ENGINE)
        self.server.open += [engine, self.request]
        back = threading.Thread(target=_pump, args=(engine, self.request), daemon=True)
        back.start()
        _pump(self.request, engine)
        back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
