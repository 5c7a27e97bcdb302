"""`nexus replay RUN`: the events of a run again, as they were written."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from app.event_sink import event_sink
from app.open_store import runs_store
from app.parser import Parser, positive
from core.run.playback import LONGEST_PAUSE_S
from core.run.runs import find_run
from core.storage.event_log import read_events

_EXAMPLES = """\
  nexus replay last
  nexus replay last --speed 10
  nexus replay last --json | jq -r .kind"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    parser = Parser("nexus replay", "Play the events of a run again. Nothing is called, run or changed.", _EXAMPLES)
    parser.add_argument("run", metavar="RUN", help="run id, the unique start of one, or `last`")
    parser.flag("--json", action="store_true", help="print one event per line as JSON")
    parser.flag("--speed", metavar="X", type=positive, help="times as fast as it was (default: without pauses)")
    args = parser.read(argv, env)
    with runs_store(env) as store:
        history = read_events(store, find_run(store, args.run).id)
    show = event_sink(sys.stdout, env, json_lines=bool(args.json))
    before = history[0].at if history else 0.0
    for event in history:
        if args.speed:
            time.sleep(min((event.at - before) / args.speed, LONGEST_PAUSE_S))
        before = event.at
        show(event)
    return 0
