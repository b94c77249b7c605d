"""The documents of a store, and what the machine read in each."""

import hashlib
import sqlite3
from datetime import date

import msgspec

from dealspan.records import Article, digest
from dealspan.review.database import Database, StoreError
from dealspan.review.doubt import doubts, worst
from dealspan.review.state import State, validate

LONGEST_HEADLINE = 160
"""Characters; a first line that is longer is a paragraph."""


class NotHeldError(KeyError):
    """A document that the store does not hold."""


class Documents(Database):
    """A file with documents."""

    def holds(self, id: str, text: str) -> bool:
        """Whether a document is held; raises `StoreError` where it is held with another text."""
        with self.querying() as db:
            row = db.execute("SELECT digest FROM documents WHERE id = ?", (id,)).fetchone()
        if row and row[0] != digest(text):
            raise StoreError(
                f"{id}: {self.path} holds another text of this name; give it another id, or use another store"
            )
        return bool(row)

    def add(self, document: Article, machine: State, *, replace: bool = False) -> bool:
        """Hold a document and what the machine reads in it; return whether anything was written.

        Parameters
        ----------
        document
            The document; its id is its name in the store.
        machine
            What a reviewer begins with.
        replace
            Whether a reading of the machine that is held already gives way to this one.

        Raises
        ------
        StoreError
            Where another text is held under this id, or a reading that somebody has worked on would be replaced.
        InvalidError
            Where the reading does not fit the text.

        """
        validate(machine, document.text)
        if document.id in ("", ".", ".."):
            raise StoreError(f"the id {document.id!r} names no document; give it another")
        if self.holds(document.id, document.text):
            if not replace:
                return False
            with self.writing() as db:
                if db.execute("SELECT 1 FROM events WHERE document = ?", (document.id,)).fetchone():
                    raise StoreError(f"{document.id}: has been reviewed; its reading stays, use another store")
                db.execute("DELETE FROM facets WHERE document = ?", (document.id,))
                db.execute("UPDATE texts SET machine = ? WHERE document = ?", (to_json(machine), document.id))
                self._describe(db, document, machine)
            return True
        with self.writing() as db:
            drawn = hashlib.sha256(f"{self.setting('seed')}\n{document.id}".encode()).digest()
            db.execute(
                "INSERT INTO documents (id, number, title, published, source, digest, words, deals, doubt, draw) "
                "VALUES (?, (SELECT count(*) FROM documents), ?, ?, ?, ?, '', 0, 0, ?)",
                (
                    document.id,
                    document.title,
                    document.published.isoformat() if document.published else None,
                    document.source,
                    digest(document.text),
                    int.from_bytes(drawn[:6]) / 2**48,
                ),
            )
            db.execute("INSERT INTO texts VALUES (?, ?, ?)", (document.id, document.text, to_json(machine)))
            self._describe(db, document, machine)
        return True

    def _describe(self, db: sqlite3.Connection, document: Article, machine: State) -> None:
        """Write what the queue is ordered, filtered and searched by."""
        doubt = worst(machine)
        names = {
            slot.value
            for deal in machine.deals.values()
            for field, slot in deal.resting()
            if field in ("company", "companies", "investors")
        }
        db.execute(
            "UPDATE documents SET words = ?, deals = ?, doubt = ?, doubt_deal = ?, doubt_field = ?, "
            "doubt_confidence = ?, lowest = ?, place = NULL WHERE id = ?",
            (
                "\n".join([document.id, document.title or headline(document.text) or "", *sorted(names)]).casefold(),
                len(machine.deals),
                doubt.weight if doubt else 0.0,
                *(doubt or (None, None, None)),
                min((one.confidence for one in doubts(machine)), default=None),
                document.id,
            ),
        )
        for deal in machine.deals.values():
            for facet, value in (("stage", deal.stage.value), ("certainty", deal.certainty.value)):
                db.execute("INSERT OR IGNORE INTO facets VALUES (?, ?, ?)", (document.id, facet, value))

    def documents(self) -> list[str]:
        """Return the ids of all documents, in the order in which they came."""
        with self.querying() as db:
            return [row[0] for row in db.execute("SELECT id FROM documents ORDER BY number, id")]

    def document(self, id: str) -> Article:
        """Return a document; raises `NotHeldError`."""
        with self.querying() as db:
            row = db.execute(
                "SELECT id, title, published, source, text FROM documents JOIN texts ON document = id WHERE id = ?",
                (id,),
            ).fetchone()
        if not row:
            raise NotHeldError(id)
        name, title, published, source, text = row
        day = date.fromisoformat(published) if published else None
        return Article(id=name, title=title, published=day, source=source, text=text)

    def machine(self, id: str) -> State:
        """Return what the machine read in a document; raises `NotHeldError`."""
        with self.querying() as db:
            row = db.execute("SELECT machine FROM texts WHERE document = ?", (id,)).fetchone()
        if not row:
            raise NotHeldError(id)
        return from_json(row[0])


def headline(text: str) -> str | None:
    """Return a title, or the first line of a text where it may be one."""
    first = text.strip().partition("\n")[0].strip()
    return first if 0 < len(first) <= LONGEST_HEADLINE else None


def to_json(state: State) -> str:
    """Return a state as the store keeps it."""
    return msgspec.json.encode(state).decode()


def from_json(text: str) -> State:
    """Return a state that the store kept."""
    return msgspec.json.decode(text, type=State)
