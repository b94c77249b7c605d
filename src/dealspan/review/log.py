"""The log of events: read, folded, walked backwards."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from dealspan.review.state import Change, read_changes

BEGIN = "begin"
"""What the server writes when a document is adjudicated; nobody undoes it."""


class Event(NamedTuple):
    """One entry of the log; `version` is that of the state after it."""

    seq: int
    document: str
    reviewer: str
    version: int
    operation: str
    changes: list[Change]
    undoes: int | None
    redoes: int | None
    about: str | None
    time: str


class Steps(NamedTuple):
    """The events that would be undone and redone next."""

    undo: int | None
    redo: int | None


_COLUMNS = "seq, document, reviewer, version, operation, changes, undoes, redoes, about, time"


def events(db: sqlite3.Connection, where: str, values: Sequence[Any]) -> Iterator[Event]:
    """Yield the events that a condition in SQL picks, in its order."""
    for row in db.execute(f"SELECT {_COLUMNS} FROM events WHERE {where}", values).fetchall():
        yield Event._make([*row[:5], read_changes(msgspec.json.decode(row[5])), *row[6:]])


def event(db: sqlite3.Connection, seq: int) -> Event:
    """Return one event."""
    return next(events(db, "seq = ?", (seq,)))


def steps(db: sqlite3.Connection, reviewer: str) -> Steps:
    """Say what would be undone and redone next.

    The log is walked from its end. Of an event the last undo or redo says whether it stands. The next to undo is
    the last event that stands; the next to redo is the first of those taken back since the last event, which is
    the one that was taken back last.
    """
    taken_back: dict[int, bool] = {}
    redo: int | None = None
    newest = True
    rows = db.execute(
        "SELECT seq, undoes, redoes FROM events WHERE reviewer = ? AND operation != ? ORDER BY seq DESC",
        (reviewer, BEGIN),
    )
    for seq, undoes, redoes in rows:
        if undoes or redoes:
            taken_back.setdefault(undoes or redoes, bool(undoes))
            continue
        if newest:
            redo = min((one for one, gone in taken_back.items() if gone), default=None)
            newest = False
        if not taken_back.get(seq):
            return Steps(seq, redo)
    return Steps(None, redo)
