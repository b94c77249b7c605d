"""SQLite: a database with tables for documents, entities, mentions and deals, and for what belongs to a deal.

`database.sql` says what is in which column. Numbers stand for the ids of the record, which are unique within their
document only.
"""

import contextlib
import errno
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import UNSET, UnsetType

from dealspan.records import Amount, Article, Deal, DealAmount, Mention, Record

FIRST_STRICT = (3, 37)
"""From this version on, SQLite can hold a column to its type."""

_SINGLE = ("company", "amount", "round_type", "valuation", "stage", "certainty")
_SEVERAL = ("companies", "investors")


def statements(name: str) -> str:
    """Return the SQL of `database` (tables) or `indices`."""
    return files("dealspan.output").joinpath(f"{name}.sql").read_text(encoding="utf-8")


class Database:
    """Fills a new database, a transaction for each document; the indices come last, which is faster."""

    def __init__(self, stream: BinaryIO) -> None:
        self._path = _file_of(stream)
        script = statements("database")
        if sqlite3.sqlite_version_info < FIRST_STRICT:
            script = script.replace(") STRICT, ", ") ").replace(") STRICT;", ");")
        with self._failing():
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            # With a write-ahead log, a transaction takes 8 µs more than its rows, without one 40; what a crash of the
            # machine would lose is a file that is not complete anyway. Locked for good, it needs no shared memory,
            # which network drives do not have.
            self._connection.executescript(
                f"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; {script}"
            )
        self._written = {"documents": 0, "entities": 0, "mentions": 0, "deals": 0}

    def write(self, article: Article, record: Record) -> None:
        """Write the rows of one document: all or none."""
        rows = _Rows(article, record, self._written)
        with self._failing(), self._connection:
            self._connection.execute("BEGIN")
            for table, values in rows.tables.items():
                marks = ", ".join("?" * len(values[0]))
                self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        for table in self._written:
            self._written[table] += len(rows.tables[table])

    def close(self) -> None:
        """Write the indices, and leave a file that is whole without its log."""
        with self._failing(), contextlib.closing(self._connection):
            self._connection.executescript(f"{statements('indices')} PRAGMA journal_mode = DELETE;")

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """Raise what the disk is to blame for as such."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
                raise OSError(errno.ENOSPC, "No space left on device", self._path) from error
            raise OSError(errno.EIO, str(error), self._path) from error


class _Rows:
    """The rows of one document, by table; `before` tells how many rows the tables with numbers have."""

    def __init__(self, article: Article, record: Record, before: dict[str, int]) -> None:
        self.tables: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._text = article.text
        self._document = document = before["documents"] + 1
        self._entities = {one.id: n for n, one in enumerate(record.entities, before["entities"] + 1)}
        self._mentions = {one.id: (n, one) for n, one in enumerate(record.mentions, before["mentions"] + 1)}
        read = record.document
        self.tables["documents"] = [
            (
                *(document, read.id, read.source, read.title, read.published, read.language, read.characters),
                *(read.sha256, record.schema_version),
            )
        ]
        for entity in record.entities:
            number = self._entities[entity.id]
            self.tables["entities"].append((number, document, entity.id, entity.name, entity.label))
            self.tables["aliases"] += [(number, position, name) for position, name in enumerate(entity.aliases, 1)]
        self.tables["mentions"] = [self._mention(number, one) for number, one in self._mentions.values()]
        for number, deal in enumerate(record.deals, before["deals"] + 1):
            self._deal(number, deal)
        self.tables = defaultdict(list, {table: rows for table, rows in self.tables.items() if rows})

    def _mention(self, number: int, one: Mention) -> tuple[Any, ...]:
        return (
            *(number, self._document, one.id, one.label, one.text, one.start, one.end, one.confidence, one.by),
            *(self._entity(one.entity), *_amount(one.amount)),
        )

    def _deal(self, number: int, deal: Deal) -> None:
        company, amount, round_type, worth, date = deal.company, deal.amount, deal.round_type, deal.valuation, deal.date
        self.tables["deals"].append(
            (
                *(number, self._document, deal.id, deal.kind),
                *((company.value, self._entity(company.entity), company.confidence) if company else (None,) * 3),
                *((*_amount(amount.value), amount.value.text, amount.confidence) if amount else (None,) * 6),
                *((round_type.value, round_type.confidence) if round_type else (None,) * 2),
                None if deal.extension is UNSET else deal.extension,
                *((worth.value.amount, worth.value.currency, worth.value.kind) if worth else (None,) * 3),
                worth.confidence if worth else None,
                *(deal.stage.value, deal.stage.confidence, deal.certainty.value, deal.certainty.confidence),
                *((date.value, date.confidence) if date else (None,) * 2),
                deal.confidence,
            )
        )
        self.tables["companies"] += [
            (number, position, slot.value, self._entity(slot.entity), slot.confidence)
            for position, slot in enumerate(deal.companies or (), 1)
        ]
        self.tables["investors"] += [
            (number, position, slot.value, self._entity(slot.entity), slot.role, slot.confidence)
            for position, slot in enumerate(deal.investors, 1)
        ]
        self.tables["hedges"] += [
            (number, position, hedge.text, hedge.start, hedge.end, *hedge.scope, hedge.kind)
            for position, hedge in enumerate(deal.hedges, 1)
        ]
        self.tables["attribution"] += [
            (number, position, source.value, source.confidence, source.start, source.end)
            for position, source in enumerate(deal.attribution, 1)
        ]
        self.tables["evidence"] += self._evidence(number, deal)

    def _evidence(self, number: int, deal: Deal) -> Iterator[tuple[Any, ...]]:
        """Yield what each slot rests on: mentions, or stretches of the text."""
        slots = [(name, 0, getattr(deal, name)) for name in _SINGLE]
        slots += [(name, item, slot) for name in _SEVERAL for item, slot in enumerate(getattr(deal, name) or (), 1)]
        for name, item, slot in slots:
            for position, id in enumerate(slot.evidence if slot else (), 1):
                mention, one = self._mentions[id]
                yield number, name, item, position, mention, one.start, one.end, one.text
        for name, stretches in (("date", deal.date.evidence if deal.date else ()), ("deal", deal.evidence)):
            for position, (start, end) in enumerate(stretches, 1):
                yield number, name, 0, position, None, start, end, self._text[start:end]

    def _entity(self, id: str | UnsetType | None) -> int | None:
        return self._entities[id] if isinstance(id, str) else None


def _amount(value: Amount | DealAmount | UnsetType) -> tuple[Any, ...]:
    return (None,) * 4 if isinstance(value, UnsetType) else (value.min, value.max, value.currency, value.approx)


def _file_of(stream: BinaryIO) -> str:
    """Return the path of a stream; SQLite opens files by itself and jumps in them."""
    name = getattr(stream, "name", None)
    if not isinstance(name, str) or not Path(name).is_file():
        raise ValueError("a database needs a file of its own, not a pipe or a device")
    return str(Path(name).resolve())
