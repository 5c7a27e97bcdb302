"""Where Nexus keeps things. `NEXUS_HOME` moves all of them under one folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one user. Nothing here touches the disk; the owner of a folder creates it, mode 0700."""

    data: Path
    """Truth: the database and the artefacts of runs."""
    cache: Path
    """Rebuildable or short-lived: work trees, sandbox tool directories."""
    config: Path
    """The user's settings file and keys."""

    @property
    def database(self) -> Path:
        return self.data / "nexus.db"

    @property
    def user_settings(self) -> Path:
        return self.config / "config.yaml"

    @property
    def keymap(self) -> Path:
        return self.config / "keymap.yaml"

    def run_dir(self, run_id: str) -> Path:
        return self.data / "runs" / run_id


def user_paths(env: Mapping[str, str] | None = None) -> Paths:
    """Folders for this user, from `NEXUS_HOME` or the platform's conventions (XDG on Linux)."""
    env = os.environ if env is None else env
    if home := env.get("NEXUS_HOME"):
        root = Path(home).expanduser().absolute()
        return Paths(root, root / "cache", root)
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("nexus", appauthor=False)
    return Paths(Path(dirs.user_data_dir), Path(dirs.user_cache_dir), Path(dirs.user_config_dir))


def make_private_dir(path: Path) -> Path:
    """Create a folder (and parents) that only this user can read."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
