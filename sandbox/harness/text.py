"""Makes messages of test runs safe to show and equal between equal runs."""

from __future__ import annotations

import re

MAX_MESSAGE = 2000
_HEAD = 500
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_ADDRESSES = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_TIMINGS = re.compile(r"\b(in|after) \d+(?:\.\d+)? ?(?:s|ms|seconds)\b")
_TEMP = re.compile(r"/tmp/(?:pytest-of-[^/\s'\"]+/pytest-\d+/)?(?:tmp[a-z0-9_]{6,10})?")  # noqa: S108
_WORK = re.compile(r"/work/")


def clean(text: str) -> str:
    """Without escapes, box paths, addresses and timings; at most MAX_MESSAGE characters, the end kept."""
    text = _ESCAPES.sub("", text)
    text = _CONTROLS.sub("", text.replace("\r\n", "\n"))
    text = _WORK.sub("", text)
    text = _TEMP.sub("tmp/", text)
    text = _ADDRESSES.sub("0x...", text)
    text = _TIMINGS.sub(r"\1 N s", text)
    text = text.encode("utf-8", "replace").decode("utf-8").strip()
    if len(text) <= MAX_MESSAGE:
        return text
    cut = "\n...\n"
    return text[:_HEAD] + cut + text[-(MAX_MESSAGE - _HEAD - len(cut)) :]
