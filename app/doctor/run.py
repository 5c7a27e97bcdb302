"""Runs checks at the same time. One that hangs costs its own deadline and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from app.doctor.model import Check, Finding, Machine, Result, fail, failed_with
from config.errors import NexusError


def run_checks(checks: Sequence[Check], machine: Machine) -> list[Result]:
    """One result per check, in the order given."""
    asked = [_Asked(check, machine) for check in checks]
    return [one.result() for one in asked]


class _Asked:
    """A check under way, in a daemon thread: one that never returns must not keep the process alive."""

    def __init__(self, check: Check, machine: Machine) -> None:
        self._check = check
        self._machine = machine
        self._finding: Finding | None = None
        self._began = time.monotonic()
        self._ended = self._began
        self._thread = threading.Thread(target=self._run, name=f"doctor-{check.id}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            finding = self._check.ask(self._machine)
        except NexusError as error:
            finding = failed_with(error)
        except Exception as error:
            finding = fail(f"The check failed: {type(error).__name__}: {error}", "Please report it.")
        self._ended = time.monotonic()
        self._finding = finding

    def result(self) -> Result:
        left = self._began + self._check.deadline_s - time.monotonic()
        self._thread.join(max(left, 0))
        finding = self._finding
        if finding is None:
            self._ended = time.monotonic()
            finding = fail(f"No answer within {self._check.deadline_s:g} s.", "Something it asked hangs; try again.")
        took = round((self._ended - self._began) * 1000)
        return Result(self._check.id, finding.status, finding.summary, finding.remedy, took)
