"""Which checks are made, in which order they are shown, and the conclusion that is drawn from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.doctor.host_checks import HOST_CHECKS, disk, git
from app.doctor.language_checks import LANGUAGE_CHECKS
from app.doctor.model import Check, Machine, Result
from app.doctor.provider_checks import ONLINE_CHECKS, PROVIDER_CHECKS, profile
from app.doctor.run import run_checks
from app.doctor.sandbox_checks import CONCLUSION, PACKAGES_CHECK, SANDBOX_CHECKS, conclude, installed
from app.doctor.store_checks import STORE_CHECKS, folders, settings

QUICK_CHECKS = (
    Check("provider.profile", profile),
    Check("sandbox", installed),
    Check("host.git", git),
    Check("host.disk", disk),
    Check("store.folders", folders),
    Check("config.settings", settings),
)
"""What stands between a new user and a first run, the likeliest first: no network, no database, nothing is run."""


def all_checks(online: bool) -> tuple[Check, ...]:
    """`online`: also ask the provider, which is free."""
    asked = ONLINE_CHECKS if online else ()
    return (*HOST_CHECKS, *STORE_CHECKS, *PROVIDER_CHECKS, *asked, *SANDBOX_CHECKS, *LANGUAGE_CHECKS, PACKAGES_CHECK)


def names(checks: Sequence[Check]) -> list[str]:
    """The results that `examine` will give, in the order they are shown."""
    found = [check.id for check in checks]
    return [*found, CONCLUSION] if set(SANDBOX_CHECKS) & set(checks) else found


def examine(checks: Sequence[Check], machine: Machine) -> Iterator[Result]:
    """Results as they come; the one about the sandbox follows the last of its backends."""
    expected = len(set(SANDBOX_CHECKS) & set(checks))
    backends: list[Result] = []
    for result in run_checks(checks, machine):
        yield result
        if result.id.startswith(f"{CONCLUSION}."):
            backends.append(result)
            if len(backends) == expected:
                yield conclude(backends, machine)


def in_order(checks: Sequence[Check], machine: Machine) -> list[Result]:
    """All results, when the last one is there."""
    return sorted(examine(checks, machine), key=lambda one: names(checks).index(one.id))
