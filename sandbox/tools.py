"""The read-only folder mounted into every box: the harness, and a copy of pytest from Nexus's own installation.

Never the environment of Nexus itself: the box sees these packages and no others. The folder is named by its
content, so that processes share it and an upgrade makes a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from config.errors import SandboxUnavailable
from sandbox.harness import layout

DISTRIBUTIONS = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
SHARED = Path("/var/lib/nexus-sandbox")
"""Where root keeps the folder when the box's user cannot walk to the cache, as under /root."""
SEALED = 0o711 if os.geteuid() == 0 else 0o111
"""A box may execute it and not read it. Boxes of a user run as that user, who may not read it either."""
_PASSWD = b"box:x:65534:65534:box:/tmp:/bin/sh\nroot:x:0:0:root:/tmp:/bin/sh\n"
_GROUP = b"box:x:65534:\nroot:x:0:\n"

Compile = Callable[[Path], None]
"""Byte-compiles the Python files below a folder with the interpreter of the box."""


def prepare_tools(cache: Path, tag: str, readable: Callable[[Path], bool], compile_all: Compile) -> Path:
    """The tool folder for the interpreter named by `tag`; made once, then only looked up.

    `readable` tells whether the box's user can read below a folder. Raises SandboxUnavailable when no place does.
    """
    contents = dict(_contents())
    parent = _parent(cache, readable)
    target = parent / _name(tag, contents)
    if not (target / "complete").is_file():
        _make(parent, target, contents, compile_all)
    with contextlib.suppress(OSError):
        (target / "complete").touch()  # for `nexus sandbox prune`: this version of Nexus is in use
    return target


def names_of(tags: Iterable[str]) -> set[str]:
    """The names of this version's folders for interpreters named by these tags."""
    contents = dict(_contents())
    return {_name(tag, contents) for tag in tags}


def _name(tag: str, contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(tag.encode())
    for name, data in sorted(contents.items()):
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:20]


def _contents() -> Iterator[tuple[str, bytes]]:
    harness = Path(__file__).parent / "harness"
    for path in sorted((*harness.glob("*.py"), *harness.glob("node/*.mjs"))):
        yield f"lib/{layout.PACKAGE}/{path.relative_to(harness)}", path.read_bytes()
    for name in DISTRIBUTIONS:
        yield from _distribution(name)
    yield "etc/passwd", _PASSWD
    yield "etc/group", _GROUP


def _distribution(name: str) -> Iterator[tuple[str, bytes]]:
    try:
        files = importlib.metadata.distribution(name).files or []
    except importlib.metadata.PackageNotFoundError as missing:
        raise SandboxUnavailable(f"{name} is not installed beside Nexus.", "Reinstall Nexus.") from missing
    for file in files:
        path = PurePosixPath(file.as_posix())
        if ".." in path.parts or "__pycache__" in path.parts or path.suffix == ".pyc":
            continue
        yield f"tools/{path}", file.read_binary()


def _parent(cache: Path, readable: Callable[[Path], bool]) -> Path:
    own = cache / "sandbox-tools"
    own.mkdir(mode=0o755, parents=True, exist_ok=True)
    if readable(own):
        return own
    if os.geteuid() != 0:
        raise SandboxUnavailable(
            f"The box's user cannot read {own}.", "Set NEXUS_HOME to a folder that others may enter."
        )
    shared = shared_folder("tools")
    if not readable(shared):
        raise SandboxUnavailable(f"The box's user cannot read {shared}.", f"Run: chmod o+rx {shared}")
    return shared


def shared_folder(name: str) -> Path:
    """A folder below SHARED that root owns, everyone can enter and nobody else can write. For root only."""
    folder = SHARED / name
    for path in (SHARED, folder):
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
        seen = path.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != 0 or seen.st_mode & 0o022:
            raise SandboxUnavailable(f"{path} is not a folder that only root can write.", f"Run: rm -rf {SHARED}")
    return folder


def open_to_all(root: Path) -> None:
    """Let everyone read what is below `root`, and execute what its owner may; links are left alone.

    A program that was SEALED stays so: the kernel keeps the memory of a process from those who may not read its file.
    """
    for folder, _, names in os.walk(root):
        Path(folder).chmod(0o755)
        for path in (Path(folder) / name for name in names):
            mode = path.lstat().st_mode
            if not stat.S_ISLNK(mode) and mode & 0o077 != 0o011:
                path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)


def _make(parent: Path, target: Path, contents: dict[str, bytes], compile_all: Compile) -> None:
    """Write beside the target and rename: another process sees the whole folder or none."""
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
    try:
        for name, data in contents.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        compile_all(scratch)
        (scratch / "complete").touch()
        open_to_all(scratch)
        try:
            scratch.rename(target)
        except OSError:
            if not (target / "complete").is_file():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
