"""`nexus [PATH]`: opens the full-screen terminal, or says in a sentence why it cannot."""

from __future__ import annotations

import contextlib
import difflib
import gc
import os
import sys
import tempfile
import threading
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.exit import report_failure
from app.parser import Parser
from app.project import project_folder
from config.errors import UsageError
from config.paths import Paths, user_paths
from core.run.runs import find_run, sweep
from core.storage.store import Store

if TYPE_CHECKING:
    from app.terminal.application import NexusApp

_EXAMPLES = """\
  nexus
  nexus ~/src/tool
  nexus --run last
  nexus --demo"""


def open_terminal(argv: list[str], env: Mapping[str, str], commands: list[str]) -> int:
    """Returns the exit code. Raises NexusError before anything is shown."""
    if argv and not argv[0].startswith("-"):
        _refuse_typing_errors(argv[0], commands)
    args = _parser().read(argv, env)
    _require_terminal(env)
    # Nothing that is loaded for the first picture is garbage, and looking for some takes a tenth of the start.
    gc.disable()
    folder = _folder(args)
    _prepare_textual(env)
    paths = user_paths(env)
    opening = _Opening(paths)
    from app.terminal.application import NexusApp

    with opening.result() as store:
        run_id = find_run(store, args.run).id if args.run else ""
        app = NexusApp(store, paths, folder, env, run_id, bool(args.demo))
        # Python would print the traceback, on a screen that is not its own.
        threading.excepthook = lambda thread: _end(app, thread.exc_value)
        app.run(mouse=not args.no_mouse)
        if app.failure is not None:
            return report_failure(app.failure, json_mode=False)
        return app.return_code or 0


def _end(app: NexusApp, error: BaseException | None) -> None:
    if isinstance(error, Exception):
        app.end_with(error)


def _parser() -> Parser:
    parser = Parser("nexus", "Open the full-screen terminal in a folder (default: here).", _EXAMPLES)
    parser.add_argument("path", metavar="PATH", nargs="?", default=".", help="the project's folder")
    parser.flag("--run", metavar="RUN", twin=False, help="open this run: its id, the unique start of one, or `last`")
    parser.flag("--demo", action="store_true", twin=False, help="a sample project with recorded answers, no account")
    parser.flag("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    return parser


class _Opening:
    """The database is opened while Textual is imported: both take their time, and neither needs the other."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._store: Store | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._open, name="open-database", daemon=True)
        self._thread.start()

    def _open(self) -> None:
        try:
            self._store = Store(self._paths.database)
            sweep(self._store, self._paths)
        except BaseException as error:
            self._error = error

    def result(self) -> Store:
        """Raises what opening raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._store is not None
        return self._store


def _refuse_typing_errors(path: str, commands: list[str]) -> None:
    with contextlib.suppress(RuntimeError):  # `~name` of nobody
        if Path(path).expanduser().is_dir():
            return
    near = difflib.get_close_matches(path, commands, n=1)
    raise UsageError(
        f"{path!r} is neither a command nor a folder.",
        f"Did you mean `nexus {near[0]}`?" if near else "`nexus --help` lists the commands.",
    )


def _require_terminal(env: Mapping[str, str]) -> None:
    if env.get("TEXTUAL_DRIVER"):
        return  # a page of `nexus serve`
    remedy = 'Without one: nexus --headless "what to build"'
    if not (sys.__stdin__ and sys.__stdin__.isatty() and sys.__stderr__ and sys.__stderr__.isatty()):
        raise UsageError("The full-screen terminal needs a terminal for input and output.", remedy)
    if env.get("TERM", "") in ("", "dumb"):
        kind = env.get("TERM") or "not set"
        raise UsageError(f"TERM is {kind}: this terminal cannot show a full screen.", remedy)


def _folder(args: Namespace) -> Path:
    if args.demo:
        from evals.demo.layout import lay_out

        return lay_out(Path(tempfile.mkdtemp(prefix="nexus-demo-")))
    return project_folder(args.path)


def _prepare_textual(env: Mapping[str, str]) -> None:
    """Textual reads these when it is imported."""
    from app.terminal.pace import over_ssh

    if over_ssh(env):  # every byte counts: nothing moves that need not
        os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
        os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if env.get("NO_COLOR"):  # only a theme of the terminal's own colours gives up colours instead of turning them grey
        os.environ["TEXTUAL_THEME"] = "ansi-dark"
