"""How often the screen is brought up to date: fast here, slower over SSH, slowest when the terminal cannot keep up.

Over a slow link the bottleneck is bytes: what was written stands in line before the answer to a key, and when Textual's
own queue is full not even keys are read. So no picture is begun before the terminal has taken the one before; the rate
is halved when it was late, and recovers slowly.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LOCAL_HZ = 20.0
SSH_HZ = 8.0
SLOWEST_HZ = 2.0
_RECOVERY = 1.1
_AT_REST = 3.0
"""So many times as long as it painted."""
_LOOK_S = 0.02


def over_ssh(env: Mapping[str, str]) -> bool:
    return bool(env.get("SSH_CONNECTION") or env.get("SSH_TTY"))


@dataclass(slots=True)
class Pace:
    """`untaken` says how many characters wait for the terminal."""

    top_hz: float
    untaken: Callable[[], int]
    hz: float = field(init=False)

    def __post_init__(self) -> None:
        self.hz = self.top_hz

    def rest(self, stopping: threading.Event, painted_s: float = 0.0) -> None:
        """Wait until the next picture may be shown, or until `stopping`; the last one took `painted_s` to paint.

        A key that comes while a picture is painted waits for it: most of the time none is.
        """
        stopping.wait(min(max(1 / self.hz, _AT_REST * painted_s), 1 / SLOWEST_HZ))
        if not self.untaken():
            self.hz = min(self.top_hz, self.hz * _RECOVERY)
            return
        self.hz = max(SLOWEST_HZ, self.hz / 2)
        while self.untaken() and not stopping.wait(_LOOK_S):
            pass
