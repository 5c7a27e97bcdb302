"""One figure: what was measured, against what, and the target."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is compared with `target`; `higher_is_better` turns the comparison round.

    An `exact` figure is a count of what must not happen: no load of the machine excuses it.
    """

    name: str
    value: float
    target: float
    unit: str
    detail: str
    higher_is_better: bool = False
    exact: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.target if self.higher_is_better else self.value <= self.target

    def beats(self, other: Figure) -> bool:
        return self.value > other.value if self.higher_is_better else self.value < other.value


def wall_ms(command: Sequence[str], env: dict[str, str] | None = None, cwd: Path | None = None) -> float:
    """Wall time of one process from start to exit."""
    began = time.perf_counter()
    subprocess.run(command, check=True, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True)
    return (time.perf_counter() - began) * 1000


def alternate(one: Callable[[], float], other: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Medians of two measurements taken in turn, so that a drift of the machine hits both."""
    one(), other()  # warm caches
    pairs = [(one(), other()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
