"""How the tested program of each language is started: its command, and the environment it gets."""

from __future__ import annotations

from . import layout


def command(language: str) -> list[str]:
    """The program that takes its orders on descriptor 3 and reports on descriptor 4; its path comes first.

    Python has none: its child is a fork of the supervisor.
    """
    if language == "typescript":
        node = f"{layout.TOOLCHAIN}/bin/node"
        return [node, "--disable-sigusr1", "--no-warnings", f"{layout.LIBRARY}/{layout.PACKAGE}/node/main.mjs"]
    raise ValueError(f"no runtime for {language}")


def environment(language: str, seed: int) -> dict[str, str]:
    """All of it; nothing is inherited."""
    # No PYTHONPATH: a module in the work folder could take the place of one the interpreter starts with.
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": layout.TMP,
        "TMPDIR": layout.TMP,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": str(seed % 2**32),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "SOURCE_DATE_EPOCH": "0",
        # Node would try io_uring, which the box refuses.
        "UV_USE_IO_URING": "0",
    }
