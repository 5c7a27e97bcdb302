"""Every attack of the product's own table, on each backend; a host that was changed counts as an escape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.attacks.arena import Arena
from sandbox.attacks.bait import Bait
from sandbox.attacks.host_state import changes, look, traces
from sandbox.attacks.model import Attack, Escaped, NotApplicable
from sandbox.attacks.suite import ATTACKS, backend_of, try_one
from tests.support.boxes import Boxes


@pytest.fixture(scope="module")
def arena(boxes: Boxes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    bait = Bait()
    name = boxes.backend.name
    yield Arena(boxes.backend, bait, lambda folder: backend_of(name, folder))
    bait.clear()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.number}-{attack.name}")
def test_an_attack_gets_nowhere(boxes: Boxes, arena: Arena, attack: Attack) -> None:
    result = boxes.wait(try_one(arena, attack))
    assert (result.outcome, result.detail) == ("held", "")


def test_the_table_is_complete() -> None:
    numbers = [attack.number for attack in ATTACKS]
    assert sorted(set(numbers)) == sorted(numbers) and set(range(1, 77)) <= set(numbers)
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 74


async def _escapes(arena: Arena) -> None:
    Path(arena.bait.files[0]).write_text("changed")


async def _passes_by(arena: Arena) -> None:
    raise NotApplicable("There is none here.")


async def _says_so(arena: Arena) -> None:
    raise Escaped("this far")


def test_a_changed_host_is_an_escape_whatever_the_program_says(boxes: Boxes, arena: Arena) -> None:
    told = {}
    for carry_out in (_escapes, _passes_by, _says_so):
        result = boxes.wait(try_one(arena, replace(ATTACKS[0], carry_out=carry_out)))
        told[carry_out] = (result.outcome, result.detail)
    assert told == {
        _escapes: ("ESCAPED", f"{arena.bait.files[0]} was changed"),
        _passes_by: ("not applicable", "There is none here."),
        _says_so: ("ESCAPED", "this far"),
    }


def test_what_bears_the_token_is_seen_on_the_host(arena: Arena) -> None:
    assert traces(arena.bait.token) == []
    left = Path("/tmp") / arena.bait.token
    left.touch()
    try:
        assert traces(arena.bait.token) == [f"{left} was left"]
    finally:
        left.unlink()


def test_a_visit_to_the_hosts_services_is_noticed(arena: Arena) -> None:
    import socket

    from tests.support.live import eventually

    seen: list[str] = []
    socket.create_connection(("127.0.0.1", arena.bait.port)).close()
    eventually(lambda: seen.extend(arena.bait.touched) or bool(seen))
    assert "was reached" in seen[0]


def test_two_looks_at_a_quiet_host_are_the_same(arena: Arena) -> None:
    before = look(arena.bait.files)
    assert changes(before, look(arena.bait.files)) == []
    lost = replace(before, free_mb=before.free_mb - 1000, clock_s=before.clock_s + 60, mounts=frozenset())
    assert len(changes(before, lost)) == 3
