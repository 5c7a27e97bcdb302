"""Ways to the clipboard of the machine the user sits at: OSC 52 through the terminal, tmux, or a file."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Mapping
from pathlib import Path

from config.paths import make_private_dir
from core.storage.blobs import write_private

CLIPBOARD_LIMIT = 74_994
"""Bytes before base64 that xterm and tmux still take in one OSC 52 sequence (100,000 of them in all)."""
_TMUX_WAIT_S = 3.0


def copy_sequences(text: str, env: Mapping[str, str]) -> str:
    """OSC 52. Where tmux stands between, also wrapped for its passthrough: its settings decide which one counts."""
    plain = f"\x1b]52;c;{base64.b64encode(text.encode('utf-8', 'replace')).decode()}\x07"
    return plain + through_tmux(plain, env) if behind_tmux(env) else plain


def behind_tmux(env: Mapping[str, str]) -> bool:
    """Also over SSH from within tmux, where only TERM tells."""
    return bool(env.get("TMUX")) or env.get("TERM", "").startswith("tmux")


def through_tmux(sequence: str, env: Mapping[str, str]) -> str:
    """The sequence as tmux hands it on to the terminal around it (`allow-passthrough`); unchanged without tmux."""
    if not behind_tmux(env):
        return sequence
    escaped = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{escaped}\x1b\\"


def give_to_tmux(text: str, env: Mapping[str, str]) -> bool:
    """Into tmux's own buffer, from where tmux passes it to the terminal; its defaults let no program's OSC 52 do that.

    False when this tmux cannot (before 3.2). Blocks.
    """
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode("utf-8", "replace"),
            env=dict(env),
            capture_output=True,
            timeout=_TMUX_WAIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def keep_in_file(text: str, cache: Path) -> Path:
    """Write what is too long for a clipboard where only this user can read it. Raises OSError. Blocks."""
    place = make_private_dir(cache / "copied") / "clipboard.txt"
    write_private(place, text.encode("utf-8", "replace"))
    return place
