"""Who may enter: one browser that trades the one-time token for a cookie, under a name of this machine.

Any program and any web page on this machine can send requests to a port on it. The cookie keeps programs out; the
checks of `Host` and `Origin` keep out pages of other sites, whose requests a browser may send with the cookie:
cookies know no ports, and a foreign name may resolve to 127.0.0.1 (DNS rebinding).
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.A | re.I)
_NEW_LINK = "Start `nexus serve` again for a new address."


class Refused(Exception):
    """The request gets nothing but the sentence that this carries."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request says about where it comes from; empty where it says nothing."""

    host: str
    origin: str
    cookie: str
    token: str = ""
    """The one from the address; only the page is asked for with one."""
    needs_origin: bool = False
    """Whether browsers always name the origin of such a request, as they do for a websocket."""


class Gate:
    """The secrets of one server. They live in memory only."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.cookie = secrets.token_urlsafe(32)
        self._spent = False

    def enter(self, visit: Visit) -> bool:
        """Let a visitor in; True when the token was traded now, so that the cookie has to be handed over.

        Raises Refused.
        """
        if not _LOOPBACK.fullmatch(visit.host):
            raise Refused("This server only answers to 127.0.0.1 and localhost.")
        if visit.origin != f"http://{visit.host}" and (visit.origin or visit.needs_origin):
            raise Refused("This server only answers to its own page.")
        if _same(visit.cookie, self.cookie):
            return False
        if not visit.token:
            raise Refused("This page opens with the address that `nexus serve` printed, in one browser.")
        if not _same(visit.token, self.token):
            raise Refused(f"The token in this address is not the one that this server printed. {_NEW_LINK}")
        if self._spent:
            raise Refused(f"This address was already opened in a browser, and is good for one only. {_NEW_LINK}")
        self._spent = True
        return True


def _same(given: str, expected: str) -> bool:
    """Compared in a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode())
