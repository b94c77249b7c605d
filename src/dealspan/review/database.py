"""The file of a store: its tables, its transactions, its settings.

Every transaction is on the disk when it is over (`synchronous=FULL`). Several processes may use one file: it is written
in WAL mode, and who finds it locked waits.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = 1
"""Of the tables; in `PRAGMA user_version`."""
APPLICATION = 0x44535256
"""`PRAGMA application_id` of a store: "DSRV"."""
PATIENCE = 30.0
"""Seconds to wait for another process that writes: a write takes milliseconds, a slow disk a second or two."""

_TABLES = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL, title TEXT, published TEXT, source TEXT, digest TEXT NOT NULL,
    words TEXT NOT NULL, deals INTEGER NOT NULL, doubt REAL NOT NULL, doubt_deal TEXT, doubt_field TEXT,
    doubt_confidence REAL, lowest REAL, draw REAL NOT NULL, audit INTEGER NOT NULL DEFAULT 0, place INTEGER
) WITHOUT ROWID;
CREATE INDEX documents_place ON documents (place);
CREATE TABLE texts (document TEXT PRIMARY KEY REFERENCES documents (id), text TEXT NOT NULL, machine TEXT NOT NULL);
CREATE TABLE facets (document TEXT NOT NULL REFERENCES documents (id), facet TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (facet, value, document)) WITHOUT ROWID;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL REFERENCES documents (id), reviewer TEXT NOT NULL,
    version INTEGER NOT NULL, operation TEXT NOT NULL, changes TEXT NOT NULL, undoes INTEGER, redoes INTEGER,
    about TEXT, time TEXT NOT NULL, UNIQUE (document, reviewer, version)
);
CREATE INDEX events_reviewer ON events (reviewer, seq);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TABLE readings (
    document TEXT NOT NULL REFERENCES documents (id), reviewer TEXT NOT NULL, version INTEGER NOT NULL,
    status TEXT NOT NULL, state TEXT NOT NULL, digest TEXT NOT NULL, machine_deals INTEGER NOT NULL,
    right_deals INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (document, reviewer)
);
CREATE INDEX readings_status ON readings (reviewer, status);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class StoreError(Exception):
    """A store or a document that cannot be used: what is wrong, what to do."""


class Database:
    """One SQLite file; one connection, used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open a store, or make one; raises `StoreError`."""
        self.path = path
        self._lock = threading.RLock()
        try:
            self._db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        except sqlite3.OperationalError as error:
            raise StoreError(f"{path}: cannot be opened ({error}); check the folder and its permissions") from None
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        try:
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA synchronous = FULL")
            with self.writing() as db:
                (version,) = db.execute("PRAGMA user_version").fetchone()
                (application,) = db.execute("PRAGMA application_id").fetchone()
                (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                if not tables:
                    self._make(db)
                elif application != APPLICATION:
                    raise StoreError(f"{self.path}: is a database of another program; name another file with --store")
                elif version != VERSION:
                    raise StoreError(
                        f"{self.path}: has version {version} of the store, and this dealspan writes {VERSION}; "
                        "use the dealspan that made it, or another file with --store"
                    )
            _write_ahead(self._db)
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"{self.path}: cannot be used as a store ({error}); name another file with --store"
            ) from None

    def _make(self, db: sqlite3.Connection) -> None:
        for statement in _statements(_TABLES):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        # Which documents are audited must not depend on what is in them, nor be known before the store is made.
        db.execute("INSERT INTO settings VALUES ('seed', hex(randomblob(16)))")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def querying(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for queries."""
        with self._lock:
            yield self._db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for one transaction that writes."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # where the disk is full SQLite has rolled back already
                    self._db.execute("ROLLBACK")
                raise

    # Settings

    def setting(self, name: str, default: str = "") -> str:
        """Return a setting of the store."""
        with self.querying() as db:
            row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row[0] if row else default

    def set(self, name: str, value: str) -> None:
        """Keep a setting."""
        with self.writing() as db:
            db.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
            )


def _write_ahead(db: sqlite3.Connection) -> None:
    """Turn WAL mode on; where another process opens the store at the same moment SQLite does not wait by itself."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            if mode != "wal":
                raise StoreError("the disk of the store takes no WAL mode (a network disk?); use a local disk")
            return


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines():
        statement += f"{line}\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
