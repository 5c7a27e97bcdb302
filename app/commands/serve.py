"""`nexus serve [PATH]`: the full-screen terminal in a browser on this machine."""

from __future__ import annotations

import argparse
import asyncio
import errno
import socket
from collections.abc import Mapping

from app.output import flush_streams, put, say
from app.parser import Parser
from app.project import project_folder
from config.errors import ConfigError, NexusError, UsageError
from config.paths import user_paths
from core.storage.store import Store

_HOST = "127.0.0.1"
_PORT = 8790

_EXAMPLES = """\
  nexus serve
  nexus serve ~/src/tool --port 9000
On a machine you reach by SSH, serve there and forward the port to your own:
  ssh -L 8790:127.0.0.1:8790 you@there"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    args = _parser().read(argv, env)
    if args.host not in (_HOST, "localhost"):
        raise UsageError(
            f"Nexus serves on {_HOST} only, not on {args.host}: whoever reaches the page can run commands as you.",
            f"From another machine: ssh -L {_PORT}:{_HOST}:{_PORT} you@this-machine, then open the address there.",
        )
    folder = project_folder(args.path)
    try:
        from app.serve.site import Site
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"The web server is not installed ({missing.name} is missing).", "pip install textual-serve"
        ) from None
    with Store(user_paths(env).database):
        pass  # what keeps a viewer from opening is better said here than in every page
    with _listener(args.port) as listener:
        port = listener.getsockname()[1]
        site = Site(folder, port)
        asyncio.run(site.serve(listener, lambda: _announce(port, site.gate.token, env)))
    say("Stopped. Runs under way go on; `nexus runs` lists them.")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "nexus serve",
        "Show the full-screen terminal in a browser on this machine, until ^C.\n"
        "Prints an address that opens in one browser. Reloading or closing the page stops no run.",
        _EXAMPLES,
    )
    parser.add_argument("path", metavar="PATH", nargs="?", default=".", help="the project's folder (default: this one)")
    parser.flag("--port", type=_port, metavar="N", help=f"port (default: {_PORT}, or any free one; 0: any free one)")
    parser.flag("--host", twin=False, default=_HOST, metavar="HOST", help=f"only {_HOST}; use `ssh -L` from elsewhere")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number from 0 to 65535")
    return int(text)


def _listener(wanted: int | None) -> socket.socket:
    """A listening socket on the port, or without a wish on the usual port or any free one."""
    try:
        return _listen_on(_PORT if wanted is None else wanted)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and wanted is None:
            say(f"Port {_PORT} is taken by another program; another one is used.")
            return _listen_on(0)
        if error.errno == errno.EADDRINUSE:
            raise NexusError(
                f"Port {wanted} is taken by another program.",
                "Choose another with --port, or let Nexus choose: --port 0",
            ) from None
        if error.errno == errno.EACCES:
            raise NexusError(f"Port {wanted} is reserved for the system.", "Choose one from 1024 on.") from None
        raise


def _listen_on(port: int) -> socket.socket:
    listener = socket.create_server((_HOST, port))
    listener.setblocking(False)
    return listener


def _announce(port: int, token: str, env: Mapping[str, str]) -> None:
    if env.get("SSH_CONNECTION"):
        user, here = env.get("USER", "you"), socket.gethostname()
        say(f"You are here by SSH. First run this on your own machine: ssh -L {port}:{_HOST}:{port} {user}@{here}")
    say("Open this address in a browser. It opens in one only; ^C here ends it.")
    put(f"http://{_HOST}:{port}/?token={token}")
    flush_streams()
