"""Figures as people read them; "no data" where there is none."""

from __future__ import annotations

from datetime import UTC, datetime

NO_DATA = "no data"


def usd(micros: int, estimated: bool = False) -> str:
    return f"${micros / 1_000_000:.4f}{' (estimated)' if estimated else ''}"


def duration(ms: int | None) -> str:
    if ms is None:
        return NO_DATA
    if ms < 1000:
        return f"{ms} ms"
    seconds = ms / 1000
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def count(value: int | None) -> str:
    return NO_DATA if value is None else f"{value:,}".replace(",", " ")


def when(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC" if at else NO_DATA


def yes_no(value: bool | None) -> str:
    return NO_DATA if value is None else "yes" if value else "no"


def mutation(killed: int, total: int) -> str:
    return f"{killed} of {total} deliberate faults in the new code were noticed" if total else NO_DATA
