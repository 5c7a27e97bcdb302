"""Describes what code in the box can import besides its own files."""

from __future__ import annotations

import os
import pkgutil
import sys

from . import layout


def describe() -> dict[str, object]:
    folders = [path for path in (layout.TOOLS, layout.SITE) if os.path.isdir(path)]  # noqa: PTH112
    return {
        "version": list(sys.version_info[:2]),
        "stdlib": sorted(sys.stdlib_module_names),
        "installed": sorted({module.name for module in pkgutil.iter_modules(folders)}),
    }
