"""Runs tests that need nothing of pytest: functions without arguments that assert. Loading pytest costs 150 ms.

The same control tests are mixed in, the same comparisons are honest, the same guard watches. Whatever does not pass
here is judged by pytest in another box, so this needs no words for what went wrong.
"""

from __future__ import annotations

import atexit
import os
import sys
import time

from . import dice, layout, liars, sources
from .guard import Guard
from .honest_tree import make_honest, mark_truths, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Mapping

    from .frames import FrameWriter

_leave = os._exit
_Module, _Function = type(sys), type(lambda: None)
_MEANT_FOR_PYTEST = ("setup", "teardown", "setUp", "tearDown", "pytest", "collect_ignore", "__test__", "Test")
"""Beginnings of names in a test file that mean something to pytest."""


class Unfit(Exception):
    """The file turned out to hold more than plain tests."""


def run(config: Mapping[str, object], writer: FrameWriter) -> int:
    """Run the tests in `plain`; every result goes through `writer`."""
    wanted, protected = _texts(config["plain"]), _texts(config["protected"])
    canaries = config["canaries"]
    assert isinstance(canaries, dict)
    controls = {str(name): _control(str(name), str(text)) for name, text in canaries.items()}
    guard = Guard(protected)
    guard.snapshot()
    sources.open_import_path()
    order: list[tuple[str, Callable[[], object]]] = []
    try:
        order = _mixed(_load(wanted), controls)
    except Unfit:
        pass
    except BaseException as problem:
        sort = "compile_error" if isinstance(problem, SyntaxError) else ""
        _row(writer, wanted[0].partition("::")[0], "error", problem, {"collector": True, "sort": sort})
    writer.send("collected", {"count": len(order)})
    for name, test in order:
        began = time.monotonic()
        raised = _problem_of(test)
        took = {"duration_ms": int((time.monotonic() - began) * 1000)}
        _row(writer, name, "passed" if raised is None else "failed", raised, took)
        guard.check()
    sys.stdout.flush()
    guard.check()
    writer.send("finish", {"status": 0, "violations": guard.violations})
    if "threading" not in sys.modules and not atexit._ncallbacks():
        sys.stderr.flush()
        _leave(0)  # Python would tidy up for 3 ms, with nothing left to run
    return 0


def _texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]


def _control(name: str, source: str) -> Callable[[], object]:
    code = _honest(source, name)
    return lambda: exec(code, {})  # noqa: S102 - the harness's own text


def _honest(source: str | bytes, name: str) -> types.CodeType:
    tree = parse(source, name)
    mark_truths(tree)
    code: types.CodeType = compile(make_honest(tree), name, "exec", dont_inherit=True)
    return code


def _load(wanted: list[str]) -> dict[str, Callable[[], object]]:
    """The test functions by id, in the order of their files. Raises Unfit, and whatever the files raise."""
    tests: dict[str, Callable[[], object]] = {}
    for file in dict.fromkeys(test.partition("::")[0] for test in wanted):
        tests.update(_load_file(file, {test for test in wanted if test.startswith(f"{file}::")}))
    return tests


def _load_file(file: str, wanted: set[str]) -> dict[str, Callable[[], object]]:
    path = f"{layout.WORK}/{file}"
    folder, _, base = path.rpartition("/")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    code = _honest(sources.read(path), path)
    liars.trust(code)
    module = _Module(base.removesuffix(".py"))
    module.__file__ = path
    if module.__name__ in sys.modules:
        raise Unfit
    sys.modules[module.__name__] = module
    exec(code, module.__dict__)  # noqa: S102 - running it is the task, and this is inside the box
    own = {constant for constant in code.co_consts if isinstance(constant, type(code))}
    found: dict[str, Callable[[], object]] = {}
    for name, value in list(vars(module).items()):
        if name.startswith(_MEANT_FOR_PYTEST) or (isinstance(value, type) and hasattr(value, "assertEqual")):
            raise Unfit
        if name.startswith("test") and callable(value):
            if f"{file}::{name}" not in wanted or not isinstance(value, _Function) or value.__code__ not in own:
                raise Unfit
            found[f"{file}::{name}"] = value
    if found.keys() != wanted:
        raise Unfit
    return found


def _mixed(
    tests: dict[str, Callable[[], object]], controls: dict[str, Callable[[], object]]
) -> list[tuple[str, Callable[[], object]]]:
    """One control test first, one last, the others anywhere between."""
    order = list(tests.items())
    places = [0, len(order), *(dice.below(len(order) + 1) for _ in list(controls)[2:])]
    for control, place in zip(controls.items(), sorted(places, reverse=True), strict=True):
        order.insert(place, control)
    return order


def _problem_of(test: Callable[[], object]) -> BaseException | None:
    try:
        test()
    except BaseException as problem:
        return problem
    return None


def _row(
    writer: FrameWriter, test: str, outcome: str, problem: BaseException | None, more: Mapping[str, object]
) -> None:
    fields = {"test": test, "outcome": outcome, "duration_ms": 0, "message": type(problem).__name__ if problem else ""}
    writer.send("row", {**fields, "memory": isinstance(problem, MemoryError), **more})
