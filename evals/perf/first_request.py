"""Time from starting a headless run to its first model request, against importing litellm alone."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evals.perf.instant_server import InstantServer
from evals.perf.measure import Figure, wall_ms

_TARGET = 1.5
_ROUNDS = 5


def figures() -> list[Figure]:
    alone = [sys.executable, "-c", "import litellm"]
    env = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    wall_ms(alone, env), _first_request_ms()  # warm the disk cache for both
    pairs = [(_first_request_ms(), wall_ms(alone, env)) for _ in range(_ROUNDS)]
    ours, peer = (statistics.median(side) for side in zip(*pairs, strict=True))
    detail = f"{ours:.0f} ms, `import litellm` {peer:.0f} ms"
    return [Figure("start to first model request / import litellm", ours / peer, _TARGET, "x", detail)]


def _first_request_ms() -> float:
    with tempfile.TemporaryDirectory() as folder, InstantServer() as server:
        project = Path(folder) / "project"
        project.mkdir()
        env = {
            **os.environ,
            "NEXUS_HOME": str(Path(folder) / "home"),
            "NEXUS_MODEL": "openai/instant",
            "NEXUS_MODELS__BASE_URL": server.base_url,
            "NEXUS_MODELS__INPUT_USD_PER_MTOK": "0",
            "NEXUS_MODELS__OUTPUT_USD_PER_MTOK": "0",
            "OPENAI_API_KEY": "unused",
        }
        began = time.time()
        command = [sys.executable, "-P", "-m", "app", "--headless", "Write hello.py", "-C", str(project)]
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not server.first_request_at:
                if process.poll() is not None:
                    raise RuntimeError(f"the run ended with {process.returncode} before it asked a model")
                time.sleep(0.002)
        finally:
            process.kill()
            process.wait()
        return (server.first_request_at - began) * 1000
