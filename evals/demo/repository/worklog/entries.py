"""Reading and writing log entries: one line each, minutes first."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    minutes: int
    text: str


def read_entries(path: Path) -> list[Entry]:
    if not path.exists():
        return []
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        minutes, _, text = line.partition(" ")
        entries.append(Entry(int(minutes), text))
    return entries


def add_entry(path: Path, entry: Entry) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{entry.minutes} {entry.text}\n")
