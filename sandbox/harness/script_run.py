"""Runs one program as `__main__` and reports how it ended."""

from __future__ import annotations

import sys

from . import layout
from .frames import FrameWriter

_Module = type(sys)


def run(entry: str, writer: FrameWriter) -> int:
    """Run the file and return the exit status of the process. Every way to end, but a hard exit, is reported."""
    path = f"{layout.WORK}/{entry}"
    _add_interactive_names()
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs a script 5 ms
            code = compile(file.read(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OSError) as problem:
        return _end(writer, "compile_error", problem, keep_frames=False)
    module = _Module("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv = [path]
    try:
        exec(code, module.__dict__)  # noqa: S102 - running it is the task, and this is inside the box
    except SystemExit as leaving:
        if leaving.code not in (None, 0):
            return _end(writer, "runtime_error", leaving, keep_frames=False)
    except BaseException as problem:
        return _end(writer, "runtime_error", problem, keep_frames=True)
    sys.stdout.flush()
    writer.send("finish", {})
    return 0


def _end(writer: FrameWriter, sort: str, problem: BaseException, *, keep_frames: bool) -> int:
    import traceback  # only now: with `text` it costs 10 ms

    from .text import clean

    # The first frame is this file's own.
    where = problem.__traceback__.tb_next if keep_frames and problem.__traceback__ else None
    lines = traceback.format_exception(type(problem), problem, where)
    if not isinstance(problem, SystemExit):
        print("".join(lines), file=sys.stderr, end="")  # noqa: T201 - what the interpreter itself would print
    message = clean("".join(lines))
    writer.send("problem", {"sort": sort, "message": message, "memory": isinstance(problem, MemoryError)})
    writer.send("finish", {})
    if isinstance(problem, SystemExit):
        return problem.code if isinstance(problem.code, int) else 1
    return 1


def _add_interactive_names() -> None:
    """`exit` and `quit` come from `site`, which the box does not run."""
    import site

    site.setquit()
