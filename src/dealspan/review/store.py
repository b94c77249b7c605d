"""The store: documents, and an append-only log of events on them.

What a reviewer holds a document to say follows from what the machine read and from the events. The table `readings`
keeps the outcome of each log, so that a queue of thousands answers at once; it is written in the transaction of its
event and can be made anew from the log.
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn, cast

import msgspec

from dealspan.records import Article, digest
from dealspan.review import log
from dealspan.review.conversion import content, gold_deal, says, to_gold
from dealspan.review.documents import Documents, from_json, to_json
from dealspan.review.log import Event
from dealspan.review.state import Change, ConflictError, State, apply, turned, validate

ADJUDICATOR = "adjudicator"
"""The reviewer whose readings settle what the others disagree on."""


class StaleError(Exception):
    """An event that was made of another state than the stored one."""

    def __init__(self, message: str, state: State, last: dict[str, Any] | None) -> None:
        super().__init__(message)
        self.state = state
        self.last = last


class Reading(NamedTuple):
    """What a reviewer holds a document to say."""

    document: str
    reviewer: str
    state: State


class Undone(NamedTuple):
    """What an undo or a redo did."""

    document: str
    operation: str
    state: State


class Store(Documents):
    """Documents and events in one file."""

    # Readings

    def state(self, id: str, reviewer: str) -> State:
        """Return what a reviewer holds a document to say: what the machine read, until there is an event."""
        with self.querying() as db:
            row = db.execute(
                "SELECT state FROM readings WHERE document = ? AND reviewer = ?", (id, reviewer)
            ).fetchone()
        return from_json(row[0]) if row else self.machine(id)

    def readings(self, id: str) -> list[Reading]:
        """Return the readings of a document that are done, by the name of the reviewer."""
        with self.querying() as db:
            rows = db.execute(
                "SELECT document, reviewer, state FROM readings WHERE document = ? AND status = 'done' "
                "ORDER BY reviewer",
                (id,),
            ).fetchall()
        return [Reading(document, reviewer, from_json(state)) for document, reviewer, state in rows]

    def reviewers(self) -> list[str]:
        """Return who has written events, by name; the adjudicator is none of them."""
        with self.querying() as db:
            rows = db.execute("SELECT DISTINCT reviewer FROM events WHERE reviewer != ? ORDER BY 1", (ADJUDICATOR,))
            return [row[0] for row in rows]

    # Events

    def append(
        self, id: str, reviewer: str, version: int, operation: str, changes: Sequence[Change], about: str | None = None
    ) -> State:
        """Write an event and return the state after it.

        Raises
        ------
        StaleError
            Where the state has another version, or another value than the event says.
        InvalidError
            Where the state after the event would not be well-formed.
        NotHeldError
            Where there is no such document.

        """
        with self.writing() as db:
            return self._append(db, id, reviewer, version, operation, changes, about=about)

    def begin(self, id: str, agreed: State) -> State:
        """Give the adjudicator what all agree on, where the adjudicator has not begun; return the state."""
        with self.writing() as db:
            state = self.state(id, ADJUDICATOR)
            if state.version:
                return state
            items = {f"mentions/{name}" for name in (*state.mentions, *agreed.mentions)}
            items |= {f"deals/{name}" for name in (*state.deals, *agreed.deals)}
            changes = [
                Change(item, before, after)
                for item in sorted(items)
                if (before := state.get(item)) != (after := agreed.get(item))
            ]
            return self._append(db, id, ADJUDICATOR, 0, log.BEGIN, changes)

    def _append(
        self,
        db: sqlite3.Connection,
        id: str,
        reviewer: str,
        version: int,
        operation: str,
        changes: Sequence[Change],
        *,
        undoes: int | None = None,
        redoes: int | None = None,
        about: str | None = None,
    ) -> State:
        document, machine, state = self.document(id), self.machine(id), self.state(id, reviewer)
        if state.version != version:
            self._stale(id, reviewer, "the document has changed elsewhere", state)
        try:
            after = apply(state, changes)
        except ConflictError as error:
            self._stale(id, reviewer, str(error), state)
        validate(after, document.text)
        seq = db.execute(
            "INSERT INTO events (document, reviewer, version, operation, changes, undoes, redoes, about, time) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                id, reviewer, after.version, operation, _changes_json(changes), undoes, redoes, about,
                datetime.now(UTC).isoformat(timespec="milliseconds"),
            ),
        ).lastrowid  # fmt: skip
        _keep(db, document, machine, Reading(id, reviewer, after), cast(int, seq))
        return after

    def _stale(self, id: str, reviewer: str, message: str, state: State) -> NoReturn:
        last = next((event for event in reversed(self.history(id, reviewer))), None)
        raise StaleError(message, state, last and {"operation": last.operation, "time": last.time})

    def history(self, id: str, reviewer: str) -> list[Event]:
        """Return the log of a reviewer on a document, from its beginning."""
        with self.querying() as db:
            return list(log.events(db, "document = ? AND reviewer = ? ORDER BY seq", (id, reviewer)))

    def undo(self, reviewer: str) -> Undone | None:
        """Take back the last event of a reviewer that is not taken back, of whatever document; None where none is."""
        with self.writing() as db:
            last = log.steps(db, reviewer)
            if last.undo is None:
                return None
            event = log.event(db, last.undo)
            return self._again(db, event, turned(event.changes), undoes=event.seq)

    def redo(self, reviewer: str) -> Undone | None:
        """Do again what was taken back last, as long as nothing else was done; None where nothing is to be."""
        with self.writing() as db:
            last = log.steps(db, reviewer)
            if last.redo is None:
                return None
            event = log.event(db, last.redo)
            return self._again(db, event, event.changes, redoes=event.seq)

    def _again(
        self,
        db: sqlite3.Connection,
        event: Event,
        changes: Sequence[Change],
        *,
        undoes: int | None = None,
        redoes: int | None = None,
    ) -> Undone:
        version = self.state(event.document, event.reviewer).version
        operation = "undo" if undoes else "redo"
        state = self._append(
            db, event.document, event.reviewer, version, operation, changes, undoes=undoes, redoes=redoes
        )
        return Undone(event.document, event.operation, state)

    # Exports

    def note_export(self) -> None:
        """Note that what is done up to now has been exported."""
        with self.writing() as db:
            (seq,) = db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
            db.execute(
                "INSERT INTO settings VALUES ('exported', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (str(seq),),
            )

    def done_since_export(self) -> int:
        """Count the documents that were finished or changed since the last export, by whomever."""
        with self.querying() as db:
            (count,) = db.execute(
                "SELECT count(DISTINCT document) FROM readings WHERE status = 'done' AND seq > ?",
                (int(self.setting("exported", "0")),),
            ).fetchone()
        return cast(int, count)

    def rebuild(self) -> None:
        """Make every reading anew from the log."""
        with self.writing() as db:
            db.execute("DELETE FROM readings")
            kept: dict[tuple[str, str], tuple[State, int]] = {}
            for event in log.events(db, "1 ORDER BY seq", ()):
                key = (event.document, event.reviewer)
                state = kept[key][0] if key in kept else self.machine(event.document)
                kept[key] = (apply(state, event.changes), event.seq)
            for (id, reviewer), (state, seq) in kept.items():
                _keep(db, self.document(id), self.machine(id), Reading(id, reviewer, state), seq)


def _keep(db: sqlite3.Connection, document: Article, machine: State, reading: Reading, seq: int) -> None:
    """Write the outcome of a log."""
    state = reading.state
    right = sum(
        (mine := state.deals.get(name)) is not None
        and mine.verdict == "accepted"
        and says(gold_deal(name, mine, state, document.text)) == says(gold_deal(name, deal, machine, document.text))
        for name, deal in machine.deals.items()
    )
    db.execute(
        "INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, "
        "status = excluded.status, state = excluded.state, digest = excluded.digest, "
        "machine_deals = excluded.machine_deals, right_deals = excluded.right_deals, seq = excluded.seq",
        (
            reading.document, reading.reviewer, state.version, state.status, to_json(state),
            digest(content(to_gold(document, state, ""))), len(machine.deals), right, seq,
        ),
    )  # fmt: skip


def _changes_json(changes: Sequence[Change]) -> str:
    return msgspec.json.encode([change._asdict() for change in changes]).decode()
