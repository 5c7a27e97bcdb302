"""How often the screen is brought up to date: fast here, slower over SSH, slowest when the terminal cannot keep up.

Over a slow link the bottleneck is bytes: Textual's writer blocks the event loop when 30 writes wait, and then no key is
answered. So the rate is halved while the queue is more than half full, and recovers slowly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LOCAL_HZ = 20.0
SSH_HZ = 8.0
SLOWEST_HZ = 2.0
_FULL = 15
_RECOVERY = 1.1


def over_ssh(env: Mapping[str, str]) -> bool:
    return bool(env.get("SSH_CONNECTION") or env.get("SSH_TTY"))


@dataclass(slots=True)
class Pace:
    """`queued` says how many writes wait for the terminal."""

    top_hz: float
    queued: Callable[[], int]
    hz: float = field(init=False)

    def __post_init__(self) -> None:
        self.hz = self.top_hz

    def interval_s(self) -> float:
        """Seconds until the next update may be shown; asked once per update."""
        if self.queued() > _FULL:
            self.hz = max(SLOWEST_HZ, self.hz / 2)
        else:
            self.hz = min(self.top_hz, self.hz * _RECOVERY)
        return 1 / self.hz
