"""The authenticated line protocol: tested code can print anything, but cannot make a valid frame.

A frame is `<mac> <json>\\n` where json is `[seq, kind, fields]` and mac is HMAC-SHA256 (RFC 2104) over json, cut to
its first half: every language that reports has that. The key is made on the host for one run and lives in the
supervisor's memory, which tested code cannot read.
"""

from __future__ import annotations

import binascii
import os

from . import compact_json

# Not `hashlib`, which loads OpenSSL: 3 ms in every box.
try:
    from _sha2 import sha256  # type: ignore[import-not-found]
except ImportError:  # before Python 3.12
    from _sha256 import sha256  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_BYTES = 32
_MAC_HEX = 32
_BLOCK_BYTES = 64


class Tampered(Exception):
    """The stream holds something the harness did not write."""


class Frame:
    """One message. A plain class: the modules for better ones cost every box 10 ms."""

    __slots__ = ("fields", "kind")

    def __init__(self, kind: str, fields: dict[str, object]) -> None:
        self.kind = kind
        self.fields = fields


class _Mac:
    """The key absorbed into two hash states: its bytes are nowhere in the interpreter's object graph."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def of(self, body: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(body)
        outer.update(inner.digest())
        return binascii.b2a_hex(outer.digest())[:_MAC_HEX]


class FrameWriter:
    """Writes frames to one file descriptor, numbered from 0."""

    def __init__(self, fd: int, key: bytes) -> None:
        self._fd = fd
        self._seq = 0
        self._mac = _Mac(key)

    def send(self, kind: str, fields: Mapping[str, object]) -> None:
        body = compact_json.dumps([self._seq, kind, dict(fields)])
        self._seq += 1
        write_all(self._fd, b"%s %s\n" % (self._mac.of(body), body))


class FrameReader:
    """Turns bytes into frames. Raises Tampered at the first line that was not written with the key, in order."""

    def __init__(self, key: bytes, max_line: int = 8_000_000) -> None:
        self._mac = _Mac(key)
        self._max_line = max_line
        self._seq = 0
        self._rest = b""

    def feed(self, chunk: bytes) -> list[Frame]:
        if b"\n" not in chunk:
            self._rest += chunk
            if len(self._rest) > self._max_line:
                raise Tampered("a line of the report is too long")
            return []
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [self._parse(line) for line in lines]

    def _parse(self, line: bytes) -> Frame:
        mac, _, body = line.partition(b" ")
        if self._mac.of(body) != mac:
            raise Tampered("a line of the report does not come from the harness")
        message = compact_json.loads(body)
        if not isinstance(message, list) or len(message) != 3:
            raise Tampered("a line of the report is not a frame")
        seq, kind, fields = message
        if seq != self._seq:
            raise Tampered("a line of the report is missing or repeated")
        self._seq += 1
        return Frame(kind, fields)


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def read_exactly(fd: int, size: int) -> bytes:
    """Read `size` bytes. Raises EOFError when the other end closes first."""
    parts: list[bytes] = []
    while size:
        part = os.read(fd, min(size, 1 << 20))
        if not part:
            raise EOFError("the request ended early")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_header(fd: int, limit: int = 16_000_000) -> bytes:
    """Read one block that begins with its own length in twelve digits."""
    size = int(read_exactly(fd, 12))
    if size > limit:
        raise EOFError("the request header is too long")
    return read_exactly(fd, size)


def with_length(block: bytes) -> bytes:
    """The form that `read_header` reads."""
    return b"%012d%s" % (len(block), block)
