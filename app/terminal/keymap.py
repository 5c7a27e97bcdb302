"""The user's own keys: `keymap.yaml` beside the settings file, action ids with the keys that shall do them.

    run.zoom: Z
    app.palette: [ctrl+p, ctrl+k]

What is wrong in it is told in a sentence and left out; the rest holds.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textual.keys import Keys, key_to_character

from screens.actions import ACTIONS, RESERVED, Action
from screens.keys import key_name, keys_of

Keymap = dict[str, str]
"""Action id to Textual's key names, separated by commas."""

_MOST_BYTES = 64 * 1024
_MODIFIERS = {"ctrl", "alt", "shift", "super", "hyper", "meta"}
_NAMED = {str(key.value) for key in Keys}
_ACTIONS = {action.id: action for action in ACTIONS}


def read_keymap(place: Path) -> tuple[Keymap, list[str]]:
    """What of the file holds, and a sentence for each thing that does not. No file: nothing. Blocks."""
    try:
        with place.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [f"{place} cannot be read ({error.strerror}); the keys are as ever."]
    if len(text) > _MOST_BYTES:
        return {}, [f"{place} is larger than 64 KiB; the keys are as ever."]
    entries, problem = _parse(text.decode("utf-8", "replace"))
    if problem:
        return {}, [f"{place}{problem}; the keys are as ever."]
    keymap: Keymap = {}
    problems: list[str] = []
    for name, keys in entries.items():
        problems += [f"{place}: {sentence}" for sentence in _adopt(str(name), keys, keymap)]
    problems += [f"{place}: {sentence}" for sentence in _drop_clashes(keymap)]
    return keymap, problems


def _parse(text: str) -> tuple[dict[Any, Any], str]:
    """The mapping in the file, or what is wrong with it."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return {}, f":{line}: this is not YAML: {error.problem}"
    except (YAMLError, RecursionError, ValueError) as error:
        return {}, f" is not YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}"
    if data is None:
        return {}, ""
    return (data, "") if isinstance(data, dict) else ({}, " must hold lines such as `run.zoom: Z`")


def _adopt(name: str, given: object, keymap: Keymap) -> Iterator[str]:
    """Put the good keys of one entry into `keymap`; a sentence for each bad one."""
    if name not in _ACTIONS:
        near = difflib.get_close_matches(name, _ACTIONS, n=1)
        yield f"there is no action `{name}`" + (f"; did you mean `{near[0]}`?" if near else "; F1 lists them.")
        return
    wanted = given if isinstance(given, list) else _listed(str(given)) if given is not None else []
    good = []
    for one in wanted:
        key = _key(str(one))
        if not key:
            yield f"`{one}` for {name} is no key; keys are written like x, X, f5, ctrl+x or shift+tab."
        elif key in RESERVED:
            yield f"`{one}` for {name} does not reach Nexus: terminals or multiplexers take that key."
        else:
            good.append(key)
    if good:
        keymap[name] = ",".join(dict.fromkeys(good))
    elif not wanted:
        yield f"{name} names no key."


def _listed(text: str) -> list[str]:
    return [text] if len(text) == 1 else [part for part in text.replace(",", " ").split() if part]


def _key(written: str) -> str:
    """Textual's name of a key as people write it; empty when it is none."""
    if len(written) == 1:
        return {",": "comma"}.get(written, written) if written.isprintable() and written != " " else ""
    *modifiers, last = [part.strip() for part in written.split("+")]
    modifiers = [part.lower() for part in modifiers]
    last = last.lower() if modifiers or len(last) > 1 else last
    if not last or not set(modifiers) <= _MODIFIERS:
        return ""
    known = len(last) == 1 or last in _NAMED or key_to_character(last) is not None
    return "+".join([*modifiers, last]) if known else ""


def _drop_clashes(keymap: Keymap) -> Iterator[str]:
    """Take out what gives a key to two actions that can be in reach at once; a sentence for each."""
    while clash := _first_clash(keymap):
        mine, other, key = clash
        yield f"`{key}` for {mine} is already the key of {other}."
        del keymap[mine]


def _first_clash(keymap: Keymap) -> tuple[str, str, str] | None:
    """The entry that is to give way, the action whose key it takes, and the key."""
    for mine in reversed(keymap):
        for other in ACTIONS:
            if other.id == mine or not _meet(_ACTIONS[mine], other):
                continue
            taken = {key_name(key) for key in keys_of(other, keymap)}
            for key in map(key_name, keys_of(_ACTIONS[mine], keymap)):
                if key in taken:
                    return mine, other.id, key
    return None


def _meet(one: Action, other: Action) -> bool:
    return one.scope == other.scope or "app" in (one.scope, other.scope)
