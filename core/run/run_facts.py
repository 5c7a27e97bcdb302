"""What is known about a run, as names and texts: the same in `nexus show` and in the history."""

from __future__ import annotations

from datetime import datetime

from core.run.runs import RunRow
from core.state import RunState
from core.text.display import duration, usd


def facts(row: RunRow, state: RunState, rating: tuple[int, str] | None) -> dict[str, str]:
    """By name, in the order they are shown; empty where nothing is known. Texts are as they came."""
    end = state.finished
    recorded = state.started is not None and state.started.recorded
    return {
        "run": row.id,
        "verdict": row.verdict or row.status,
        "request": row.request,
        "project": row.project,
        "started": datetime.fromtimestamp(row.created_at).strftime("%Y-%m-%d %H:%M"),
        "cost": _cost(row, state),
        "tests": _tests(state),
        "answers": "recorded, not from a provider" if recorded else "",
        "took": duration(end.duration_ms) if end else "",
        "retries": str(end.retries) if end else "",
        "reason": end.reason if end else "",
        "remedy": end.remedy if end else "",
        "delivered": end.delivered_to if end else "",
        "exit code": str(end.exit_code) if end else "",
        "report": end.report if end else "",
        "rating": ": ".join(filter(None, (f"{rating[0]} of 5", rating[1]))) if rating else "",
    }


def _cost(row: RunRow, state: RunState) -> str:
    spent = row.cost_micros or state.spent_micros
    limit = f" of {usd(state.started.budget_micros)}" if state.started and state.started.budget_micros else ""
    estimated = " (partly estimated)" if any(total.estimated for total in state.models.values()) else ""
    return f"{usd(spent)}{limit}{estimated}"


def _tests(state: RunState) -> str:
    box = state.sandbox
    return f"{box.passed} passed, {box.failed} failed, {box.verdict} in {box.backend}" if box else ""
