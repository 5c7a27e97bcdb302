"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from dataclasses import dataclass
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015): uniform between 0 and a doubling ceiling."""

    base_s: float = 0.5
    cap_s: float = 30.0

    def wait(self, attempt: int, retry_after: float | None, rng: random.Random) -> float:
        """Seconds before attempt `attempt + 1` (attempts count from 1); never less than the provider asked for."""
        ceiling = min(self.cap_s, self.base_s * 2.0 ** (attempt - 1))
        return max(rng.uniform(0, ceiling), retry_after or 0.0)


def read_retry_after(value: str, now: float) -> float | None:
    """Seconds from a `Retry-After` header: a number, or an HTTP date (RFC 9110 §10.2.3). None when unreadable."""
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, TypeError):
            return None
    # A NaN or infinite wait is not a time.
    return max(0.0, seconds) if abs(seconds) < 1e9 else None
