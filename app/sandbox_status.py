"""`nexus sandbox status`: each backend tried for real, what a run may take, and what is kept on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from app.doctor.examination import in_order
from app.doctor.language_checks import LANGUAGE_CHECKS
from app.doctor.model import this_machine
from app.doctor.report import exit_code, put_results
from app.doctor.sandbox_checks import LIMITS_CHECK, PACKAGES_CHECK, SANDBOX_CHECKS
from app.output import put, put_json
from app.sandbox_stock import put_stock, stock
from config.paths import user_paths
from config.version import VERSION


def status(env: Mapping[str, str], as_json: bool) -> int:
    """Print, and return 0 or 5."""
    results = in_order((*SANDBOX_CHECKS, *LANGUAGE_CHECKS, LIMITS_CHECK, PACKAGES_CHECK), this_machine(Path(), env))
    code = exit_code(results)
    items = stock(user_paths(env).cache)
    if as_json:
        checks = [asdict(one) for one in results]
        kept = [asdict(item) for item in items]
        put_json({"ok": code == 0, "exit_code": code, "version": VERSION, "checks": checks, "stock": kept})
        return code
    put_results(results, env)
    put()
    put_stock(items)
    return code
