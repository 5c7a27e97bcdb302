"""The one door to the database: a single writer thread with group commit, and a read connection per thread.

Writers hand in a function of the connection. The thread takes everything that is waiting, runs each function in
its own savepoint inside one `BEGIN IMMEDIATE` transaction, commits (and syncs) once, and only then resolves the
futures: what is acknowledged is on disk, and a busy process pays one sync for many writes.
"""

from __future__ import annotations

import asyncio
import errno
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeVar

from config.errors import NexusError, StoreError
from config.paths import make_private_dir
from config.system_errors import disk_is_full
from core.storage.migrations import migrate, refuse_foreign
from core.storage.presence import Presence

T = TypeVar("T")
Write = Callable[[sqlite3.Connection], T]

BUSY_TIMEOUT_MS = 5000
_MOST_PER_COMMIT = 512
_READER_CACHE_KB = 256
"""Per thread that reads: the system keeps the file's pages in memory as well."""
_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"})
_STOP: Any = object()


class Store:
    """An open database. Close it, or use it as a context manager; unclosed work is still committed or absent whole."""

    def __init__(self, path: Path) -> None:
        """Open or create `path`, mode 0600. Raises StoreError with the reason and a remedy."""
        self.path = path
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._asking = threading.Condition()
        self._questions = 0
        """Reads that threads are waiting for."""
        self._queue: queue.SimpleQueue[tuple[Write[Any], Future[Any]]] = queue.SimpleQueue()
        self._closed = False
        with ExitStack() as undo:
            try:
                _prepare_file(path)
                self._presence = Presence(path)
                undo.callback(self._presence.leave)
                unclean = self._presence.first and _has_unfinished_wal(path)
                self._db = undo.enter_context(closing(_open(path)))
                refuse_foreign(self._db, path)
                _configure(self._db)
                if unclean:
                    _check_health(self._db)
                self._presence.stay()
                migrate(self._db, path)
            except (sqlite3.Error, OSError) as error:
                raise explain(error, path) from error
            undo.pop_all()
        self._thread = threading.Thread(target=self._drain, name="store-writer", daemon=True)
        self._thread.start()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- writing ---

    def submit(self, write: Write[T]) -> Future[T]:
        """Queue a write; the future resolves after the commit, or with what the function raised."""
        future: Future[T] = Future()
        if self._closed:
            future.set_exception(StoreError("The database is already closed."))
        else:
            self._queue.put((write, future))
        return future

    def write(self, write: Write[T]) -> T:
        """Run a write and wait until it is durable."""
        return self.submit(write).result()

    async def awrite(self, write: Write[T]) -> T:
        """As `write`, without blocking the event loop. A cancelled waiter does not undo the write."""
        return await asyncio.shield(asyncio.wrap_future(self.submit(write)))

    def _drain(self) -> None:
        while True:
            batch = [self._queue.get()]
            while len(batch) < _MOST_PER_COMMIT:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            stop = any(item is _STOP for item in batch)
            work = [item for item in batch if item is not _STOP]
            if work:
                self._commit(work)
            if stop:
                return

    def _commit(self, batch: list[tuple[Write[Any], Future[Any]]]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for write, future in batch:
                self._db.execute("SAVEPOINT one")
                try:
                    value = write(self._db)
                except Exception as error:
                    self._db.execute("ROLLBACK TO one")
                    future.set_exception(explain(error, self.path))
                else:
                    done.append((future, value))
                self._db.execute("RELEASE one")
            self._db.execute("COMMIT")
        except Exception as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            reason = explain(error, self.path)
            for _, future in batch:
                if not future.done():
                    future.set_exception(reason)
            return
        for future, value in done:
            if not future.cancelled():
                future.set_result(value)

    # --- reading ---

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Rows of a SELECT, from this thread's own connection; sees everything acknowledged before."""
        with self._asking:
            if self._closed:
                raise StoreError("The database is already closed.")
            self._questions += 1
        try:
            return self._reader().execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        finally:
            with self._asking:
                self._questions -= 1
                self._asking.notify_all()

    def _reader(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = _open(self.path)
            _configure(db)
            db.execute("PRAGMA query_only = ON")
            db.execute(f"PRAGMA cache_size = -{_READER_CACHE_KB}")
            self._local.db = db
            with self._readers_lock:
                self._readers.append(db)
        return db

    def close_reader(self) -> None:
        """Let go of this thread's connection; said by a thread that ends before the store does."""
        db: sqlite3.Connection | None = self._local.__dict__.pop("db", None)
        with self._readers_lock:
            if db in self._readers:
                self._readers.remove(db)
                db.close()

    def close(self) -> None:
        """Finish queued writes, then close. Safe to call twice."""
        with self._asking:
            if self._closed:
                return
            self._closed = True
            # A connection that is closed under a question of another thread can take the process with it.
            answered = self._asking.wait_for(lambda: not self._questions, timeout=2 * BUSY_TIMEOUT_MS / 1000)
        self._queue.put(_STOP)
        self._thread.join()
        if answered:
            with self._readers_lock:
                for reader in self._readers:
                    reader.close()
                self._readers.clear()
        self._db.close()
        self._presence.leave()


def _prepare_file(path: Path) -> None:
    make_private_dir(path.parent)
    if system := _network_file_system(path.parent):
        raise StoreError(
            f"{path.parent} is on a network file system ({system}), where SQLite files get damaged.",
            "Point NEXUS_HOME to a local folder.",
        )
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    elif not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _network_file_system(folder: Path) -> str:
    """Name of the network file system that holds `folder`, or an empty string."""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    real = str(folder.resolve())
    for line in mounts:
        parts = line.split()
        if len(parts) > 2 and (real + "/").startswith(parts[1].rstrip("/") + "/") and len(parts[1]) > len(best):
            best, kind = parts[1], parts[2]
    return kind if kind in _NETWORK_FILE_SYSTEMS else ""


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db


def _configure(db: sqlite3.Connection) -> None:
    """The first of these already writes to a file that is not in WAL mode."""
    db.execute("PRAGMA journal_mode = WAL")
    # FULL: an acknowledged ledger or journal row survives a power cut, not only a killed process.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA mmap_size = 0")


def _has_unfinished_wal(path: Path) -> bool:
    """A write-ahead log that nobody folded into the file: who closes a database last does so."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _check_health(db: sqlite3.Connection) -> None:
    answer = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise sqlite3.DatabaseError(f"database disk image is malformed: {answer}")


def explain(error: Exception, path: Path) -> Exception:
    """Turn an SQLite or system error into one sentence with a remedy; other errors pass through."""
    if isinstance(error, NexusError) or not isinstance(error, (sqlite3.Error, OSError)):
        return error
    if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
        return error
    text = str(error).lower()
    aside = path.parent / "damaged"
    if "locked" in text or "busy" in text or "locking protocol" in text:
        return StoreError(
            f"The database {path} is locked by another program.",
            "Close what holds it (`fuser -v` on the file names it) and run the command again.",
        )
    if "full" in text or disk_is_full(error):
        return StoreError(f"The disk that holds {path} is full.", "Free some space; the run continues with `--resume`.")
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return StoreError(
            f"The database {path} is damaged.",
            # Its write-ahead log must go with it: SQLite would play that into the new file.
            f"To start afresh, move it and its log away: `mkdir {aside} && mv {path}* {aside}`.",
        )
    if "readonly" in text or "unable to open" in text or isinstance(error, OSError):
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return StoreError(
            f"The data directory {path.parent} cannot be written ({reason}).",
            "Mend its permissions, or point NEXUS_HOME to a folder you own.",
        )
    if "disk i/o error" in text:
        return StoreError(
            f"The database {path} could not be read or written (disk I/O error).",
            "Look for a full, failing or unplugged disk (`df`, `dmesg`); the run continues with `--resume`.",
        )
    return StoreError(f"The database {path} refused an operation: {error}.", "Run `nexus doctor`.")
