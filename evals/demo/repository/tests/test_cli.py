from pathlib import Path

from worklog.cli import main


def test_what_is_added_is_listed(tmp_path: Path, capsys):
    log = tmp_path / "log.txt"
    assert main(["add", str(log), "write the report", "90"]) == 0
    assert main(["list", str(log)]) == 0
    assert capsys.readouterr().out == "90 min  write the report\n"


def test_wrong_usage_is_explained(capsys):
    assert main(["add"]) == 2
    assert capsys.readouterr().out.startswith("usage:")
