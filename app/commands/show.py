"""`nexus show RUN`: what a run did, found and cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from app.commands.runs import row_to_dict
from app.open_store import runs_store
from app.output import put, put_json, say
from app.parser import Parser
from core.delivery import records
from core.run.run_facts import facts
from core.run.runs import RunRow, find_run, rating_of
from core.state import RunState, fold
from core.storage.event_log import read_events
from core.text.counting import counted
from core.text.display import duration, one_line, table, usd

_EXAMPLES = """\
  nexus show last
  nexus show 261122-21 --json | jq .state.phases"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    parser = Parser("nexus show", "Show one run: verdict, phases, tests, findings, cost, delivery.", _EXAMPLES)
    parser.add_argument("run", metavar="RUN", help="run id, the unique start of one, or `last`")
    parser.flag("--json", action="store_true", help="print one JSON object")
    args = parser.read(argv, env)
    with runs_store(env) as store:
        row = find_run(store, args.run)
        state = fold(read_events(store, row.id))
        rating = rating_of(store, row.id)
        delivery = records.load(store, row.id)
    undone = delivery is not None and delivery.state == "UNDONE"
    if args.json:
        stars, note = rating or (None, "")
        rated = {"stars": stars, "note": note}
        put_json({"run": row_to_dict(row), "rating": rated, "undone": undone, "state": asdict(state)})
        return 0
    for line in _lines(row, state, rating):
        put(line)
    if undone:
        say(f"The delivery of {row.id} was undone.")
    return 0


def _lines(row: RunRow, state: RunState, rating: tuple[int, str] | None) -> list[str]:
    return [
        *table([[name, one_line(text, 400)] for name, text in _facts(row, state, rating).items() if text]),
        *_section("phases", _phase_rows(state)),
        *_section("models", _model_rows(state)),
        *_section("findings", _finding_rows(state)),
        *_section("interventions", _intervention_rows(state)),
        *_section("files", [[path] for path in (state.finished.files if state.finished else [])]),
    ]


def _facts(row: RunRow, state: RunState, rating: tuple[int, str] | None) -> dict[str, str]:
    known = facts(row, state, rating)
    if row.status == "interrupted":
        known["continue"] = f"nexus --headless --resume {row.id}"
    if state.approval:
        known["waiting"] = f"{state.approval.question} (nexus attach {row.id} --approve)"
    return known


def _phase_rows(state: RunState) -> list[list[str]]:
    return [
        [name, one.status, duration(one.duration_ms), usd(one.cost_micros), one_line(one.summary, 200)]
        for name, one in state.phases.items()
    ]


def _model_rows(state: RunState) -> list[list[str]]:
    return [
        [
            one_line(name),
            counted(one.calls, "call"),
            f"{one.prompt_tokens:,} tokens in",
            f"{one.completion_tokens:,} out",
            usd(one.cost_micros),
        ]
        for name, one in state.models.items()
    ]


def _intervention_rows(state: RunState) -> list[list[str]]:
    """Guardrail decisions that changed the course of the run; "go on" is said after every step."""
    return [[one.action, one.rule, one_line(one.evidence, 300)] for one in state.decisions if one.action != "CONTINUE"]


def _finding_rows(state: RunState) -> list[list[str]]:
    return [
        [
            str(one.get("severity", "")),
            str(one.get("rule", "")),
            f"{one.get('path', '')}:{one.get('line', '')}",
            one_line(str(one.get("message", "")), 300),
        ]
        for one in state.findings
    ]


def _section(title: str, rows: list[list[str]]) -> list[str]:
    return ["", title, *table(rows, indent="  ")] if rows else []
