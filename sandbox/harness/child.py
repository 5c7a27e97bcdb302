"""First program of the tested process: takes its orders from the supervisor, prepares imports, hands over."""

from __future__ import annotations

import gc
import os
import sys

from . import compact_json, frames, layout, sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

CONFIG_FD = 3
ROWS_FD = 4


def main() -> NoReturn:
    config = compact_json.loads(frames.read_header(CONFIG_FD))
    assert isinstance(config, dict)
    os.close(CONFIG_FD)
    # Programs that the tested code starts get no way to the report.
    os.set_inheritable(ROWS_FD, False)
    writer = frames.FrameWriter(ROWS_FD, bytes.fromhex(config.pop("key")))
    sources.serve_from_memory(config.pop("pristine"))
    match config["kind"]:
        case "tests" if config["plain"]:
            from . import plain_run

            code = plain_run.run(config, writer)
        case "tests":
            gc.disable()  # until the tested code is loaded, see reporter: what pytest is made of stays to the end
            sys.path.append(layout.TOOLS)
            from . import pytest_run

            code = pytest_run.run(config, writer)
        case "probe":
            from . import probe

            writer.send("environment", probe.describe())
            writer.send("finish", {})
            code = 0
        case _:
            from . import script_run

            sources.open_import_path()
            code = script_run.run(str(config["entry"]), writer)
    raise SystemExit(code)
