"""Parquet: one document per row, read row group by row group and batch by batch; needs the extra `parquet`."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from dealspan.articles.fields import Fields, article
from dealspan.articles.raw import ReadError, need
from dealspan.records import Article

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 64
"""Rows that are held at once; a document is some thousand times a row of figures."""


def read_columns(path: str, file: BinaryIO, fields: Fields) -> Iterator[Article | ReadError]:
    """Yield the articles of a table; a row group that is damaged does not stop the others."""
    with need(path, "parquet", "Parquet"):
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    broken = (pa.ArrowException, OSError)
    try:
        # Not read ahead, and pages one by one: a row group of 52 MB takes 11 MB of memory then.
        table = ParquetFile(file, pre_buffer=False, buffer_size=2**16)
        columns = table.schema_arrow.names
        groups = table.num_row_groups
    except broken as error:
        raise ReadError(path, f"is no Parquet, or damaged ({_reason(error)}); write it anew") from None
    where = fields.among(path, columns)
    kind = table.schema_arrow.field(where["text"]).type
    if pa.types.is_primitive(kind) or pa.types.is_nested(kind):
        raise ReadError(path, f"column {fields.text} holds {kind}, not text; see --fields")
    names = list(dict.fromkeys(columns[at] for at in where.values()))
    row = 0
    for group in range(groups):
        start, size = row, table.metadata.row_group(group).num_rows
        try:
            for batch in table.iter_batches(BATCH, row_groups=[group], columns=names, use_threads=False):
                for at in range(batch.num_rows):
                    row += 1
                    yield read_row(path, row, batch, at, {part: columns[n] for part, n in where.items()})
        except broken as error:
            message = f"is damaged ({_reason(error)}); the rows up to {start + size} are left out"
            yield ReadError(path, message, place=f"from row {row + 1} on")
        row = start + size
    if not row:
        yield ReadError(path, "is empty; give a table with rows")


def read_row(
    path: str, row: int, batch: "pa.RecordBatch | pa.Table", at: int, names: dict[str, str]
) -> Article | ReadError:
    """Return the article of a row, which is at some place of a batch; `names` are the columns of its parts."""
    place = f"row {row}"
    values: dict[str, Any] = {}
    for part, name in names.items():
        try:
            value = batch.column(name)[at].as_py()
            values[part] = value.decode() if isinstance(value, bytes) else value
        except UnicodeDecodeError as error:
            return ReadError(path, f"{name} is not UTF-8 ({error.reason}); repair or drop the row", place=place)
        except (
            ValueError,
            OverflowError,
            KeyError,
        ) as error:
            return ReadError(path, f"{name} cannot be read ({error}); repair or drop the row", place=place)
    try:
        for part, value in values.items():
            if value is not None and not isinstance(value, str):
                values[part] = _plain(path, place, part, value)
        return article(path, row, text=values.pop("text"), **values, place=place)
    except ReadError as error:
        return error


def _plain(path: str, place: str, part: str, value: Any) -> str | int | date:
    """Return a value that is not text as what the part may be."""
    match part, value:
        case "published", datetime():
            return value.date()
        case "published", date():
            return value
        case "id", int():
            return value
        case _:
            raise ReadError(path, f"{part} is {type(value).__name__}, not text; see --fields", place=place)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
