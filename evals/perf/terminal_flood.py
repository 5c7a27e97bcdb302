"""Key to paint while a run prints 5,000 and 20,000 lines per second, and whether every line can be read afterwards."""

from __future__ import annotations

import tempfile
from pathlib import Path

from evals.perf.measure import Figure
from evals.perf.pty_flood import flood
from evals.perf.pty_home import fill

_TARGETS_MS = {5_000: 50.0, 20_000: 100.0}


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="nexus-perf-") as folder:
        home = Path(folder) / "home"
        fill(home)
        return [figure for rate in _TARGETS_MS for figure in _under(home, rate)]


def _under(home: Path, rate: int) -> list[Figure]:
    with flood(home, rate) as watched:
        taken = watched.key_ms()
        printed = watched.finish()
        missing = watched.missing(printed)
    p50, p95, worst = (taken[int(len(taken) * share)] for share in (0.5, 0.95, 0.99))
    detail = f"p50 {p50:.0f}, p99 {worst:.0f} ms; {len(taken)} keys typed into the prompt"
    kept = f"of {printed:,} lines; first, last and some found between" + (f"; not {missing}" if missing else "")
    return [
        Figure(f"key to paint, p95, at {rate:,} lines/s", p95, _TARGETS_MS[rate], "ms", detail),
        Figure(f"lines lost at {rate:,} lines/s", len(missing), 0, "", kept, exact=True),
    ]
