"""The full screens, each loaded when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from textual.screen import Screen


def _later(module: str, name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        screen: Screen[Any] = getattr(import_module(f"screens.{module}"), name)()
        return screen

    return make


MODES: dict[str, Callable[[], Screen[Any]]] = {
    "run": _later("run_screen", "RunScreen"),
    "history": _later("history_screen", "HistoryScreen"),
    "doctor": _later("doctor_screen", "DoctorScreen"),
    "settings": _later("settings_screen", "SettingsScreen"),
    "admin": _later("admin_screen", "AdminScreen"),
}
