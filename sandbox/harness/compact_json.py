"""JSON in its shortest form by the C functions that `json` itself calls; `json` costs every box 8 ms for `re`."""

from __future__ import annotations

import _json


class _Settings:
    """What `json.JSONDecoder()` would say of itself."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


_scan = _json.make_scanner(_Settings())  # type: ignore[arg-type]
_encode = _json.make_encoder(None, repr, _json.encode_basestring_ascii, None, ":", ",", False, False, True)


def dumps(value: object) -> bytes:
    """ASCII, without spaces."""
    return "".join(_encode(value, 0)).encode("ascii")


def loads(data: bytes) -> object:
    """Raises ValueError unless `data` is one JSON value and nothing else."""
    text = data.decode("ascii")
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError("no JSON value") from None
    if end != len(text):
        raise ValueError("more than one JSON value")
    return value
