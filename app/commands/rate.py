"""`nexus rate RUN STARS`: what the user thinks of a run."""

from __future__ import annotations

from collections.abc import Mapping

from app.open_store import runs_store
from app.output import say
from app.parser import Parser
from core.run.runs import find_run, rate_run

_EXAMPLES = """\
  nexus rate 261122-2104 2 "right code, but it renamed a public function"
  nexus rate last 5"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    parser = Parser("nexus rate", "Rate a run from 1 (useless) to 5 (as I would have done it).", _EXAMPLES)
    parser.add_argument("run", metavar="RUN", help="run id, the unique start of one, or `last`")
    parser.add_argument("stars", metavar="1-5", type=int, choices=range(1, 6), help="the rating")
    parser.add_argument("note", metavar="NOTE", nargs="?", default="", help="why")
    args = parser.read(argv, env)
    with runs_store(env) as store:
        row = find_run(store, args.run)
        rate_run(store, row.id, args.stars, args.note)
    say(f"Rated {row.id}: {args.stars} of 5.")
    return 0
