"""The screen as an SVG file, for reports and documents."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from textual.app import App

from config.paths import Paths, make_private_dir

_FETCHES = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def save_picture(app: App[Any], paths: Paths) -> Path:
    """Write what `app` shows to a new file. Raises OSError."""
    # Textual asks a font server for the letters; a picture must not fetch anything when it is looked at.
    svg = _FETCHES.sub("", app.export_screenshot())
    folder = make_private_dir(paths.data / "pictures")
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (folder / f"nexus-{stamp}{f'-{number}' if number else ''}.svg" for number in range(1000))
    place = next(name for name in names if not name.exists())
    place.touch(mode=0o600)
    place.write_text(svg, encoding="utf-8")
    return place
