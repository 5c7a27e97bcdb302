"""Checks a request on the host and turns it into the one stream that enters the box."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import PurePosixPath

from config.errors import UsageError
from sandbox.harness import frames
from sandbox.model import BoxFile, BoxRequest, Limits
from sandbox.steering import is_build_output, steers

MAX_FILES = 40_000


def admitted(request: BoxRequest) -> tuple[list[tuple[BoxFile, bool]], tuple[str, ...]]:
    """The files to lay out, each with whether it is protected, and a note about what was left out.

    Files that steer the test run count only when they are protected: anyone could plant a conftest.py.
    Raises UsageError for a path that is not plainly inside the work folder.
    """
    protected = {check_path(file.path): file for file in request.pristine}
    kept: list[tuple[BoxFile, bool]] = []
    dropped: list[str] = []
    for file in request.files:
        path = check_path(file.path)
        if path in protected:
            continue
        if steers(path):
            dropped.append(path)
        else:
            kept.append((file, False))
    kept += ((file, True) for path, file in protected.items() if not is_build_output(path))
    if len(kept) > MAX_FILES:
        raise UsageError(f"The sandbox takes at most {MAX_FILES} files; this work tree has {len(kept)}.")
    _check_shape([file.path for file, _ in kept])
    if not dropped:
        return kept, ()
    return kept, (f"Left out, because only the project's own may steer the tests: {', '.join(sorted(dropped))}.",)


def encode(request: BoxRequest, key: bytes, extra_limits: dict[str, int]) -> tuple[bytes, tuple[str, ...]]:
    """The stream for the supervisor: length, header, contents. And the notes of `admitted`."""
    kept, notes = admitted(request)
    header = {
        "key": key.hex(),
        "language": request.language,
        "kind": request.kind,
        "entry": check_path(request.entry),
        "plain": list(request.plain),
        "select": [check_select(name) for name in dict.fromkeys(request.select)],
        "seed": request.seed,
        "limits": {**asdict(effective(request.limits)), **extra_limits},
        "files": [[file.path, len(file.content), file.executable, pristine] for file, pristine in kept],
    }
    head = frames.with_length(json.dumps(header, ensure_ascii=True).encode("ascii"))
    return b"".join([head, *(file.content for file, _ in kept)]), notes


def effective(limits: Limits) -> Limits:
    """Limits with 0 ("off") replaced by what "off" can mean here: a wait always has an end, and so has memory."""
    return Limits(
        timeout_s=limits.timeout_s or 24 * 3600,
        memory_mb=limits.memory_mb,
        pids=limits.pids,
        cpus=limits.cpus,
        disk_mb=limits.disk_mb or 4096,
        output_kb=limits.output_kb or 65_536,
    )


def check_path(path: str) -> str:
    """The path itself. Raises UsageError unless it is relative, normal and stays inside."""
    pure = PurePosixPath(path)
    sound = path and "\0" not in path and "\\" not in path and not pure.is_absolute() and ".." not in pure.parts
    if not sound or str(pure) != path or path == "." or not path.isprintable():
        raise UsageError(f"{path!r} is not a path inside the work folder.", "Use a relative path without '..'.")
    return path


def check_select(name: str) -> str:
    """A test file, folder or node id. Raises UsageError for anything pytest could take for an option."""
    path = name.partition("::")[0]
    if name.startswith("-") or "\0" in name:
        raise UsageError(f"{name!r} does not name a test.")
    check_path(path)
    return name


def _check_shape(paths: list[str]) -> None:
    """No file may also be a folder. Raises UsageError."""
    folders = {parent for path in paths for parent in _parents(path)}
    if clash := folders.intersection(paths):
        raise UsageError(f"{min(clash)!r} is both a file and a folder.")


def _parents(path: str) -> Iterator[str]:
    for parent in PurePosixPath(path).parents:
        if str(parent) != ".":
            yield str(parent)
