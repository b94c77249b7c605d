"""Parquet: one row per document, with nested columns that are those of the record; needs the extra `parquet`."""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import msgspec
from msgspec import NODEFAULT, inspect

from dealspan.records import Article, Record, encode

try:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile, ParquetWriter
except ImportError as error:
    raise ImportError(f"Parquet needs {error.name}; install the extra: pip install 'dealspan[parquet]'") from None

ROWS = 256
"""Documents that are turned into columns at once; until then they are held as JSON."""
GROUP = 2**24
"""Bytes of columns in a row group, before they are compressed: some 5,000 documents on financings, or 80,000 others."""

_TYPE = inspect.type_info(Record)
_PLAIN = {
    inspect.StrType: pa.string(),
    inspect.LiteralType: pa.string(),
    inspect.Metadata: pa.date32(),  # `Day` alone has any
    inspect.IntType: pa.int64(),
    inspect.FloatType: pa.float64(),
    inspect.BoolType: pa.bool_(),
}


def schema() -> pa.Schema:
    """Return the columns, derived from the classes of the record: what a class gains is a column."""
    return pa.schema(list(_kind(_TYPE)))


def struct(kind: type[msgspec.Struct]) -> pa.DataType:
    """Return the type of a column that holds values of a class."""
    return _kind(inspect.type_info(kind))


def batch(lines: Iterable[bytes]) -> pa.RecordBatch:
    """Return encoded records as columns."""
    rows = [msgspec.json.decode(line) for line in lines]
    for row in rows:
        day = row["document"]["published"]
        row["document"]["published"] = datetime.date.fromisoformat(day) if day else None
    return pa.RecordBatch.from_pylist(rows, schema())


class Columns:
    """Writes row group by row group; without what `close` writes, nothing of the file can be read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._schema = schema()
        self._file = ParquetWriter(stream, self._schema, compression="zstd")
        self._waiting: list[bytes] = []
        self._batches: list[pa.RecordBatch] = []
        self._size = 0

    def write(self, article: Article, record: Record) -> None:
        """Take in one record."""
        if day := record.document.published:
            datetime.date.fromisoformat(day)  # raises here, for this document alone, where it is none
        self._waiting.append(encode(record))
        if len(self._waiting) == ROWS:
            self._turn()
        if self._size >= GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is left, and the directory of the file."""
        self._turn()
        self._flush()
        self._file.close()

    def _turn(self) -> None:
        """Turn what waits into columns."""
        turned = batch(self._waiting)
        self._waiting.clear()
        self._batches.append(turned)
        self._size += turned.nbytes

    def _flush(self) -> None:
        """Write the columns as a row group."""
        table = pa.Table.from_batches(self._batches, self._schema)
        self._batches.clear()
        self._size = 0
        if table.num_rows:
            self._file.write_table(table, row_group_size=table.num_rows)


def read(stream: BinaryIO) -> Iterator[Record]:
    """Yield the records of a file that `Columns` wrote.

    Raises
    ------
    ValueError
        Where the file is damaged or holds no records.

    """
    try:
        for batch in ParquetFile(stream, pre_buffer=False).iter_batches(ROWS, use_threads=False):
            for row in batch.to_pylist():
                yield msgspec.convert(_value(row, _TYPE), Record)
    except (pa.ArrowException, msgspec.ValidationError, OSError, ValueError, OverflowError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"is damaged or holds no records ({reason}); write it anew with `dealspan extract`") from error


def _kind(kind: inspect.Type) -> pa.DataType:
    """Return the type of a column."""
    match kind:
        case inspect.StructType():
            return pa.struct([pa.field(one.encode_name, _kind(one.type), _may_be_null(one)) for one in kind.fields])
        case inspect.ListType():
            return pa.list_(pa.field("element", _kind(kind.item_type), nullable=False))
        case inspect.UnionType():
            return _kind(_some(kind))
    return _PLAIN[type(kind)]


def _value(value: Any, kind: inspect.Type) -> Any:
    """Return a value of a column as it is in a record."""
    match kind:
        case inspect.StructType():
            return {
                one.encode_name: _value(value[one.encode_name], one.type)
                for one in kind.fields
                # An older file lacks what the record has gained since.
                if one.encode_name in value and not (value[one.encode_name] is None and _may_be_unset(one))
            }
        case inspect.ListType():
            return [_value(one, kind.item_type) for one in value]
        case inspect.UnionType():
            return None if value is None else _value(value, _some(kind))
        case inspect.Metadata():
            return value.isoformat()
    return value


def _some(kind: inspect.UnionType) -> inspect.Type:
    """Return the type of a value that is there."""
    (some,) = (one for one in kind.types if not isinstance(one, inspect.NoneType))
    return some


def _may_be_null(field: inspect.Field) -> bool:
    return isinstance(field.type, inspect.UnionType) or _may_be_unset(field)


def _may_be_unset(field: inspect.Field) -> bool:
    """Whether the record leaves the field out where it does not apply."""
    return not field.required and field.default is NODEFAULT and field.default_factory is NODEFAULT
