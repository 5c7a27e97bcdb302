"""What every bad ending owes the user: the exit code, one sentence, a remedy, JSON lines, and no traceback."""

from __future__ import annotations

import re
from typing import Any

from tests.support.nexus import Finished

_HALVES = re.compile(r"\.\.|\.;|: *\.|  |\n|\{|\bNone\b|Errno")
"""Left-overs of gluing texts together, and Python's own words."""


def ended_badly(done: Finished, code: int, *words: str) -> dict[str, Any]:
    """Check a `--json` run that could not do its work; returns its `run.finished`."""
    last = ended(done, code)
    assert_one_sentence(last["reason"])
    assert last["remedy"], last["reason"]
    for word in words:
        assert word in last["reason"], last["reason"]
    assert last["verdict"] != "verified" and last["delivered_to"] == "" and last["files"] == []
    return last


def ended(done: Finished, code: int) -> dict[str, Any]:
    """Check the contract of any `--json` run, well or badly ended; returns its `run.finished`."""
    assert done.code == code, (done.out[-2000:], done.err)
    assert "Traceback" not in done.out + done.err
    last = done.last
    assert [event["seq"] for event in done.of("run.finished")] == [last["seq"]], "said once, at the end"
    assert (last["kind"], last["exit_code"]) == ("run.finished", code)
    unrecorded = "nexus: The end of this run could not be recorded. "
    said = [line for line in done.err.splitlines() if line.startswith("nexus: ") and not line.startswith(unrecorded)]
    assert said in ([], [f"nexus: {last['reason']}"]), done.err
    return last


def assert_one_sentence(text: str) -> None:
    assert text.endswith("."), text
    assert not _HALVES.search(text), text
    assert len(text) < 400, text
