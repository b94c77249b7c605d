import io
from collections.abc import Sequence

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dealspan.output import columns, writer
from dealspan.records import Article, Record, encode
from tests.records import records
from tests.test_output import ALL, NONE, RUMOUR, hedged

Pairs = Sequence[tuple[Article, Record]]


def written(pairs: Pairs) -> io.BytesIO:
    stream = io.BytesIO()
    sink = writer("parquet", stream)
    for article, record in pairs:
        sink.write(article, record)
    sink.close()
    return stream


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "ROWS", 2)
    monkeypatch.setattr(columns, "GROUP", 1000)


@pytest.mark.usefixtures("_small")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(records(), max_size=5))
def test_what_goes_out_comes_back(pairs: Pairs) -> None:
    assert list(columns.read(written(pairs))) == [record for _, record in pairs]


def test_a_row_is_the_record() -> None:
    rows = pq.read_table(written(ALL)).to_pylist()
    for row, (_, record) in zip(rows, ALL, strict=True):
        expected = msgspec.json.decode(encode(record))
        day = row["document"].pop("published")
        assert (day and day.isoformat()) == expected["document"].pop("published")
        assert row["document"] == expected["document"]
        assert [deal["stage"] for deal in row["deals"]] == [deal["stage"] for deal in expected["deals"]]


@pytest.mark.parametrize("number", [0, 1])
def test_few_documents_and_none_without_deals(number: int) -> None:
    table = pq.read_table(written([(NONE, ALL[2][1])] * number))
    assert table.schema.equals(columns.schema())
    assert [len(deals) for deals in table["deals"].to_pylist()] == [0] * number


def test_columns_are_typed() -> None:
    schema = pq.read_schema(written([]))
    assert schema.field("document").type.field("published").type == pa.date32()
    mention = schema.field("mentions").type.value_type
    deal = schema.field("deals").type.value_type
    assert (mention.field("start").type, mention.field("confidence").type) == (pa.int64(), pa.float64())
    assert deal.field("amount").type.field("value").type.field("min").type == pa.float64()
    assert deal.field("evidence").type.value_type.value_type == pa.int64()
    nullable = {name: mention.field(name).nullable for name in ("start", "entity", "amount")}
    assert nullable == {"start": False, "entity": True, "amount": True}
    assert (deal.field("company").nullable, deal.field("companies").nullable, deal.field("stage").nullable) == (
        *(True, True, False),
    )


class Longer(Record, frozen=True, kw_only=True):
    """A record of a later version."""

    seen: list[int] = []
    note: str | None = None


def test_a_field_that_the_record_gains_is_a_column_and_older_files_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    older = written(ALL)
    monkeypatch.setattr(columns, "_TYPE", msgspec.inspect.type_info(Longer))
    assert columns.schema().field("seen").type.value_type == pa.int64()
    assert columns.schema().field("note").nullable
    assert list(columns.read(older)) == [record for _, record in ALL]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"{}", b"PAR1" * 100])
def test_what_is_no_parquet(content: bytes) -> None:
    with pytest.raises(ValueError, match="is damaged or holds no records"):
        list(columns.read(io.BytesIO(content)))


def test_parquet_of_something_else() -> None:
    pq.write_table(pa.table({"text": ["Kettl raised $5m."]}), stream := io.BytesIO())
    with pytest.raises(ValueError, match=r"is damaged or holds no records \(Object missing required field"):
        list(columns.read(stream))


@settings(deadline=None)
@given(st.data())
def test_damage_is_said_as_such(data: st.DataObject) -> None:
    content = bytearray(written(ALL).getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        list(columns.read(io.BytesIO(content)))
    except ValueError as error:
        assert str(error).startswith("is damaged or holds no records")


def test_a_day_that_is_none_fails_its_own_document() -> None:
    record = hedged(RUMOUR)
    sink = writer("parquet", stream := io.BytesIO())
    sink.write(*ALL[1])
    with pytest.raises(ValueError, match="2018-05"):
        sink.write(RUMOUR, replace(record, document=replace(record.document, published="2018-05")))
    sink.close()
    assert [one.document.id for one in columns.read(stream)] == ["b.txt"]


@pytest.mark.usefixtures("_small")
def test_memory_does_not_grow_with_the_output() -> None:
    before = pa.total_allocated_bytes()
    most = 0
    sink = writer("parquet", stream := io.BytesIO())
    for _ in range(400):
        for article, record in ALL:
            sink.write(article, record)
        most = max(most, pa.total_allocated_bytes() - before)
    sink.close()
    assert pq.read_metadata(stream).num_rows == 1200
    assert most < 100_000  # the columns of all take 750,000 bytes
