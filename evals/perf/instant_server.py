"""An OpenAI-compatible server that answers at once, to measure what is ours and not the provider's."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

ANSWER = "ok"
_START_S = 30


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was ended in the middle of its request is no news."""


class InstantServer:
    """Use as a context manager; `first_request_at` is on the clock of `time.time`."""

    def __init__(self) -> None:
        self.first_request_at = 0.0
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self.base_url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def __enter__(self) -> InstantServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def in_own_process() -> Iterator[str]:
    """The address of a server that takes no turns of the interpreter which is measured."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        if not ours.poll(_START_S):
            raise RuntimeError("the local server did not start")
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(parent: Connection) -> None:
    with InstantServer() as server:
        parent.send(server.base_url)
        threading.Event().wait()


def _handler(server: InstantServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None: ...

        def do_POST(self) -> None:
            server.first_request_at = server.first_request_at or time.time()
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            body = _stream()
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _stream() -> bytes:
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "instant"}
    chunks = [
        {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": ANSWER}, "finish_reason": None}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {**head, "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}},
    ]
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"
