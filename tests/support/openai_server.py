"""A real HTTP server that speaks the OpenAI chat-completions protocol, for tests: scripted answers, planned faults.

In a test, in this process:

    with OpenAIServer(script) as server:
        settings.models.base_url = server.base_url        # http://127.0.0.1:PORT/v1
        ...
        assert server.billed == ["run/implementer.0/0"]   # idempotency keys, one per answer that cost money

As a process of its own (for `kill -9` tests of the client):

    python -m tests.support.openai_server --script script.json --port-file port [--api-key KEY]
    GET /_log   -> {"requests": [...], "billed": [...]}

Answers. `script` is a callable `(Call) -> str | Answer`, or a `Script` (see `tests.support.openai_script`), which is
what a JSON file holds. The phase, the step and the run are read from the `Idempotency-Key` header `<run>/<step>`.
`Call.ordinal` counts the distinct steps of a phase in a run, so a repeated step gets the same ordinal again.

Faults. `faults` is a `FaultPlan`: an exact schedule by request number, then a seeded share of all later requests.

Idempotency. A key that was answered to its end before is answered from memory and not billed again, as a provider
with idempotency keys does. A stream that was cut is not an answer.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.openai_script import Answer, Call, Fault, FaultPlan, Script

AnswerFunction = Callable[[Call], "str | Answer"]


@dataclass
class LoggedRequest:
    """One request to /chat/completions, in order of arrival."""

    number: int
    key: str
    phase: str
    step: str
    model: str
    stream: bool
    fault: str = ""
    from_memory: bool = False
    outcome: str = ""
    """`answered`, the status sent, or the fault's name."""
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)


class OpenAIServer:
    """Starts at construction on a free port; `close()` or a `with` block ends it."""

    def __init__(
        self,
        script: AnswerFunction | Script | str = "ok",
        *,
        faults: FaultPlan | None = None,
        api_key: str = "",
        delay_s: float = 0.0,
    ) -> None:
        """`api_key`: demand it as bearer token. `delay_s`: think this long before answering."""
        self.answer: AnswerFunction = _as_function(script)
        self.faults = faults or (script.faults if isinstance(script, Script) else FaultPlan())
        self.api_key = api_key
        self.delay_s = delay_s
        self.log: list[LoggedRequest] = []
        self.billed: list[str] = []
        self.closing = threading.Event()
        self._answers: dict[str, Answer] = {}
        self._steps: dict[tuple[str, str], list[str]] = {}
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self.port = int(self._http.server_address[1])
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def __enter__(self) -> OpenAIServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def requests(self) -> int:
        return len(self.log)

    def answered_twice(self) -> list[str]:
        """Idempotency keys that were billed more than once; must be empty."""
        return sorted({key for key in self.billed if self.billed.count(key) > 1})

    def report(self) -> dict[str, Any]:
        with self._lock:
            return {"requests": [asdict(entry) for entry in self.log], "billed": list(self.billed)}

    # --- used by the handler ---

    def begin(self, key: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[LoggedRequest, Fault | None]:
        run, _, step = key.partition("/")
        with self._lock:
            number = len(self.log)
            fault = self.faults.at(number)
            entry = LoggedRequest(
                number=number,
                key=key,
                phase=phase_of(step),
                step=step,
                model=str(body.get("model", "")),
                stream=bool(body.get("stream")),
                fault=fault.kind if fault else "",
                headers=headers,
                body=body,
            )
            self.log.append(entry)
            steps = self._steps.setdefault((run, entry.phase), [])
            if step not in steps:
                steps.append(step)
        return entry, fault

    def reply_to(self, entry: LoggedRequest) -> Answer:
        """The scripted answer, or the remembered one for a key that was answered before."""
        with self._lock:
            if entry.key and entry.key in self._answers:
                entry.from_memory = True
                return self._answers[entry.key]
            ordinal = self._steps[(entry.key.partition("/")[0], entry.phase)].index(entry.step)
        said = self.answer(Call(entry.phase, entry.step, entry.key.partition("/")[0], ordinal, entry.body))
        return said if isinstance(said, Answer) else Answer(said)

    def finish(self, entry: LoggedRequest, answer: Answer) -> None:
        """Bill a complete answer. Comes before its last bytes: a client that dies later was billed all the same."""
        with self._lock:
            entry.outcome = "answered"
            if not entry.from_memory:
                self.billed.append(entry.key)
                if entry.key:
                    self._answers[entry.key] = answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is an ordinary event here."""


def phase_of(step: str) -> str:
    """`implementer.1/0` belongs to phase `implementer`."""
    return step.partition("/")[0].partition(".")[0]


def _as_function(script: AnswerFunction | Script | str) -> AnswerFunction:
    if isinstance(script, str):
        return lambda _call: script
    return script.answer if isinstance(script, Script) else script


def _handler(server: OpenAIServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            if self.path == "/_log":
                self.send_json(200, server.report())
            elif self.path.rstrip("/").endswith("/models"):
                self.send_json(200, {"object": "list", "data": [{"id": "test-model", "object": "model"}]})
            else:
                self.send_json(404, {"error": {"message": f"no such path {self.path}"}})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
            headers = {name.lower(): value for name, value in self.headers.items()}
            entry, fault = server.begin(headers.get("idempotency-key", ""), headers, body)
            if server.api_key and headers.get("authorization") != f"Bearer {server.api_key}":
                entry.outcome = "401"
                return self.send_json(401, {"error": {"message": "Incorrect API key", "code": "invalid_api_key"}})
            if server.delay_s:
                server.closing.wait(server.delay_s)
            if fault is not None and self.fail(entry, fault):
                return None
            answer = server.reply_to(entry)
            if entry.stream:
                return self.stream(entry, answer, fault.kind if fault else "")
            server.finish(entry, answer)
            return self.send_json(200, whole(entry, answer, usage=fault is None or fault.kind != "no_usage"))

        def fail(self, entry: LoggedRequest, fault: Fault) -> bool:
            """Play a fault that replaces the answer; False when the answer must still be given."""
            entry.outcome = fault.kind
            if fault.kind == "status":
                entry.outcome = str(fault.code)
                self.send_body(fault.code, "application/json", json.dumps(fault.error()).encode(), fault.headers())
            elif fault.kind == "html":
                self.send_body(200, "text/html", b"<!DOCTYPE html><html><body>Gateway sign-in</body></html>")
            elif fault.kind == "garbage":
                kind = "text/event-stream" if entry.stream else "application/json"
                body = b'data: {"choices": [{"delta": \xff\xfe}\n\n' if entry.stream else b'{"choices": [{'
                self.send_body(200, kind, body)
            elif fault.kind == "hang":
                server.closing.wait(fault.seconds)
                self.close_connection = True
            elif fault.kind == "reset":
                self.reset()
            elif fault.kind == "no_stream_options":
                if "stream_options" not in entry.body:
                    return False
                self.send_json(400, {"error": {"message": "Unknown parameter: 'stream_options'", "code": "bad_param"}})
            else:
                return False
            return True

        def stream(self, entry: LoggedRequest, answer: Answer, fault: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            chunks = list(deltas(entry, answer))
            if fault in {"cut", "truncated"}:
                for chunk in chunks[: max(1, len(chunks) // 2)]:
                    self.send_chunk(chunk)
                entry.outcome = fault
                if fault == "cut":
                    return self.reset()
                self.wfile.write(b"0\r\n\r\n")
                return None
            for chunk in chunks:
                self.send_chunk(chunk)
                if answer.chunk_delay_s:
                    time.sleep(answer.chunk_delay_s)
            server.finish(entry, answer)
            wanted = (entry.body.get("stream_options") or {}).get("include_usage")
            if wanted and fault != "no_usage":
                self.send_chunk(frame(entry, [], usage=answer.usage(entry.body)))
            self.wfile.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
            return None

        def send_chunk(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

        def reset(self) -> None:
            """End the connection with a TCP reset, as a dying proxy does."""
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        def send_json(self, code: int, value: object) -> None:
            self.send_body(code, "application/json", json.dumps(value).encode())

        def send_body(self, code: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


def whole(entry: LoggedRequest, answer: Answer, *, usage: bool) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.text}
    value: dict[str, Any] = {
        "id": f"chatcmpl-{entry.number}",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": entry.model,
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
    }
    if usage:
        value["usage"] = answer.usage(entry.body)
    return value


def deltas(entry: LoggedRequest, answer: Answer) -> Iterator[bytes]:
    size = answer.chunk_size or max(1, -(-len(answer.text) // 16))
    for start in range(0, len(answer.text), size):
        delta = {"role": "assistant", "content": answer.text[start : start + size]}
        yield frame(entry, [{"index": 0, "delta": delta, "finish_reason": None}])
    yield frame(entry, [{"index": 0, "delta": {}, "finish_reason": answer.finish_reason}])


def frame(entry: LoggedRequest, choices: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> bytes:
    value: dict[str, Any] = {
        "id": f"chatcmpl-{entry.number}",
        "object": "chat.completion.chunk",
        "created": 1_790_000_000,
        "model": entry.model,
        "choices": choices,
    }
    if usage is not None:
        value["usage"] = usage
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server for tests.")
    parser.add_argument("--script", type=Path, help="JSON file, see tests/support/openai_script.py")
    parser.add_argument("--port-file", type=Path, required=True, help="the port is written here when ready")
    parser.add_argument("--api-key", default="")
    options = parser.parse_args()
    script = Script.read(options.script) if options.script else Script()
    with OpenAIServer(script, api_key=options.api_key) as server:
        # Renamed into place, so that a reader never sees half a number.
        part = options.port_file.with_suffix(".part")
        part.write_text(str(server.port))
        part.replace(options.port_file)
        threading.Event().wait()


if __name__ == "__main__":
    main()
