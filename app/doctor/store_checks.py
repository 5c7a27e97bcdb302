"""Settings, folders, database and runs."""

from __future__ import annotations

import os
import stat

from app.doctor.host_checks import nearest_existing
from app.doctor.model import Check, Finding, Machine, fail, failed_with, ok, warn
from config.errors import NexusError


def settings(machine: Machine) -> Finding:
    loaded = machine.loaded
    if isinstance(loaded, NexusError):
        return failed_with(loaded)
    if loaded.warnings:
        return warn(" ".join(loaded.warnings), "`nexus config show --origin` shows what is in force.")
    changed = sum(origin not in ("default", "limits.yaml") for origin in loaded.origins.values())
    return ok(f"{changed} of {len(loaded.origins)} settings changed from their defaults")


def folders(machine: Machine) -> Finding:
    data = machine.paths.data
    if not data.exists():
        parent = nearest_existing(data)
        if not os.access(parent, os.W_OK | os.X_OK):
            return fail(f"{data} cannot be created: {parent} is not writable.", "Point NEXUS_HOME to a folder you own.")
        return ok(f"{data} will be created")
    if not data.is_dir() or not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return fail(f"{data} is not a folder you can write.", "Mend its permissions, or point NEXUS_HOME elsewhere.")
    mode = stat.S_IMODE(data.stat().st_mode)
    if mode & 0o077:
        return warn(f"{data} can be read by others (mode {mode:04o}).", f"chmod 700 {data}")
    return ok(f"{data} (mode {mode:04o})")


def database(machine: Machine) -> Finding:
    from core.storage.store import Store

    path = machine.paths.database
    if not path.exists():
        return ok("none yet; the first run creates it")
    with Store(path) as store:
        health = str(store.query("PRAGMA quick_check(1)")[0][0])
        count = int(store.query("SELECT count(*) FROM runs")[0][0])
    if health != "ok":
        return fail(f"The database {path} is damaged: {health}", "Restore a backup from beside it, or move it away.")
    return ok(f"{path}, {path.stat().st_size // 1024:,} KiB, {count} runs")


def stale_runs(machine: Machine) -> Finding:
    from core.run.runs import sweep
    from core.storage.store import Store

    path = machine.paths.database
    if not path.exists():
        return ok("no runs yet")
    with Store(path) as store:
        sweep(store, machine.paths)
        rows = store.query("SELECT id FROM runs WHERE status = 'interrupted' ORDER BY created_at DESC")
    if not rows:
        return ok("no interrupted runs")
    return warn(
        f"{len(rows)} interrupted run{'s' * (len(rows) > 1)}, the newest is {rows[0]['id']}.",
        f"`nexus --headless --resume {rows[0]['id']}` continues it.",
    )


STORE_CHECKS = (
    Check("config.settings", settings),
    Check("store.folders", folders),
    Check("store.database", database, deadline_s=30),
    Check("store.runs", stale_runs),
)
