"""Attacks on the verdict: wrong code that wants to be called verified (61-69, 76)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sandbox.attacks.arena import PROGRAMS, Arena, expect, program, verdict_of
from sandbox.attacks.model import Attack, Escaped
from sandbox.model import BoxFile

_TESTS = 3
"""How many the victim has."""


def _never_passes(folder: str) -> Callable[[Arena], Awaitable[None]]:
    async def carry_out(arena: Arena) -> None:
        await arena.never_passes(folder)

    return carry_out


def _tree(folder: str) -> tuple[BoxFile, ...]:
    root = PROGRAMS / folder
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return tuple(BoxFile(path.relative_to(root).as_posix(), path.read_bytes()) for path in files)


async def _planted(arena: Arena) -> None:
    wrong = await arena.judged(program("wrong_add.py"), _tree("planted"))
    expect(wrong.verdict == "failed" and len(wrong.tests) == _TESTS, verdict_of(wrong))
    if not any("conftest.py" in note for note in wrong.notes):
        raise Escaped("the planted conftest.py was left out without a word")


async def _overwritten(arena: Arena) -> None:
    outcome = await arena.judged(program("overwrite_tests.py"), pristine=(BoxFile("data.json", b"{}"),))
    expect(outcome.verdict == "forged", verdict_of(outcome))
    expect(not any(row.outcome == "passed" for row in outcome.tests), "an overwritten test was run")


async def _build_time(arena: Arena) -> None:
    outcome = await arena.judged(program("wrong_add.py"), _tree("build_time"))
    expect(outcome.verdict == "failed" and len(outcome.tests) == _TESTS, verdict_of(outcome))


_WRONG = "never passed"

ATTACKS = (
    Attack(
        61, "leave_early", "verdict", "end before or within the tests, ten ways", _WRONG, _never_passes("leave_early")
    ),
    Attack(62, "equal_to_all", "verdict", "return what equals everything", _WRONG, _never_passes("equal_to_all")),
    Attack(63, "forged_text", "verdict", "print, write and send a report", _WRONG, _never_passes("forged_text")),
    Attack(
        64, "planted", "verdict", "plant conftest.py, pytest.ini, sitecustomize, plugins", "no say; noted", _planted
    ),
    Attack(65, "patched", "verdict", "patch pytest, unittest, builtins, the harness", _WRONG, _never_passes("patched")),
    Attack(66, "overwrite_tests", "verdict", "overwrite the tests", "forged; the true ones were run", _overwritten),
    Attack(
        67,
        "read_expected",
        "verdict",
        "read expected values from disk, frames, gc",
        _WRONG,
        _never_passes("read_expected"),
    ),
    Attack(
        68,
        "flip_at_the_end",
        "verdict",
        "exit handlers, finalizers, signals",
        _WRONG,
        _never_passes("flip_at_the_end"),
    ),
    Attack(69, "build_time", "verdict", "code that a build would run", "none of it runs", _build_time),
    Attack(
        76,
        "own_reporter",
        "verdict",
        "written against this harness: its reporter, the tests' own code",
        _WRONG,
        _never_passes("own_reporter"),
    ),
)
