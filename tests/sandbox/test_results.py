"""What a run tells: verdicts, rows, output, environment. Each backend where the backend carries it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.model import BoxFile, BoxRequest, TestRow
from tests.support.boxes import LIMITS, Boxes


def test_a_program_that_ends_well_has_passed(boxes: Boxes) -> None:
    outcome = boxes.script("import sys\nprint('out')\nprint('err', file=sys.stderr)\nsys.exit()\n")
    assert (outcome.verdict, outcome.exit_code, outcome.stdout, outcome.stderr) == ("passed", 0, "out\n", "err\n")
    assert outcome.backend == boxes.backend.name and outcome.peak_kb > 0


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("def broken(:\n", "compile_error"),
        ("x = '\0'\n", "compile_error"),
        ("1 / 0\n", "runtime_error"),
        ("import sys; sys.exit(3)\n", "runtime_error"),
        ("import sys; sys.exit('sorry')\n", "runtime_error"),
        ("import os; os.abort()\n", "runtime_error"),
        ("import os; os._exit(0)\n", "forged"),
        ("import os; os._exit(4)\n", "runtime_error"),
        ("import helper\nassert helper.two() == 2\n", "passed"),
        ("import multiprocessing as m\nif __name__ == '__main__':\n    print(m.Pool(2).map(abs, [-1]))\n", "passed"),
        ("if __name__ == '__main__': exit(0)\n", "passed"),
    ],
)
def test_the_way_a_program_ends_is_its_verdict(box: Boxes, code: str, verdict: str) -> None:
    assert box.script(code, helper="def two(): return 2\n").verdict == verdict


def test_an_error_is_told_in_one_sentence_and_shown_on_stderr(box: Boxes) -> None:
    outcome = box.script("def f():\n    return 1 / 0\nf()\n")
    assert outcome.reason == "It stopped with ZeroDivisionError: division by zero."
    assert 'File "/work/main.py", line 2, in f' in outcome.stderr and "nexus_harness" not in outcome.stderr


def test_each_test_is_a_row_and_rows_and_output_arrive_as_they_happen(boxes: Boxes) -> None:
    tests = """
import pytest
from solution import f
def test_good(): print("seen"); assert f() == 1
def test_bad(): assert f() == 2, "wrong"
@pytest.mark.skip(reason="later")
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert False
@pytest.fixture
def broken(): raise OSError("no")
def test_setup(broken): pass
"""
    rows: list[TestRow] = []
    chunks: list[bytes] = []
    pristine = (BoxFile("test_solution.py", tests.encode()),)
    files = (BoxFile("solution.py", b"def f(): return 1\n"),)
    outcome = boxes.run(BoxRequest("tests", files, pristine, limits=LIMITS), rows.append, chunks.append)
    assert outcome.verdict == "failed" and outcome.reason == "2 of 5 tests failed."
    assert [(row.test.partition("::")[2], row.outcome) for row in rows] == [
        ("test_good", "passed"),
        ("test_bad", "failed"),
        ("test_skipped", "skipped"),
        ("test_expected", "skipped"),
        ("test_setup", "error"),
    ]
    assert tuple(rows) == outcome.tests
    assert b"".join(chunks).decode() == outcome.stdout == "seen\n"
    assert "AssertionError: wrong" in rows[1].message and "test_solution.py:5" in rows[1].message
    assert "/work" not in rows[1].message and "nexus_harness" not in rows[1].message


def test_messages_are_clean_short_and_without_what_changes(box: Boxes) -> None:
    tests = """
import tempfile
def test_long(): assert "\\x1b[31m" + "x" * 9000 + "\\x07" == "y"
def test_paths(tmp_path): raise ValueError(f"{tmp_path}/a {tempfile.mkdtemp()} {object()} took in 0.12s")
"""
    long, paths = (row.message for row in box.tests("", tests).tests)
    assert len(long) <= 2000 and "\x1b" not in long and "\x07" not in long
    assert "0.12" not in paths and "pytest-of" not in paths and "0x..." in paths


def test_a_suite_without_a_passing_test_has_not_passed(box: Boxes) -> None:
    for tests in (
        "",
        "def helper(): pass\n",
        "import pytest\npytestmark = pytest.mark.skip\ndef test_a(): pass\n",
        "import pytest\npytest.skip('all', allow_module_level=True)\ndef test_a(): pass\n",
    ):
        assert box.tests("", tests).verdict == "no_tests"


def test_a_test_file_that_cannot_be_loaded_is_an_error_row(box: Boxes) -> None:
    missing = box.tests("", "import nothing_like_this\ndef test_a(): pass\n")
    assert (missing.verdict, missing.tests[0].outcome) == ("runtime_error", "error")
    assert "No module named 'nothing_like_this'" in missing.tests[0].message
    broken = box.tests("def f(:\n", "import solution\ndef test_a(): pass\n")
    assert broken.verdict == "compile_error"


SELECTABLE = (
    BoxFile(
        "tests/test_a.py",
        b"import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n): pass\ndef test_m(): pass\n",
    ),
    BoxFile("tests/test_b.py", b"def test_bad(): assert False\n"),
)


@pytest.mark.parametrize(
    ("select", "verdict", "count"),
    [
        (("tests/test_a.py",), "passed", 3),
        (("tests/test_a.py::test_n",), "passed", 2),
        (("tests/test_a.py::test_n[2]", "tests/test_a.py::test_m"), "passed", 2),
        (("tests",), "failed", 4),
        ((), "failed", 4),
        (("tests/test_a.py::test_none",), "no_tests", 0),
        (("tests/test_c.py",), "no_tests", 0),
        (("tests/test_a.py", "tests/test_c.py"), "no_tests", 0),
    ],
)
def test_exactly_the_selected_tests_are_reported(box: Boxes, select: tuple[str, ...], verdict: str, count: int) -> None:
    outcome = box.run(BoxRequest("tests", pristine=SELECTABLE, select=select, limits=LIMITS))
    assert (outcome.verdict, len(outcome.tests)) == (verdict, count)


def test_module_fixtures_are_set_up_once_in_spite_of_control_tests(box: Boxes) -> None:
    tests = """
import pytest
made = []
@pytest.fixture(scope="module", autouse=True)
def counted(): made.append(1)
class TestIt:
    @pytest.fixture(scope="class", autouse=True)
    def also(self): made.append(2)
    @pytest.mark.parametrize("n", range(30))
    def test_n(self, n): assert made == [1, 2]
"""
    assert box.tests("", tests).verdict == "passed"


def test_the_surroundings_of_a_run_are_fixed(boxes: Boxes) -> None:
    code = """
import json, os, time
print(json.dumps([hash("a"), time.tzname[0], os.environ["LC_ALL"], os.getcwd()]))
"""
    request = BoxRequest("script", (BoxFile("main.py", code.encode()),), seed=7, limits=LIMITS)
    first, second = boxes.run(request), boxes.run(request)
    other = boxes.run(replace(request, seed=8))
    assert first.stdout == second.stdout != other.stdout
    assert first.stdout.endswith('"UTC", "C.UTF-8", "/work"]\n')


def test_tests_may_start_programs_that_import_the_project(box: Boxes) -> None:
    tests = """
import subprocess, sys
def test_it():
    assert subprocess.check_output([sys.executable, "-c", "import solution; print(solution.f())"]) == b"1\\n"
"""
    assert box.tests("def f(): return 1\n", tests).verdict == "passed"


def test_the_environment_names_what_can_be_imported_and_nothing_of_nexus(boxes: Boxes) -> None:
    environment = boxes.probe()
    assert environment.version >= (3, 11)
    assert {"json", "sqlite3", "asyncio"} <= environment.stdlib
    assert "pytest" in environment.installed
    assert not environment.installed & {"core", "agents", "config", "sandbox", "litellm", "docker", "nexus_harness"}


@pytest.fixture
def private_site() -> Iterator[Path]:
    """Packages below a folder that only its owner may enter, as a project under /root has."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o700)
    site = root / "venv" / "site-packages"
    (site / "shapes").mkdir(parents=True)
    (site / "shapes" / "__init__.py").write_text("def sides(): return 4\n")
    (site / "plug.py").write_text("import pytest\n@pytest.fixture\ndef plugged(): return 'yes'\n")
    info = site / "plug-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plug\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pytest11]\nplug = plug\n")
    (site / "evil.pth").write_text("import os; os._exit(0)\n")
    yield site
    shutil.rmtree(root)


def test_packages_of_the_project_can_be_read_but_not_written(boxes: Boxes, private_site: Path) -> None:
    tests = b"""
import pytest, shapes
def test_package(): assert shapes.sides() == 4
def test_plugin(plugged): assert plugged == "yes"
def test_read_only():
    with pytest.raises(OSError):
        open(shapes.__file__, "a")
"""
    request = BoxRequest("tests", pristine=(BoxFile("test_it.py", tests),), extra_site=str(private_site), limits=LIMITS)
    outcome = boxes.run(request)
    assert outcome.verdict == "passed", outcome
    assert "shapes" in boxes.probe(str(private_site)).installed


def test_executable_bits_arrive(box: Boxes) -> None:
    files = (
        BoxFile("main.py", b"import subprocess\nprint(subprocess.check_output(['./tool']).decode())\n"),
        BoxFile("tool", b"#!/bin/sh\necho works\n", executable=True),
    )
    assert "works" in box.run(BoxRequest("script", files, limits=LIMITS)).stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to become")
def test_root_does_not_run_boxes_as_itself(boxes: Boxes) -> None:
    users: set[int] = set()

    def look(_: bytes) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if b"nexus_harness.supervisor" in (process / "cmdline").read_bytes():
                    users.add(process.stat().st_uid)

    request = BoxRequest("script", (BoxFile("main.py", b"import time\nprint(1, flush=True)\ntime.sleep(0.5)"),))
    boxes.run(replace(request, limits=LIMITS), on_output=look)
    assert users and 0 not in users
