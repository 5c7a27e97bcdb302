"""How the tested program of each language is started: its command, and the environment it gets."""

from __future__ import annotations

from . import layout

_COMMON = {
    "PATH": "/usr/bin:/bin",
    "HOME": layout.TMP,
    "TMPDIR": layout.TMP,
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}


def command(language: str) -> list[str]:
    """The program that takes its orders on descriptor 3 and reports on descriptor 4; its path comes first.

    Python has none: its child is a fork of the supervisor.
    """
    if language == "typescript":
        node = f"{layout.TOOLCHAIN}/bin/node"
        return [node, "--disable-sigusr1", "--no-warnings", f"{layout.LIBRARY}/{layout.PACKAGE}/node/main.mjs"]
    if language == "dotnet":
        return [f"{layout.TOOLCHAIN}/dotnet", "exec", f"{layout.TOOLCHAIN}/runner/Nexus.Box.dll"]
    raise ValueError(f"no runtime for {language}")


def environment(language: str, seed: int, memory_mb: int = 0) -> dict[str, str]:
    """All of it; nothing is inherited."""
    if language == "dotnet":
        return _COMMON | _dotnet(memory_mb)
    # No PYTHONPATH: a module in the work folder could take the place of one the interpreter starts with.
    return _COMMON | {
        "PYTHONHASHSEED": str(seed % 2**32),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "SOURCE_DATE_EPOCH": "0",
        # Node would try io_uring, which the box refuses.
        **({"UV_USE_IO_URING": "0"} if language == "typescript" else {}),
    }


def _dotnet(memory_mb: int) -> dict[str, str]:
    settings = {"EnableDiagnostics": "0", "TieredPGO": "0"}
    if memory_mb:
        # The runtime cannot see the box's limit, and would let garbage grow past it.
        settings["GCHeapHardLimit"] = f"{(memory_mb << 20) * 3 // 4:x}"
    # Before .NET 6 its settings began with COMPlus.
    both = {f"{prefix}_{name}": value for prefix in ("DOTNET", "COMPlus") for name, value in settings.items()}
    own = {
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
        "DOTNET_MULTILEVEL_LOOKUP": "0",
        "LD_LIBRARY_PATH": f"{layout.TOOLCHAIN}/lib",
    }
    return both | own
