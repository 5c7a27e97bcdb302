"""Whether a report is whole is said by the harness, so that old load failures can be told from a run cut short."""

from __future__ import annotations

from tests.support.boxes import Boxes

LOADS_NOT = "import a_module_that_is_not_there\n\n\ndef test_a(): ...\n"


def test_a_file_that_does_not_load_leaves_the_report_whole(boxes: Boxes) -> None:
    outcome = boxes.tests("", LOADS_NOT)
    assert (outcome.verdict, outcome.complete) == ("runtime_error", True)


def test_an_early_end_leaves_it_incomplete(boxes: Boxes) -> None:
    outcome = boxes.tests("", "import os\n\n\ndef test_a(): os._exit(3)\n")
    assert (outcome.verdict, outcome.complete) == ("runtime_error", False)


def test_a_run_that_passed_is_whole(boxes: Boxes) -> None:
    assert boxes.tests("", "def test_a(): assert 1 + 1 == 2\n").complete
