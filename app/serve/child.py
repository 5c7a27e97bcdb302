"""The process behind a page: `python -m app.serve.child SERVER-PID FOLDER` is `nexus FOLDER` that ends with its server.

A viewer in a browser does not notice that its server was killed: it would stay for ever, with nobody to see it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from app.cli import main

_PR_SET_PDEATHSIG = 1


def _end_with(server: int) -> None:
    """Ask the kernel to end this process when the server dies, however that happens. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != server:  # it died before it was watched
            raise SystemExit(1)


if __name__ == "__main__":
    _end_with(int(sys.argv.pop(1)))
    raise SystemExit(main())
