"""The report's line protocol: what the harness wrote is read, anything else is found."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.harness.frames import FrameReader, FrameWriter, Tampered

KEY = b"k" * 32
FIELDS = st.dictionaries(st.text(max_size=8), st.text(max_size=40) | st.integers() | st.none(), max_size=4)


def written(messages: list[dict[str, object]], key: bytes = KEY) -> bytes:
    fd = os.memfd_create("frames")
    try:
        writer = FrameWriter(fd, key)
        for fields in messages:
            writer.send("row", fields)
        os.lseek(fd, 0, os.SEEK_SET)
        return os.read(fd, 1 << 20)
    finally:
        os.close(fd)


@given(st.lists(FIELDS, min_size=1, max_size=6), st.integers(1, 50))
def test_frames_survive_any_cutting_of_the_stream(messages: list[dict[str, object]], size: int) -> None:
    data = written(messages)
    reader = FrameReader(KEY)
    read = [frame for start in range(0, len(data), size) for frame in reader.feed(data[start : start + size])]
    assert [(frame.kind, frame.fields) for frame in read] == [("row", fields) for fields in messages]


@given(st.lists(FIELDS, min_size=1, max_size=4), st.data())
def test_one_changed_byte_is_always_found(messages: list[dict[str, object]], data: st.DataObject) -> None:
    stream = bytearray(written(messages))
    place = data.draw(st.integers(0, len(stream) - 2))
    stream[place] ^= data.draw(st.integers(1, 255))
    reader = FrameReader(KEY)
    with pytest.raises(Tampered):
        reader.feed(bytes(stream))


@pytest.mark.parametrize("order", [[1], [0, 0], [1, 0], [0, 2]])
def test_missing_repeated_and_reordered_frames_are_found(order: list[int]) -> None:
    lines = written([{"n": 0}, {"n": 1}, {"n": 2}]).splitlines(keepends=True)
    with pytest.raises(Tampered):
        FrameReader(KEY).feed(b"".join(lines[index] for index in order))


def test_another_key_is_found() -> None:
    with pytest.raises(Tampered):
        FrameReader(KEY).feed(written([{"n": 0}], key=b"x" * 32))


def test_a_line_without_end_is_found() -> None:
    with pytest.raises(Tampered):
        FrameReader(KEY, max_line=1000).feed(b"x" * 2000)
