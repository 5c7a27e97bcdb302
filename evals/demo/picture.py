"""Runs the demonstration on a real terminal and writes what it showed as an SVG: `python -m evals.demo.picture FILE`.

The README's picture is made this way, so it can only show what the program really printed.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

COLUMNS, LINES = 120, 60


def record(command: list[str]) -> str:
    """Everything `command` writes to a terminal of 120 columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, close_fds=True)
    os.close(slave)
    seen = io.BytesIO()
    while True:
        try:
            chunk = os.read(master, 65_536)
        except OSError:  # Linux reports the end of a terminal as an error
            break
        if not chunk:
            break
        seen.write(chunk)
    process.wait()
    os.close(master)
    return seen.getvalue().decode("utf-8", "replace").replace("\r\n", "\n")


def to_svg(output: str, title: str) -> str:
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(output), soft_wrap=False)
    # Without the web fonts: a picture in a repository must not fetch anything.
    return re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", console.export_svg(title=title), flags=re.DOTALL)


def main(argv: list[str]) -> int:
    output = record([sys.executable, "-P", "-m", "app", "--headless", "--demo"])
    Path(argv[0]).write_text(to_svg(output, "nexus --headless --demo"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
