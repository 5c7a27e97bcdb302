"""Reads a settings file into `section.key` entries with line numbers; sets or removes one key and keeps comments.

Only two levels of plain YAML are settings. Anything that could be more (aliases, tags, nesting, huge files, devices)
is refused before a value is built, because a project's file comes with a repository somebody else wrote.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.errors import ConfigError
from config.paths import make_private_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config.keys import SettingValue

MAX_BYTES = 64 * 1024
_INDENTED = re.compile(r"(?:[ \t]*\r?\n)*[ \t]+\S")
"""Blank lines, then one that belongs to the section above."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One `section.key: text`; `origin` is `file:line`. Scalars stay text until the schema gives them a type."""

    key: str
    text: str
    origin: str


def read_settings_file(path: Path) -> list[Entry]:
    """Entries of a settings file; none when it does not exist. A null value means "not set" and is left out.

    Raises ConfigError naming the file and line.
    """
    return parse_settings(_read_text(path), str(path))


def parse_settings(text: str, name: str) -> list[Entry]:
    """Entries of YAML text; `name` is the file in messages. Raises ConfigError."""
    if not text.strip():
        return []
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return list(_entries(YAML(typ="safe", pure=True).compose(text), name))
    except RecursionError:
        raise _refuse(f"{name}: this is nested too deeply") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{name}:{line}: this is not YAML: {error.problem}.", "Mend that line.") from None
    except YAMLError as error:
        raise ConfigError(f"{name}: this is not YAML: {str(error).splitlines()[0]}.", "Mend the file.") from None


def set_in_file(path: Path, dotted: str, value: SettingValue) -> None:
    """Set one key, keeping comments and order; written whole or not at all, mode 0600 when new.

    Raises ConfigError when the file is not a settings file or cannot be written.
    """
    text = _read_text(path)
    parse_settings(text, str(path))

    def change(document: Any) -> None:
        section, _, name = dotted.partition(".")
        if document.get(section) is None:
            document[section] = {}
        document[section][name] = value

    _replace(path, _changed(text, change))


def unset_in_file(path: Path, dotted: str) -> bool:
    """Take one key out, keeping everything else as it is written; False when the file does not set it.

    Raises ConfigError when the file is not a settings file or cannot be written.
    """
    text = _read_text(path)
    before = {entry.key: entry.text for entry in parse_settings(text, str(path))}
    after = {key: value for key, value in before.items() if key != dotted}
    if len(after) == len(before):
        return False

    def change(document: Any) -> None:
        section, _, name = dotted.partition(".")
        del document[section][name]

    rest = _without_lines(text, dotted)
    if not _says(rest, after):
        rest = _changed(text, change)  # written as `{key: value}`, where the unit is not the line
    _replace(path, rest)
    return True


def _says(text: str, values: dict[str, str]) -> bool:
    try:
        return {entry.key: entry.text for entry in parse_settings(text, "")} == values
    except ConfigError:
        return False


def _changed(text: str, change: Callable[[Any], None]) -> str:
    """The text of a settings file after a change to its mapping, with its comments."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    document = yaml.load(text) if text.strip() else None
    nothing_but_comments = document is None
    if nothing_but_comments:
        document = {}
    change(document)
    out = io.StringIO()
    if nothing_but_comments and text.strip():
        out.write(text.rstrip() + "\n")
    yaml.dump(document, out)
    return out.getvalue()


def _without_lines(text: str, dotted: str) -> str:
    """The text without the lines of one key, and without the heading of its section when nothing stays below it.

    Comments on lines of their own stay, which a YAML writer would drop: to it they belong to the line before.
    """
    from ruamel.yaml import YAML

    root = YAML(typ="safe", pure=True).compose(text)
    section, _, name = dotted.partition(".")
    heading, body = next(pair for pair in root.value if pair[0].value == section)
    key, value = next(pair for pair in body.value if pair[0].value == name)
    written = text[key.start_mark.index : value.end_mark.index].rstrip()
    start = _line_start(text, key.start_mark.index)
    rest = text[:start] + text[_next_line(text, key.start_mark.index + len(written)) :]
    top, below = _line_start(rest, heading.start_mark.index), _next_line(rest, heading.end_mark.index)
    alone = rest[top:below].strip() == f"{section}:" and not _INDENTED.match(rest, below)
    return rest[:top] + rest[below:] if alone else rest


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _next_line(text: str, at: int) -> int:
    return text.find("\n", at) + 1 or len(text)


def _entries(root: Any, name: str) -> Iterator[Entry]:
    """A mapping of mappings of scalars, each key once."""
    seen: set[str] = set()
    for section, body, at in _pairs(root, name):
        if section in seen:
            raise _refuse(f"{name}:{at}: section {section!r} is written twice")
        seen.add(section)
        if _is_null(body):
            continue
        for key, value, line in _pairs(body, f"{name}:{at}: {section!r}"):
            full = f"{section}.{key}"
            if full in seen:
                raise _refuse(f"{name}:{line}: {full!r} is written twice")
            seen.add(full)
            if not isinstance(value.value, str) or not str(value.tag).startswith("tag:yaml.org,2002:"):
                raise _refuse(f"{name}:{line}: {full!r} is not one plain value")
            if not _is_null(value):
                yield Entry(full, value.value, f"{name}:{line}")


def _pairs(node: Any, where: str) -> Iterator[tuple[str, Any, int]]:
    """Key, value and line of each pair of a mapping node."""
    if node is None or _is_null(node):
        return
    if node.id != "mapping":
        raise _refuse(f"{where} is not a list of `key: value` lines")
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key.value, str) or key.anchor or value.anchor:
            raise _refuse(f"{where}: line {line} uses YAML that settings do not need (anchors, aliases, complex keys)")
        yield key.value, value, line


def _refuse(why: str) -> ConfigError:
    return ConfigError(f"{why}.", "Settings are written as `section:` and, below it and indented, `key: value`.")


def _is_null(node: Any) -> bool:
    return node.id == "scalar" and not node.style and node.value in ("", "~", "null", "Null", "NULL")


def _read_text(path: Path) -> str:
    try:
        # Non-blocking: opening a named pipe must not wait for a writer.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}).", "Mend its permissions or remove it.") from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ConfigError(f"{path} is not a regular file.", "Remove it.")
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(MAX_BYTES + 1)
    finally:
        os.close(handle)
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path} is larger than {MAX_BYTES // 1024} KiB.", "Settings are a page of text; shorten it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: this is not UTF-8 text.", "Save the file as UTF-8.") from None
    return text


def _replace(path: Path, text: str) -> None:
    """Put a file in place atomically, with the old one's mode; a link stays one. Raises ConfigError."""
    target = path.resolve()
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        make_private_dir(target.parent)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise ConfigError(f"{path} cannot be written ({error.strerror}).", "Mend its permissions.") from None
