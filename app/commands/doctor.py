"""`nexus doctor`: can this machine do the work?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.doctor.examination import all_checks
from app.doctor.report import examine
from app.parser import Parser

_EXAMPLES = """\
  nexus doctor
  nexus doctor --online
  nexus doctor --json | jq '.checks[] | select(.status != "ok")'

exit codes:
  0 nothing failed   3 something failed   5 only the sandbox failed"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    parser = Parser(
        "nexus doctor",
        "Check Python, SQLite, settings, database, providers and the sandbox (with a real run in it).\n"
        "Keys are looked for, never printed; nothing is spent.",
        _EXAMPLES,
    )
    parser.flag("--online", action="store_true", help="also ask the provider for its list of models (free)")
    parser.flag("--json", action="store_true", help="print one JSON object")
    parser.flag("-C", "--cwd", metavar="DIR", help="the project whose settings count (default: here)")
    args = parser.read(argv, env)
    return examine(all_checks(bool(args.online)), Path(args.cwd or "."), env, as_json=bool(args.json))
