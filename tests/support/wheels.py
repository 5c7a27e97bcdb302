"""Python packages made on the spot, and an environment in which pip finds these and no others."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

HOSTILE_SETUP = "open({mark!r}, 'w').close()\n"


def write_wheel(folder: Path, name: str, version: str = "1", code: str = "", requires: str = "") -> Path:
    """A pure-Python wheel with one module of the same name."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", code or f"VERSION = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def write_sdist(folder: Path, name: str, mark: Path) -> Path:
    """A package that exists only as source, and whose build would leave `mark`."""
    path = folder / f"{name}-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file, text in {
            "setup.py": HOSTILE_SETUP.format(mark=str(mark)),
            "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        }.items():
            entry = tarfile.TarInfo(f"{name}-1/{file}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def pip_settings(index: Path) -> dict[str, str]:
    """Variables with which pip takes packages from `index` and asks nobody."""
    return {"PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
