"""Where a change stands: waiting for a person, at work, delivered, undone or refused. In a sentence."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from core import events as ev
from core.delivery import Delivery
from core.run.proposal import Proposal
from core.run.runs import LIVE, RunRow
from core.state import RunState

Tone = Literal["waits", "works", "good", "bad", "neutral"]

DELIVERY = "delivery."
"""How the names of those questions begin that a review can answer."""


@dataclass(frozen=True, slots=True)
class Standing:
    tone: Tone
    text: str


def question_of(row: RunRow, state: RunState) -> ev.ApprovalRequested | None:
    """The open question whether to deliver, or None."""
    asked = state.approval
    return asked if asked and asked.approval.startswith(DELIVERY) and row.status in LIVE else None


def standing(row: RunRow, state: RunState, proposal: Proposal | None) -> Standing:
    """As the run's row, its log and its delivery tell it."""
    if row.status in (*LIVE, "queued"):
        return _live(row, state, proposal)
    if proposal is not None and proposal.delivery is not None:
        return _delivered(proposal.delivery)
    if row.status == "interrupted":
        return Standing("bad", "Interrupted before anything was delivered. The run can be resumed.")
    reason = state.finished.reason if state.finished else "Nothing was delivered."
    return Standing("bad", reason)


def words_for(body: ev.ApprovalDecided) -> str:
    """An answer that was given somewhere else."""
    if body.by == "deadline":
        return "Nobody answered in time: the change is left on a branch."
    comment = f": {body.comment}" if body.comment else "."
    return f"Answered elsewhere: {body.answer}{comment}"


def _live(row: RunRow, state: RunState, proposal: Proposal | None) -> Standing:
    asked = state.approval
    if asked is not None and question_of(row, state) is None:
        return Standing("waits", f"The run asks something else first: {asked.question}")
    if asked is not None:
        remark, _, _ = asked.question.rpartition("Deliver ")
        until = f" until {_clock(asked.deadline)}, then goes to a branch" if asked.deadline else ""
        return Standing("waits", f"{remark}Waits for you{until}.")
    if proposal is not None and proposal.delivery is not None:
        return _delivered(proposal.delivery)
    if row.status == "paused":
        return Standing("works", "The run is paused. This is what it has so far.")
    return Standing("works", "The run is at work. This is what it has so far.")


def _clock(at: float) -> str:
    """The time of a day that is near, with the date of one that is not."""
    near = time.strftime("%j%Y", time.localtime(at)) == time.strftime("%j%Y", time.localtime())
    return time.strftime("%H:%M" if near else "%Y-%m-%d %H:%M", time.localtime(at))


def _delivered(delivery: Delivery) -> Standing:
    detail = f" {delivery.detail}" if delivery.detail else ""
    commit = delivery.commit[:12]
    match delivery.state:
        case "APPLIED":
            place = f"Delivered as commit {commit}." if commit else "Delivered to your files, without a commit."
            return Standing("good", place + detail)
        case "BRANCHED":
            place = f"on the branch {delivery.branch}" if delivery.branch else f"in {delivery.patch}"
            return Standing("good", f"Verified and kept {place}; your files are as they were.")
        case "UNDONE":
            by = f" with commit {commit}" if commit else ""
            return Standing("neutral", f"Delivered, and undone{by}.{detail}")
        case "CONFLICT":
            kept = f" It is kept on the branch {delivery.branch}." if delivery.branch else ""
            return Standing("bad", f"Not delivered, your files moved meanwhile: {delivery.detail}.{kept}")
        case "ROLLED_BACK":
            return Standing("bad", f"Not delivered.{detail}")
        case "UNDOING":
            return Standing("works", "Being undone.")
        case _:
            return Standing("works", "Being delivered.")
