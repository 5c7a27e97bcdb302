"""Starts the process that drives a run. It belongs to nobody's terminal and outlives this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from config.paths import Paths, make_private_dir

_LAST_WORDS = 2000


def start_engine(paths: Paths, run_id: str) -> subprocess.Popen[bytes]:
    """Hand a run that is queued or interrupted to a process in a session of its own; its output goes to a file."""
    with _log(paths, run_id).open("ab") as output:
        # -P: a project with an `app` or `config` folder of its own must not be taken for us.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "app", "--headless", "--resume", run_id],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={key: value for key, value in os.environ.items() if not key.startswith("NEXUS_DETACH")},
        )


def last_words(paths: Paths, run_id: str) -> str:
    """What an engine that ended said last, for people; or empty."""
    try:
        text = _log(paths, run_id).read_bytes()[-_LAST_WORDS:].decode("utf-8", errors="replace")
    except OSError:
        return ""
    _, found, sentence = text.rpartition("nexus: ")
    return " ".join(sentence.split()) if found else ""


def _log(paths: Paths, run_id: str) -> Path:
    return make_private_dir(paths.run_dir(run_id)) / "engine.log"
