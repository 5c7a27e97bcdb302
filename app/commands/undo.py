"""`nexus undo RUN`: take back what a run delivered."""

from __future__ import annotations

from collections.abc import Mapping

from app.open_store import runs_store
from app.output import put, put_json, say
from app.parser import Parser
from core.delivery import undo
from core.run.runs import find_run

_EXAMPLES = """\
  nexus undo last
  nexus undo 261122-2104"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    parser = Parser(
        "nexus undo",
        "Bring the files a run delivered back to what they were: all of them, or none. Your later changes are kept\n"
        "where they do not touch the run's; otherwise nothing is changed and the exit code is 8.",
        _EXAMPLES,
    )
    parser.add_argument("run", metavar="RUN", help="run id, the unique start of one, or `last`")
    parser.flag("--json", action="store_true", help="print one JSON object")
    args = parser.read(argv, env)
    with runs_store(env) as store:
        row = find_run(store, args.run)
        done = undo(store, row.id)
    if args.json:
        put_json({"run": row.id, "state": done.state, "files": list(done.files), "commit": done.commit})
        return 0
    say(f"Run {row.id} is undone{f' by commit {done.commit[:12]}' if done.commit else ''}. {done.detail}".rstrip())
    for path in done.files:
        put(path)
    return 0
