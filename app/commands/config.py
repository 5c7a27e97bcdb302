"""`nexus config`: what the settings are, where they came from, and changing one."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from app.exit import warn
from app.output import put, put_json, say
from app.parser import Parser, assignment
from config.errors import UsageError
from config.keys import COMMAND_LINE, SettingValue, all_keys, as_text, parse_value, value_of
from config.loader import load_settings
from config.paths import user_paths
from config.setting_changes import Where, change_setting, public, settings_file
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
    values = {key.dotted: public(value_of(loaded.settings, key.dotted)) for key in chosen}
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
    rows = [[name, _shown(value)] + ([loaded.origins[name]] if args.origin else []) for name, value in values.items()]
    for line in table(rows):
        put(line)
    return 0


def _path(project: Path, env: Mapping[str, str]) -> int:
    places: tuple[Where, ...] = ("user", "project")
    for where in places:
        put(str(settings_file(where, project, env)))
    put(str(user_paths(env).keymap))
    return 0


def _set(args: Namespace, project: Path, env: Mapping[str, str]) -> int:
    if not args.key or args.value is None:
        raise UsageError("`config set` needs a key and a value.", "nexus config set budgets.day_usd 5")
    value, target = change_setting(args.key, args.value, "project" if args.project else "user", project, env)
    say(f"{args.key} = {_shown(public(value))} in {target}")
    return 0


def _shown(value: SettingValue) -> str:
    return as_text(value) or '""'
