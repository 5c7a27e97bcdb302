"""`nexus runs`: the table of runs."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.output import put, put_json, say
from app.parser import Parser, count
from core.run.runs import RunRow
from core.text.display import age, one_line, table, usd

_EXAMPLES = """\
  nexus runs
  nexus runs --limit 5
  nexus runs --json | jq -r '.[] | select(.verdict == "verified") | .id'"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    parser = Parser("nexus runs", "List runs, newest first. --json prints one array.", _EXAMPLES)
    parser.flag("--limit", metavar="N", type=count, help="how many (default: 20)")
    parser.flag("--json", action="store_true", help="print JSON")
    args = parser.read(argv, env)
    rows = _read(env, args.limit or 20)
    if args.json:
        put_json([row_to_dict(row) for row in rows])
        return 0
    if not rows:
        say('There are no runs yet. Start one: nexus --headless "what to build"')
        return 0
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    lines = table([["RUN", "STATUS", "AGE", "COST", "PROJECT", "REQUEST"], *(_cells(row) for row in rows)])
    for line in lines:
        put(one_line_kept(line, width))
    return 0


def row_to_dict(row: RunRow) -> dict[str, Any]:
    """A run for `--json`: the columns of the table, without the settings it ran under."""
    data = asdict(row)
    del data["settings"]
    return data


def one_line_kept(line: str, width: int) -> str:
    """A line of aligned columns cut to the width of the terminal; 0 leaves it whole."""
    return line if not width or len(line) <= width else line[: width - 1] + "…"


def _read(env: Mapping[str, str], limit: int) -> list[RunRow]:
    from app.open_store import runs_store
    from config.paths import user_paths
    from core.run.runs import list_runs

    if not user_paths(env).database.exists():
        return []
    with runs_store(env) as store:
        return list_runs(store, limit)


def _cells(row: RunRow) -> list[str]:
    return [
        row.id,
        row.verdict if row.status == "finished" else row.status,
        age(time.time() - row.created_at),
        usd(row.cost_micros),
        one_line(Path(row.project).name, 20),
        one_line(row.request, 200),
    ]
