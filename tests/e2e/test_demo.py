"""The demonstration: recorded answers, everything else real."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.nexus import environment, nexus


def test_the_demo_repairs_a_failed_attempt_and_delivers_code_that_passes_by_hand(
    tmp_path: Path, nexus_home: Path
) -> None:
    env = environment(nexus_home, TMPDIR=str(tmp_path))
    done = nexus(["--headless", "--demo", "--json"], tmp_path, env)
    assert done.code == 0, done.err
    started = done.of("run.started")[0]
    assert started["recorded"] is True
    assert [event["verified"] for event in done.of("verdict.reached")] == [False, True]
    assert (done.last["cost_micros"], done.last["model_calls"], done.last["retries"]) == (0, 8, 1)
    project = Path(started["project"])
    assert project.is_relative_to(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    by_hand = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert by_hand.returncode == 0, by_hand.stdout
    assert "30 passed" in by_hand.stdout


def test_the_demo_says_that_the_answers_are_recorded(tmp_path: Path, nexus_home: Path) -> None:
    done = nexus(["--headless", "--demo"], tmp_path, environment(nexus_home, TMPDIR=str(tmp_path)))
    assert done.code == 0, done.err
    assert "recording" in done.err
    report = next((nexus_home / "runs").glob("*/report.md")).read_text(encoding="utf-8")
    assert "recorded" in report.lower()
