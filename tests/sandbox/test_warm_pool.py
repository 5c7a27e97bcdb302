"""The pool of started boxes: single use, refilled behind the scenes, and empty when it is closed."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field

from sandbox.docker_backend import POOL_SIZE
from sandbox.warm_pool import REFILL_FAILURES, WarmPool


@dataclass
class Box:
    spec: str
    alive: bool = True
    destroyed: bool = False

    async def destroy(self) -> None:
        await asyncio.sleep(0)
        self.destroyed = True


@dataclass
class Maker:
    """Makes boxes, and remembers them."""

    made: list[Box] = field(default_factory=list)
    failing: bool = False
    tries: int = 0
    gate: asyncio.Event | None = None

    async def __call__(self, spec: str) -> Box:
        self.tries += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.failing:
            raise OSError("no engine")
        self.made.append(Box(spec))
        return self.made[-1]


async def until(holds: object) -> None:
    assert callable(holds)
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)


def test_it_holds_as_many_as_there_are_cores_and_never_too_many() -> None:
    assert min(8, os.cpu_count() or 1) == POOL_SIZE


def test_every_box_is_used_once_and_replaced_in_the_background() -> None:
    async def work() -> None:
        make = Maker()
        pool = WarmPool[Box, str](make, 2)
        pool.warm("a")
        await until(lambda: pool.ready == 2)
        taken = [await pool.take("a") for _ in range(5)]
        assert len({id(box) for box in taken}) == 5
        assert taken[:2] == make.made[:2]
        await until(lambda: pool.ready == 2)
        await pool.close()

    asyncio.run(work())


def test_boxes_of_another_shape_are_replaced_and_those_that_died_are_not_given_out() -> None:
    async def work() -> None:
        make = Maker()
        pool = WarmPool[Box, str](make, 2)
        pool.warm("a")
        await until(lambda: pool.ready == 2)
        old = list(make.made)
        assert (await pool.take("b")).spec == "b"
        await until(lambda: pool.ready == 2 and all(box.destroyed for box in old))
        ready = [box for box in make.made if box.spec == "b"][-2:]
        ready[0].alive = False
        assert await pool.take("b") is ready[1]
        await pool.close()
        assert ready[0].destroyed

    asyncio.run(work())


def test_a_closed_pool_has_destroyed_every_box_also_the_one_half_made() -> None:
    async def work() -> list[Box]:
        make = Maker()
        pool = WarmPool[Box, str](make, 2)
        pool.warm("a")
        await until(lambda: pool.ready == 1 or pool.ready == 2)
        make.gate = asyncio.Event()
        await pool.take("a")
        used = make.made[0]
        pool.discard(used)
        await until(lambda: make.tries > len(make.made) or pool.ready == 2)
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0)
        make.gate.set()
        async with asyncio.timeout(10):
            await closing
        assert pool.ready == 0
        return make.made

    assert all(box.destroyed for box in asyncio.run(work()))


def test_an_engine_that_makes_no_boxes_is_not_asked_for_ever() -> None:
    async def work() -> None:
        make = Maker(failing=True)
        pool = WarmPool[Box, str](make, 2)
        pool.warm("a")
        await until(lambda: make.tries == REFILL_FAILURES)
        for _ in range(10):
            await asyncio.sleep(0)
        assert make.tries == REFILL_FAILURES
        make.failing = False
        assert (await pool.take("a")).spec == "a"
        await until(lambda: pool.ready == 2)
        await pool.close()

    asyncio.run(work())
