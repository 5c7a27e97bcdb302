"""The database file: durable, private, and clear about what is wrong with it."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.errors import StoreError
from core.storage.migrations import APPLICATION_ID, latest_version
from core.storage.store import Store


def _count(store: Store, table: str = "rate_windows") -> int:
    return int(store.query(f"SELECT count(*) FROM {table}")[0][0])


def _add(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO rate_windows (name, at, tokens) VALUES ('m', 0, 1)")


def test_a_new_database_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    with Store(tmp_path / "data" / "nexus.db"):
        assert stat.S_IMODE((tmp_path / "data" / "nexus.db").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_failing_write_undoes_itself_and_nothing_else(store: Store) -> None:
    def broken(db: sqlite3.Connection) -> None:
        _add(db)
        raise ValueError("half way")

    good = [store.submit(_add) for _ in range(5)]
    bad = store.submit(broken)
    more = [store.submit(_add) for _ in range(5)]
    with pytest.raises(ValueError, match="half way"):
        bad.result()
    for future in (*good, *more):
        future.result()
    assert _count(store) == 10


def test_what_is_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "nexus.db"
    program = (
        "import sys; from pathlib import Path; from core.storage.store import Store\n"
        "store = Store(Path(sys.argv[1])); n = 0\n"
        "while True:\n"
        "    store.write(lambda db: db.execute(\"INSERT INTO rate_windows (name, at, tokens) VALUES ('m', 0, 1)\"))\n"
        "    n += 1; print(n, flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged = 0
    for line in writer.stdout:
        acknowledged = int(line)
        if acknowledged >= 50:
            os.kill(writer.pid, signal.SIGKILL)
            break
    acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.strip())])
    writer.wait()
    with Store(path) as store:
        assert _count(store) in (acknowledged, acknowledged + 1)
        assert store.query("PRAGMA quick_check")[0][0] == "ok"


def test_two_processes_can_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "nexus.db"
    Store(path).close()
    program = (
        "import sys; from pathlib import Path; from core.storage.store import Store\n"
        "with Store(Path(sys.argv[1])) as store:\n"
        "    row = \"INSERT INTO rate_windows (name, at, tokens) VALUES ('m', 0, 1)\"\n"
        "    for _ in range(100):\n"
        "        store.write(lambda db: db.execute(row))\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    with Store(path) as store:
        assert _count(store) == 200


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "nexus.db"
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {latest_version() + 1}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer Nexus"):
        Store(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nexus.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="another program"):
        Store(path)


def test_a_damaged_database_says_so_and_how_to_go_on(tmp_path: Path) -> None:
    path = tmp_path / "nexus.db"
    path.write_bytes(b"this is not a database, not by a long way" * 100)
    with pytest.raises(StoreError, match="damaged") as caught:
        Store(path)
    assert "mv " in caught.value.remedy


def test_a_database_whose_last_user_was_killed_is_examined_when_it_is_opened(tmp_path: Path) -> None:
    path = _damaged_deep_inside(tmp_path)
    with _in_use(path) as user:
        user.kill()
        user.wait()
        with pytest.raises(StoreError, match="damaged"):
            Store(path)


def test_a_database_that_somebody_else_has_open_is_not_examined_again(tmp_path: Path) -> None:
    path = _damaged_deep_inside(tmp_path)
    with _in_use(path):
        Store(path).close()
        Store(path).close()


def test_a_database_is_not_examined_after_everybody_closed_it(tmp_path: Path) -> None:
    path = _damaged_deep_inside(tmp_path)
    with Store(path) as one, Store(path) as other:
        one.write(_touch)
        other.write(_touch)
    Store(path).close()


def _touch(db: sqlite3.Connection) -> None:
    db.execute("INSERT OR REPLACE INTO breakers (name, state, updated_at) VALUES ('m', '{}', 0)")


def _damaged_deep_inside(folder: Path) -> Path:
    """A database that opens and can be written, with a page of zeros in a table that only a whole check reads."""
    path = folder / "nexus.db"
    with Store(path) as store:
        rows = [(f"{number:08d}" * 50,) for number in range(500)]
        store.write(lambda db: db.executemany("INSERT INTO rate_windows (name, at, tokens) VALUES (?, 0, 1)", rows))
        page_size = store.query("PRAGMA page_size")[0][0]
    data = bytearray(path.read_bytes())
    page = data.index(b"00000250" * 50) // page_size
    data[page * page_size : (page + 1) * page_size] = bytes(page_size)
    path.write_bytes(data)
    return path


@contextmanager
def _in_use(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has written to the database and keeps it open."""
    program = (
        "import sys; from pathlib import Path; from core.storage.store import Store\n"
        "from tests.core.test_store import _touch\n"
        "store = Store(Path(sys.argv[1])); store.write(_touch); print('open', flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program, str(path)], text=True, **pipes) as user:
        assert user.stdout is not None and user.stdout.readline() == "open\n"
        yield user
        user.kill()


def test_a_locked_database_names_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.storage.store.BUSY_TIMEOUT_MS", 50)
    path = tmp_path / "nexus.db"
    with Store(path) as store:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"):
            store.write(_add)
        holder.execute("ROLLBACK")
        holder.close()
        store.write(_add)
        assert _count(store) == 1


def test_a_data_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        Store(blocked / "nexus.db")


def test_an_old_database_is_backed_up_before_it_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "nexus.db"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("CREATE TABLE marker (x)")
    with Store(path) as store:
        assert _count(store, "runs") == 0
    with sqlite3.connect(path.with_suffix(".schema0.bak")) as backup:
        assert backup.execute("SELECT name FROM sqlite_schema").fetchall() == [("marker",)]


def test_a_closed_store_refuses_writes(tmp_path: Path) -> None:
    store = Store(tmp_path / "nexus.db")
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.write(_add)


def test_closing_waits_for_questions_that_other_threads_have_asked(tmp_path: Path) -> None:
    opened = Store(tmp_path / "asked" / "nexus.db")
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) SELECT count(*) FROM n"
    answers: list[object] = []
    begun = threading.Barrier(5)

    def ask() -> None:
        begun.wait()
        try:
            answers.append(int(opened.query(slow)[0][0]))
        except StoreError as error:
            answers.append(error.message)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    begun.wait()
    opened.close()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert set(answers) <= {400000, "The database is already closed."}
