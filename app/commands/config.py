"""`nexus config`: what the settings are, where they came from, and changing one."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from app.exit import warn
from app.output import put, put_json, say
from app.parser import Parser, assignment
from config.errors import UsageError
from config.keys import COMMAND_LINE, SettingValue, all_keys, parse_value, value_of
from config.loader import load_settings, project_file, repository_root
from config.paths import user_paths
from config.project_trust import may_be_set_by_project, refusal
from config.settings_file import set_in_file
from core.text.display import table

_EXAMPLES = """\
  nexus config show --origin
  nexus config show budgets
  nexus config path
  nexus config set budgets.day_usd 5
  nexus config set sandbox.timeout_s 60 --project

layers, each over the one before:
  defaults < limits.yaml < your file < the project's .nexus/config.yaml < NEXUS_SECTION__KEY < flags
A project's file comes with the repository: it can tighten limits, never loosen them or choose the model."""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    args = _parser().read(argv, env)
    project = Path(args.cwd or ".").absolute()
    if not project.is_dir():
        raise UsageError(f"{args.cwd} is not a folder.", "Name the project's folder with -C.")
    if args.action == "path":
        return _path(project, env)
    if args.action == "set":
        return _set(args, project, env)
    return _show(args, project, env)


def _parser() -> Parser:
    parser = Parser("nexus config", "Show and change settings.", _EXAMPLES)
    parser.add_argument("action", choices=("show", "path", "set"), help="show all, print the files' places, or set one")
    parser.add_argument("key", metavar="KEY", nargs="?", default="", help="a setting, or for show a section")
    parser.add_argument("value", metavar="VALUE", nargs="?", help="for set: the new value")
    parser.flag("--origin", action="store_true", twin=False, help="show: where each value came from")
    parser.flag("--project", action="store_true", twin=False, help="set: in the project's file, not in yours")
    parser.flag("-c", "--set", metavar="KEY=VALUE", dest="settings", type=assignment, action="append", twin=False)
    parser.flag("-C", "--cwd", metavar="DIR", help="the project (default: here)")
    parser.flag("--json", action="store_true", help="show: print one JSON object")
    return parser


def _show(args: Namespace, project: Path, env: Mapping[str, str]) -> int:
    loaded = load_settings(project, env, dict(args.settings or []))
    for warning in loaded.warnings:
        warn(warning)
    chosen = [key for name, key in all_keys().items() if not args.key or args.key in (name, key.section)]
    if not chosen:
        parse_value(args.key, "", COMMAND_LINE)  # raises, naming the nearest key
    values = {key.dotted: _public(value_of(loaded.settings, key.dotted)) for key in chosen}
    if args.json:
        put_json(
            {
                key.dotted: {
                    "value": values[key.dotted],
                    "origin": loaded.origins[key.dotted],
                    "env": key.env,
                    "meaning": key.meaning,
                }
                for key in chosen
            }
        )
        return 0
    rows = [[name, _text(value)] + ([loaded.origins[name]] if args.origin else []) for name, value in values.items()]
    for line in table(rows):
        put(line)
    return 0


def _path(project: Path, env: Mapping[str, str]) -> int:
    for place in (user_paths(env).user_settings, project_file(repository_root(project))):
        put(str(place))
    return 0


def _set(args: Namespace, project: Path, env: Mapping[str, str]) -> int:
    if not args.key or args.value is None:
        raise UsageError("`config set` needs a key and a value.", "nexus config set budgets.day_usd 5")
    value = parse_value(args.key, args.value, COMMAND_LINE)
    if not args.project:
        target = user_paths(env).user_settings
        set_in_file(target, args.key, value)
    else:
        root = repository_root(project)
        _check_project_may(args.key, value, root, env)
        target = project_file(root)
        if target.is_symlink() or not target.resolve().is_relative_to(root.resolve()):
            raise UsageError(f"{target} is a link, which a project's settings may not be.", "Remove it.")
        set_in_file(target, args.key, value)
    say(f"{args.key} = {_text(_public(value))} in {target}")
    return 0


def _check_project_may(key: str, value: SettingValue, root: Path, env: Mapping[str, str]) -> None:
    """Refuse to write what would be ignored when read. Raises UsageError."""
    current = value_of(load_settings(None, env, {}).settings, key)
    why = refusal(key, value, current, root) if may_be_set_by_project(key) else "only you may set it"
    if why:
        raise UsageError(
            f"A project's file may not set {key} to {_text(_public(value))}: {why}.",
            f"Set it in your own file: nexus config set {key} {_text(_public(value))}",
        )


def _public(value: SettingValue) -> SettingValue:
    """The value without the password that an address may carry."""
    if isinstance(value, str) and "://" in value:
        parts = urlsplit(value)
        if parts.password or parts.username:
            return urlunsplit(parts._replace(netloc=f"***@{parts.netloc.rpartition('@')[2]}"))
    return value


def _text(value: SettingValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value) or '""'
