import io
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dealspan.output import database, writer
from dealspan.records import Article, Record
from tests.records import records
from tests.test_output import ALL, NONE, RUMOUR, completed, empty, hedged

Pairs = Sequence[tuple[Article, Record]]
Row = dict[str, Any]


def write(path: Path, pairs: Pairs) -> None:
    with path.open("wb") as stream:
        sink = writer("sqlite", stream)
        for article, record in pairs:
            sink.write(article, record)
        sink.close()


def query(path: Path, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement, parameters).fetchall()


class Reading:
    """Makes records of the tables: nothing of them is lost."""

    def __init__(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            assert not connection.execute("PRAGMA foreign_key_check").fetchall()
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            self._rows = {name: list(map(dict, connection.execute(f"SELECT * FROM {name}"))) for name in names}
        self._ids = {
            column: {row[column]: row["id"] for row in self._rows[name]}
            for name, column in (("entities", "entity"), ("mentions", "mention"))
        }

    def records(self) -> list[Record]:
        return [
            msgspec.convert(
                {
                    "schema_version": document.pop("schema_version"),
                    "mentions": self._of("mentions", "document", document["document"], self._mention),
                    "entities": self._of("entities", "document", document["document"], self._entity),
                    "deals": self._of("deals", "document", document.pop("document"), self._deal),
                    "document": document,
                },
                Record,
            )
            for document in self._rows["documents"]
        ]

    def _of(self, table: str, column: str, key: int, make: Callable[[Row], Any]) -> list[Any]:
        return [make(row) for row in self._rows[table] if row[column] == key]

    def _entity(self, row: Row) -> Row:
        return row | {
            "aliases": self._of("aliases", "entity", row["entity"], lambda alias: alias["name"]),
            "mentions": self._of("mentions", "entity", row["entity"], lambda mention: mention["id"]),
        }

    def _mention(self, row: Row) -> Row:
        made = row | {"start": row["start_at"], "end": row["end_at"], "by": row["found_by"]}
        made["entity"] = self._ids["entity"].get(row["entity"])
        made["amount"] = _amount(row)
        return {name: value for name, value in made.items() if value is not None}

    def _deal(self, row: Row) -> Row:
        key = row["deal"]

        def evidence(slot: str, item: int = 0) -> list[Any]:
            found = [
                one for one in self._rows["evidence"] if (one["deal"], one["slot"], one["item"]) == (key, slot, item)
            ]
            return [self._ids["mention"].get(one["mention"], [one["start_at"], one["end_at"]]) for one in found]

        def slot(name: str, value: Any) -> Row | None:
            sure = row[f"{name}_confidence"]
            return None if sure is None else {"value": value, "confidence": sure, "evidence": evidence(name)}

        def named(table: str) -> list[Row]:
            def make(one: Row) -> Row:
                entity = self._ids["entity"].get(one["entity"])
                return one | {"value": one["name"], "entity": entity, "evidence": evidence(table, one["position"])}

            return self._of(table, "deal", key, make)

        company = slot("company", row["company"])
        worth = {"amount": row["valuation"], "currency": row["valuation_currency"], "kind": row["valuation_kind"]}
        made = {
            **{name: row[name] for name in ("id", "kind", "confidence")},
            "company": company and company | {"entity": self._ids["entity"].get(row["company_entity"])},
            "companies": named("companies") or None,
            "amount": slot("amount", _amount(row)),
            "valuation": slot("valuation", worth),
            **{name: slot(name, row[name]) for name in ("round_type", "stage", "certainty", "date")},
            "investors": named("investors"),
            "hedges": self._of("hedges", "deal", key, _hedge),
            "attribution": self._of("attribution", "deal", key, lambda one: _stretch(one) | {"value": one["name"]}),
            "evidence": evidence("deal"),
        }
        return made if row["extension"] is None else made | {"extension": bool(row["extension"])}


def _amount(row: Row) -> Row | None:
    if row["currency"] is None:
        return None
    bounds = {"min": row["amount_min"], "max": row["amount_max"], "currency": row["currency"]}
    return bounds | {"approx": bool(row["amount_approx"]), "text": row.get("amount_text")}


def _stretch(row: Row) -> Row:
    return row | {"start": row["start_at"], "end": row["end_at"]}


def _hedge(row: Row) -> Row:
    return _stretch(row) | {"scope": [row["scope_start"], row["scope_end"]]}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pairs=st.lists(records(), max_size=3))
def test_what_goes_out_comes_back(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("sqlite") / "deals.sqlite"
    write(path, pairs)
    assert Reading(path).records() == [record for _, record in pairs]


def test_ids_may_repeat(tmp_path: Path) -> None:
    write(tmp_path / "d.sqlite", [*ALL, *ALL])
    assert Reading(tmp_path / "d.sqlite").records() == [record for _, record in ALL] * 2


def test_evidence_is_quoted(tmp_path: Path) -> None:
    write(tmp_path / "d.sqlite", ALL)
    found = query(
        tmp_path / "d.sqlite",
        "SELECT slot, text FROM evidence JOIN deals USING (deal) WHERE company = ?",
        "Novena Robotics",
    )
    quoted = dict(found)
    assert quoted["amount"] == "$60 million"
    assert quoted["investors"] == "Harbour Point"
    assert quoted["date"] == "May 2018"
    assert quoted["deal"].endswith("according to The Ledger.")


def test_a_claim_has_the_day_of_the_deal_or_else_of_the_publication(tmp_path: Path) -> None:
    later = replace(hedged(RUMOUR), deals=[replace(hedged(RUMOUR).deals[0], date=None)])
    write(tmp_path / "d.sqlite", [*ALL, (RUMOUR, later)])
    found = query(tmp_path / "d.sqlite", "SELECT document_id, company, day FROM claims ORDER BY deal")
    assert found == [
        ("a.txt", "Novena Robotics", "2018-05"),
        ("b.txt", "Kettl & Söhne", None),
        ("a.txt", "Novena Robotics", "2018-05-31"),
    ]


def test_every_slot_that_is_filled_has_evidence(tmp_path: Path) -> None:
    write(tmp_path / "d.sqlite", ALL)
    slots = query(tmp_path / "d.sqlite", "SELECT deal, slot, item, confidence FROM slots")
    assert [(slot, item) for deal, slot, item, _ in slots if deal == 1] == [
        *(("company", 0), ("amount", 0), ("round_type", 0), ("valuation", 0), ("investors", 1)),
        *(("stage", 0), ("certainty", 0), ("date", 0)),
    ]
    assert [slot for deal, slot, _, _ in slots if deal == 2] == ["company", "stage", "certainty"]
    evidence = query(tmp_path / "d.sqlite", "SELECT deal, slot, item FROM evidence WHERE slot <> 'deal'")
    assert sorted(evidence) == sorted(slot[:3] for slot in slots)


@pytest.mark.parametrize("number", [0, 1])
def test_few_documents_and_none_with_deals(tmp_path: Path, number: int) -> None:
    write(tmp_path / "d.sqlite", [(NONE, empty(NONE))] * number)
    assert query(
        tmp_path / "d.sqlite", "SELECT count(*), count(deal) FROM documents LEFT JOIN deals USING (document)"
    ) == [(number, 0)]


def test_a_document_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "d.sqlite"
    half = Article(id="half", text="\ud800 raised money.")
    with path.open("wb") as stream:
        sink = writer("sqlite", stream)
        sink.write(*ALL[0])
        with pytest.raises(UnicodeEncodeError):
            sink.write(half, completed(replace(half, text="x raised money."), "x"))
        sink.write(*ALL[1])
        sink.close()
    assert Reading(path).records() == [ALL[0][1], ALL[1][1]]


def test_a_full_disk_is_said_as_such_and_what_was_written_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "d.sqlite"
    with path.open("wb") as stream:
        sink = database.Database(stream)
        sink._connection.execute("PRAGMA max_page_count = 60")
        written = 0
        with pytest.raises(OSError, match="No space left on device"):
            while True:
                sink.write(*ALL[0])
                written += 1
        with pytest.raises(OSError, match="No space left on device"):
            sink.close()
    assert 0 < written == len(Reading(path).records())


def test_an_older_sqlite_has_tables_that_are_not_strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "new.sqlite", ALL)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    write(tmp_path / "old.sqlite", ALL)
    new, old = (
        query(tmp_path / name, "SELECT group_concat(sql) FROM sqlite_master")[0][0]
        for name in ("new.sqlite", "old.sqlite")
    )
    assert "STRICT" not in old
    assert old.count("WITHOUT ROWID") == new.count("WITHOUT ROWID") > 0
    assert Reading(tmp_path / "old.sqlite").records() == [record for _, record in ALL]


def test_a_log_left_behind_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "d.sqlite"
    with path.open("wb") as stream:
        killed = database.Database(stream)
        killed.write(*ALL[0])
    log = path.with_name("d.sqlite-wal")
    left = log.read_bytes()
    killed.close()
    log.write_bytes(left)
    write(path, ALL[1:])
    assert Reading(path).records() == [record for _, record in ALL[1:]]
    assert [one.name for one in tmp_path.iterdir()] == ["d.sqlite"]


def test_a_database_is_a_file() -> None:
    with pytest.raises(ValueError, match="needs a file of its own"):
        writer("sqlite", io.BytesIO())
    with Path("/dev/null").open("wb") as stream, pytest.raises(ValueError, match="needs a file of its own"):
        writer("sqlite", stream)
