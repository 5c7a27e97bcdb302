"""`screens.ports.Doctor`: the checks of `nexus doctor`, made while the screen is used."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.doctor.model import Result


@dataclass(frozen=True, slots=True)
class DoctorDesk:
    folder: Path
    env: Mapping[str, str]

    async def names(self, online: bool = False) -> Sequence[str]:
        return await asyncio.to_thread(_names, online)

    async def examine(self, online: bool = False) -> AsyncIterator[Result]:
        def results() -> Iterable[Result]:
            from app.doctor.examination import all_checks, examine
            from app.doctor.model import this_machine

            return examine(all_checks(online), this_machine(self.folder, self.env))

        async for result in _from_thread(results):
            yield _said_here(result)

    async def missing(self) -> Sequence[Result]:
        def results() -> Iterable[Result]:
            from app.doctor.examination import QUICK_CHECKS, in_order
            from app.doctor.model import this_machine

            return in_order(QUICK_CHECKS, this_machine(self.folder, self.env))

        return [_said_here(one) async for one in _from_thread(results) if one.status != "ok"]


def _said_here(result: Result) -> Result:
    from app.terminal.remedies import with_keys

    return replace(result, remedy=with_keys(result.remedy))


async def _from_thread(results: Callable[[], Iterable[Result]]) -> AsyncIterator[Result]:
    """Made in a daemon thread, not in one of asyncio's: leaving must not wait for a check that hangs."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[Result | None] = asyncio.Queue()

    def hand_over(result: Result | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
            loop.call_soon_threadsafe(arrived.put_nowait, result)

    def work() -> None:
        try:
            for result in results():
                hand_over(result)
        finally:
            hand_over(None)

    threading.Thread(target=work, name="doctor", daemon=True).start()
    while (result := await arrived.get()) is not None:
        yield result


def _names(online: bool) -> list[str]:
    from app.doctor.examination import all_checks, names

    return names(all_checks(online))
