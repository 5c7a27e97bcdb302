"""Start-up: `nexus --version` and `--help` against a bare interpreter, and what they load."""

from __future__ import annotations

import subprocess
import sys

from evals.perf.measure import Figure, alternate, wall_ms

HEAVY = ("litellm", "textual", "chromadb", "torch", "pydantic", "hdbscan")
_TARGET = 4.0
_ROUNDS = 15


def figures() -> list[Figure]:
    found = []
    for option in ("--version", "--help"):
        command = [sys.executable, "-m", "app", option]
        ours, bare = alternate(lambda c=command: wall_ms(c), lambda: wall_ms([sys.executable, "-c", "pass"]), _ROUNDS)  # type: ignore[misc]
        detail = f"{ours:.0f} ms, bare interpreter {bare:.0f} ms"
        found.append(Figure(f"nexus {option} / python -c pass", ours / bare, _TARGET, "x", detail))
    loaded = _loaded()
    names = ", ".join(loaded) or "none"
    found.append(Figure("heavy modules loaded by --help", len(loaded), 0, "", names, exact=True))
    return found


def _loaded() -> list[str]:
    program = "import sys; sys.argv = ['nexus', '--help']\nfrom app.cli import main\nmain()\n"
    program += f"sys.stderr.write(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stderr.split()
