"""Trouble of the sandbox itself: lost engines, killed processes, no namespaces, many runs at once (70-74)."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sandbox.attacks.arena import LIMITS, Arena, expect, program, verdict_of
from sandbox.attacks.host_state import traces
from sandbox.attacks.model import Attack, NotApplicable
from sandbox.attacks.severed import ENGINE, engine_is_here
from sandbox.docker_backend import POOL_SIZE
from sandbox.docker_box import LABEL, OWNER_LABEL
from sandbox.model import BoxFile, BoxRequest, ExecutionResult
from sandbox.owner import own_mark

_RUNS = 100
_PATIENCE_S = 30.0
_GONE_S = 10.0


@contextmanager
def _open_folder() -> Iterator[Path]:
    """A folder that the box's user can read, as a cache has to be."""
    with tempfile.TemporaryDirectory(prefix="nexus-attacks-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@asynccontextmanager
async def _other_process(arena: Arena, mode: str) -> AsyncIterator[asyncio.subprocess.Process]:
    with _open_folder() as cache:
        command = [sys.executable, "-m", "sandbox.attacks.other_process", arena.backend.name, mode, str(cache)]
        process = await asyncio.create_subprocess_exec(
            *command, arena.bait.token, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            await _sweep(arena)


async def _sweep(arena: Arena) -> None:
    """What the next start of Nexus does."""
    with _open_folder() as cache:
        backend = arena.make(cache)
        try:
            await backend.start()
        finally:
            await backend.close()


async def _line(process: asyncio.subprocess.Process) -> dict[str, str]:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE_S):
            line = await process.stdout.readline()
    except TimeoutError:
        line = b""
    expect(bool(line), "the other process said nothing")
    return dict(json.loads(line))


async def _lost(arena: Arena) -> None:
    if arena.backend.name == "docker" and not engine_is_here():
        raise NotApplicable(f"The engine is not at {ENGINE}, so its connection cannot be cut.")
    async with _other_process(arena, "cut") as process:
        mark = (await _line(process)).get("mark", "")
        end = await _line(process)
        expect(end.get("verdict") == "infra_error", f"{end.get('verdict')}: {end.get('reason')}")
        await process.wait()
    await _gone(arena, mark)


async def _killed(arena: Arena) -> None:
    async with _other_process(arena, "wait") as process:
        mark = (await _line(process)).get("mark", "")
        expect(bool(mark), "no code ran in the box")
        process.kill()
        await process.wait()
    await _gone(arena, mark)


async def _gone(arena: Arena, mark: str) -> None:
    pid = mark.split(" ")[2]

    def left() -> list[str]:
        found = traces(arena.bait.token)
        found += [str(path) for path in Path("/sys/fs/cgroup").glob(f"*/nexus-sandbox/{pid}-*")]
        return found + _containers(arena, mark)

    await _eventually(lambda: not left(), lambda: f"still there: {', '.join(left())}")


async def _cannot_isolate(arena: Arena) -> None:
    async with _other_process(arena, "fenced") as process:
        end = await _line(process)
        expect("mark" not in end, "code ran without isolation")
        refused = end.get("verdict") in ("infra_error", "unavailable")
        expect(refused and bool(end.get("reason")), f"{end.get('verdict')}: {end.get('reason')}")


async def _many(arena: Arena) -> None:
    before = len(_containers(arena, own_mark()))  # those that wait in the pool
    request = BoxRequest("script", (BoxFile("main.py", program("print_one.py")),), limits=LIMITS)
    outcomes = await asyncio.gather(*(arena.run(request) for _ in range(_RUNS)))
    bad = [verdict_of(outcome) for outcome in outcomes if not outcome.ok or outcome.stdout != "1\n"]
    expect(not bad, f"{len(bad)} of {_RUNS} did not pass: {bad[0] if bad else ''}")
    most = max(before, POOL_SIZE)
    await _eventually(lambda: len(_containers(arena, own_mark())) <= most, lambda: "containers were left")


def _containers(arena: Arena, mark: str) -> list[str]:
    if arena.backend.name != "docker":
        return []
    import docker

    client = docker.from_env()
    try:
        found = client.api.containers(all=True, filters={"label": [f"{LABEL}=1", f"{OWNER_LABEL}={mark}"]})
        return [str(one["Id"])[:12] for one in found]
    finally:
        client.close()


async def _eventually(condition: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    give_up = time.monotonic() + _GONE_S
    while not await asyncio.to_thread(condition):
        expect(time.monotonic() < give_up, otherwise())
        await asyncio.sleep(0.1)


async def _same_result(arena: Arena) -> None:
    script = [_essence(await arena.script("same_result.py")) for _ in range(2)]
    tests = [_essence(await arena.judged(program("wrong_add.py"))) for _ in range(2)]
    expect(script[0] == script[1], "two equal programs had different results")
    expect(tests[0] == tests[1], "two equal test runs had different results")


def _essence(outcome: ExecutionResult) -> tuple[object, ...]:
    rows = [(row.test, row.outcome, row.message) for row in outcome.tests]
    return outcome.verdict, outcome.reason, outcome.stdout, outcome.stderr, outcome.exit_code, rows


ATTACKS = (
    Attack(70, "lost_engine", "infrastructure", "lose engine or box mid-run", "infra_error; swept", _lost),
    Attack(71, "hundred_runs", "infrastructure", "100 runs at once", "all pass; nothing left", _many),
    Attack(72, "killed_nexus", "infrastructure", "SIGKILL Nexus mid-run", "swept at the next start", _killed),
    Attack(
        73, "cannot_isolate", "infrastructure", "no namespaces, no runtime", "nothing is run; said why", _cannot_isolate
    ),
    Attack(74, "same_result", "infrastructure", "run the same twice", "equal to the byte", _same_result),
)
