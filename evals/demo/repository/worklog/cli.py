"""The command line: `add FILE TEXT MINUTES` and `list FILE`."""

from pathlib import Path

from worklog.entries import Entry, add_entry, read_entries

USAGE = "usage: worklog add FILE TEXT MINUTES | worklog list FILE"


def main(argv: list[str]) -> int:
    if len(argv) == 4 and argv[0] == "add":
        add_entry(Path(argv[1]), Entry(int(argv[3]), argv[2]))
        return 0
    if len(argv) == 2 and argv[0] == "list":
        for entry in read_entries(Path(argv[1])):
            print(f"{entry.minutes} min  {entry.text}")
        return 0
    print(USAGE)
    return 2
