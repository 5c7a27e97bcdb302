"""Runs checks at the same time. One that hangs costs its own deadline and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue

from app.doctor.model import Check, Finding, Machine, Result, fail, failed_with
from config.errors import NexusError

_Answers = SimpleQueue[tuple[Check, Finding, float]]
"""The last is the time it took, in seconds."""


def run_checks(checks: Sequence[Check], machine: Machine) -> Iterator[Result]:
    """One result per check, each as soon as it is there.

    Every check has a daemon thread of its own: one that never returns must not keep the process alive.
    """
    answers: _Answers = SimpleQueue()
    began = time.monotonic()
    for check in checks:
        threading.Thread(target=_ask, args=(check, machine, answers), name=f"doctor-{check.id}", daemon=True).start()
    waiting = sorted(checks, key=lambda check: check.deadline_s)
    while waiting:
        nearest = waiting[0]
        left = began + nearest.deadline_s - time.monotonic()
        try:
            check, finding, took_s = answers.get(timeout=max(left, 0))
        except Empty:
            check, took_s = nearest, nearest.deadline_s
            finding = fail(f"No answer within {check.deadline_s:g} s.", "Something it asked hangs; try again.")
        if check in waiting:  # else it answers after its deadline
            waiting.remove(check)
            yield Result(check.id, finding.status, finding.summary, finding.remedy, round(took_s * 1000))


def _ask(check: Check, machine: Machine, answers: _Answers) -> None:
    began = time.monotonic()
    try:
        finding = check.ask(machine)
    except NexusError as error:
        finding = failed_with(error)
    except Exception as error:
        finding = fail(f"The check failed: {type(error).__name__}: {error}", "Please report it.")
    answers.put((check, finding, time.monotonic() - began))
