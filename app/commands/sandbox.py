"""`nexus sandbox build | status | test`: the box that earns the verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from app.output import put, say
from app.parser import Parser
from config.paths import user_paths
from sandbox.model import LANGUAGES

_EXAMPLES = """\
  nexus sandbox status
  nexus sandbox build                     # Debian packages where root and debootstrap are there, else the Dockerfile
  nexus sandbox build --from dockerfile --language python
  nexus sandbox test                      # every attack on every backend that is here, two minutes each
  nexus sandbox test --backend bubblewrap --json

exit codes:
  0 all is well   5 no sandbox works, or something escaped"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    parser = Parser(
        "nexus sandbox", "Build what the sandbox needs, check which backends work here, or attack them.", _EXAMPLES
    )
    parser.add_argument(
        "action",
        choices=("build", "status", "test"),
        help="build toolchains and Docker images, run a canary in each backend, or try every attack on it",
    )
    parser.flag(
        "--from",
        dest="way",
        choices=("auto", "debian", "dockerfile"),
        twin=False,
        help="build: where the image's contents come from",
    )
    parser.flag("--language", choices=LANGUAGES, twin=False, help="build: only what this language needs")
    parser.flag("--backend", choices=("docker", "bubblewrap"), twin=False, help="test: only this one")
    parser.flag("--json", action="store_true", help="status, test: print one JSON object")
    args = parser.read(argv, env)
    if args.action == "build":
        from sandbox.build import build

        for built in asyncio.run(build(user_paths(env).cache, say, (args.language or "python",), args.way or "auto")):
            put(f"{built.size_mb:5} MB  {built.what}")
        return 0
    if args.action == "test":
        from app.attack_report import attack

        return attack(args.backend, env, as_json=bool(args.json))
    from app.doctor.report import examine
    from app.doctor.sandbox_checks import LIMITS_CHECK, SANDBOX_CHECKS

    return examine((*SANDBOX_CHECKS, LIMITS_CHECK), Path(), env, as_json=bool(args.json))
