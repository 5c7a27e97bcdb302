"""`nexus sandbox build | status | test | prune`: the box that earns the verdict."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from pathlib import Path

from app.output import put, say
from app.parser import Parser
from config.errors import UsageError
from config.paths import user_paths
from sandbox.model import LANGUAGES

_EXAMPLES = """\
  nexus sandbox status
  nexus sandbox build                     # Debian packages where root and debootstrap are there, else the Dockerfile
  nexus sandbox build --from dockerfile --language python
  nexus sandbox build --project           # a layer of what the project here depends on: fetched now, no network later
  nexus sandbox build --project ~/src/shop --language typescript
  nexus sandbox prune --dry-run           # what no version of the recipes and no project needs any more
  nexus sandbox test                      # every attack on every backend that is here, two minutes each
  nexus sandbox test --backend bubblewrap --json

Dependencies are read from requirements*.txt, pyproject.toml and its lock file, and package.json with
package-lock.json. Nothing of a project is run: only wheels are taken, and npm's install scripts are off.
`nexus config set sandbox.packages numpy,pandas,hypothesis` adds packages to every layer of Python.

exit codes:
  0 all is well   2 the project's dependencies cannot be met   5 no sandbox works, or something escaped"""


_BELONGS_TO = {"--project": "build", "--from": "build", "--dry-run": "prune", "--backend": "test"}


def run(argv: list[str], env: Mapping[str, str]) -> int:
    args = _parser().read(argv, env)
    given = {"--project": args.project, "--from": args.way, "--dry-run": args.dry_run, "--backend": args.backend}
    for flag, value in given.items():
        if value is not None and args.action != _BELONGS_TO[flag]:
            raise UsageError(f"`nexus sandbox {args.action}` has no {flag}.", "`nexus sandbox --help` shows its flags.")
    if args.action == "build":
        return _build(args, env)
    if args.action == "prune":
        from app.sandbox_stock import prune

        return prune(user_paths(env).cache, dry_run=bool(args.dry_run), as_json=bool(args.json))
    if args.action == "test":
        from app.attack_report import attack

        return attack(args.backend, env, as_json=bool(args.json))
    from app.sandbox_status import status

    return status(env, as_json=bool(args.json))


def _parser() -> Parser:
    parser = Parser(
        "nexus sandbox", "Build what the sandbox needs, check which backends work here, or attack them.", _EXAMPLES
    )
    parser.add_argument(
        "action",
        choices=("build", "status", "test", "prune"),
        help="build toolchains, Docker images or a project's packages; run a canary in each backend and list what is "
        "there; try every attack; remove what nothing needs",
    )
    parser.flag(
        "--from",
        dest="way",
        choices=("auto", "debian", "dockerfile"),
        twin=False,
        help="build: where the image's contents come from",
    )
    parser.flag("--language", choices=LANGUAGES, twin=False, help="build: only what this language needs")
    parser.flag(
        "--project", nargs="?", const=".", metavar="PATH", twin=False, help="build: the packages of this project"
    )
    parser.flag("--backend", choices=("docker", "bubblewrap"), twin=False, help="test: only this one")
    parser.flag("--dry-run", action="store_true", twin=False, help="prune: only say what would go")
    parser.flag("--json", action="store_true", help="status, test, prune: print one JSON object")
    return parser


def _build(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    cache = user_paths(env).cache
    if args.project is not None:
        for folder, size in asyncio.run(_build_layers(args.project, args.language, env)):
            put(f"{size:5} MB  {folder}")
        return 0
    from sandbox.build import build

    for built in asyncio.run(build(cache, say, (args.language or "python",), args.way or "auto")):
        put(f"{built.size_mb:5} MB  {built.what}")
    return 0


async def _build_layers(where: str, language: str | None, env: Mapping[str, str]) -> list[tuple[Path, int]]:
    from app.project import project_folder
    from config.loader import load_settings
    from core.project_packages import build_layers
    from core.sandbox_runner import SandboxRunner
    from sandbox.folder_store import size_mb

    project, cache = project_folder(where), user_paths(env).cache
    settings = load_settings(project, env, {}).settings.sandbox
    runner = SandboxRunner(settings, cache)
    wanted = [one for one in LANGUAGES if language in (None, one)]
    try:
        made = await build_layers(project, settings, runner, cache, say, wanted)
        return [(folder, await asyncio.to_thread(size_mb, folder)) for folder in made]
    finally:
        await runner.close()
