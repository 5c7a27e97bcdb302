"""Prints the table of figures; exit code 1 when a target is missed."""

from __future__ import annotations

import sys
from importlib import import_module

from evals.perf.measure import Figure

PARTS = ("startup", "event_store", "first_request", "gateway_overhead", "sandbox_latency", "budget_race")


def main(argv: list[str]) -> int:
    figures: list[Figure] = []
    for part in argv or PARTS:
        print(f"measuring {part} ...", file=sys.stderr)
        figures += import_module(f"evals.perf.{part}").figures()
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        sign = ">=" if figure.higher_is_better else "<="
        mark = "ok  " if figure.met else "MISS"
        value, target = f"{figure.value:,.4g}", f"{figure.target:,.4g}"
        print(f"{mark}  {figure.name:<{width}}  {value:>9} {figure.unit:<3} {sign} {target:<7} {figure.detail}")
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
