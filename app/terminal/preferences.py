"""What the terminal remembers for its user between two starts, such as the theme. Nothing depends on it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from config.paths import make_private_dir
from core.storage.blobs import write_private

_VERSION = 1
_MOST_BYTES = 64 * 1024

Value = str | int | float | bool
V = TypeVar("V", str, int, float, bool)


class Preferences:
    """Values by name in a JSON file, mode 0600. What cannot be read counts as not set."""

    def __init__(self, place: Path, warn: Callable[[str], None]) -> None:
        self._place = place
        self._warn = warn
        self._values: dict[str, Value] | None = None
        self._changed: dict[str, Value] = {}
        self._writing = threading.Lock()

    def get(self, name: str, default: V) -> V:
        """The remembered value, or `default` when there is none of its type."""
        if self._values is None:
            self._values = _read(self._place)
        value = self._values.get(name, default)
        return value if type(value) is type(default) else default

    def set(self, name: str, value: Value) -> None:
        """Remember it. The file is written by a thread, which the end of the process waits for."""
        if self._values is None:
            self._values = _read(self._place)
        if self._values.get(name) == value:
            return
        self._values[name] = value
        self._changed[name] = value
        threading.Thread(target=self._write, name="preferences").start()

    def _write(self) -> None:
        with self._writing:
            # Another terminal may have written since this one read.
            values = {**_read(self._place), **self._changed}
            try:
                make_private_dir(self._place.parent)
                write_private(self._place, json.dumps({"version": _VERSION, "values": values}).encode())
            except OSError as error:
                self._warn(f"{self._place} cannot be written ({error.strerror}): the choice holds until you leave.")


def _read(place: Path) -> dict[str, Value]:
    try:
        with place.open("rb") as file:
            data = json.loads(file.read(_MOST_BYTES))
        values = data["values"] if data["version"] == _VERSION else {}
        return {str(name): value for name, value in values.items() if isinstance(value, Value)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
