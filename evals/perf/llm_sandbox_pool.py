"""The pool of the package llm-sandbox on the sandbox's own image: one container, used again and again, never reset."""

from __future__ import annotations

import importlib.util
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from evals.perf.boxes import docker_says
from sandbox.image_builder import image_tag

_VENV = "mkdir -p /sandbox/.sandbox-venv/bin && ln -s /usr/bin/python3 /sandbox/.sandbox-venv/bin/python"
"""Its pool expects an environment there, which it would build with pip; this image has neither pip nor a network."""


def is_installed() -> bool:
    return importlib.util.find_spec("llm_sandbox") is not None


@contextmanager
def warm(program: str) -> Iterator[Callable[[], float]]:
    """A function that runs `program` in the warm pool and returns the milliseconds it took."""
    from llm_sandbox import SandboxSession
    from llm_sandbox.pool import PoolConfig, create_pool_manager

    logging.getLogger("llm_sandbox").setLevel(logging.ERROR)
    container = docker_says("run", "-d", "--user", "0", image_tag("python"), "sh", "-c", _VENV)
    docker_says("wait", container)
    image = docker_says("commit", "--change", 'CMD ["sleep", "infinity"]', container)
    docker_says("rm", "-f", container)
    config = PoolConfig(min_pool_size=1, max_pool_size=1, enable_prewarming=True)
    pool = create_pool_manager(backend="docker", config=config, lang="python", image=image, skip_environment_setup=True)

    def run() -> float:
        began = time.perf_counter()
        with SandboxSession(lang="python", pool=pool) as session:
            outcome = session.run(program)
        took = (time.perf_counter() - began) * 1000
        if outcome.exit_code != 0 or outcome.stdout.strip() != "1":
            raise RuntimeError(f"llm-sandbox did not run the program: {outcome.stderr}")
        return took

    try:
        yield run
    finally:
        pool.close()
        docker_says("rmi", "-f", image)
