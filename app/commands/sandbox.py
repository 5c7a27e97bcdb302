"""`nexus sandbox build | status`: the box that earns the verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from app.output import put, say
from app.parser import Parser

_EXAMPLES = """\
  nexus sandbox status
  nexus sandbox build                     # Debian packages where root and debootstrap are there, else the Dockerfile
  nexus sandbox build --from dockerfile"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    parser = Parser("nexus sandbox", "Build the sandbox image, or check which backends work here.", _EXAMPLES)
    parser.add_argument("action", choices=("build", "status"), help="build the Docker image, or run a canary in each")
    parser.flag(
        "--from",
        dest="way",
        choices=("auto", "debian", "dockerfile"),
        twin=False,
        help="build: where the image's contents come from",
    )
    parser.flag("--json", action="store_true", help="status: print one JSON object")
    args = parser.read(argv, env)
    if args.action == "build":
        from sandbox.image_builder import build_python_image

        put(asyncio.run(build_python_image(say, args.way or "auto")))
        return 0
    from app.doctor.report import examine
    from app.doctor.sandbox_checks import SANDBOX_CHECKS

    return examine(SANDBOX_CHECKS, Path(), env, as_json=bool(args.json))
