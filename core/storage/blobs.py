"""File contents under their SHA-256, for this user only; what is written is on the disk before anyone relies on it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from config.errors import StoreError
from config.paths import make_private_dir
from core.ids import digest

_REMEDY = "Restore the folder from a backup."


def write_private(path: Path, data: bytes) -> None:
    """Create or replace a file: whole or not at all, synced, mode 0600."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class BlobFolder:
    """A folder of blobs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, data: bytes) -> str:
        """Keep `data`; returns its hash. Saving the same content again costs nothing."""
        name = digest(data)
        target = self._folder / name
        if not target.exists():
            make_private_dir(self._folder)
            write_private(target, data)
        return name

    def load(self, name: str) -> bytes:
        """Content of a blob. Raises StoreError when it is gone or no longer what its name says."""
        try:
            data = (self._folder / name).read_bytes()
        except OSError as error:
            raise StoreError(f"Saved file {name[:12]} is missing from {self._folder}.", _REMEDY) from error
        if digest(data) != name:
            raise StoreError(f"Saved file {name[:12]} in {self._folder} is damaged.", _REMEDY)
        return data
