"""Output: records as JSON, CSV, a table, a page, Parquet or a database.

A format is a class with `write(article, record)` and `close()`, in a file of its own, made on a stream; `writer` finds
it by name. Every format streams: nothing is kept of a document once it is written.
"""

import contextlib
from collections.abc import Iterator
from importlib import import_module
from typing import IO, Any, Literal, Protocol, runtime_checkable

from dealspan.records import Article, Record, decode

Format = Literal["jsonl", "json", "table", "csv", "html", "parquet", "sqlite"]

SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".json": "json",
    ".txt": "table",
    ".csv": "csv",
    ".html": "html",
    ".htm": "html",
    ".parquet": "parquet",
    ".sqlite": "sqlite",
    ".db": "sqlite",
}
"""The format that the ending of an output file stands for."""

BINARY: frozenset[Format] = frozenset(("parquet", "sqlite"))
"""Formats of bytes, for no terminal."""

_WRITERS = {
    "jsonl": "json_lines:JsonLines",
    "json": "json_array:JsonArray",
    "table": "table:TerminalTable",
    "csv": "sheet:Sheet",
    "html": "page:Page",
    "parquet": "columns:Columns",
    "sqlite": "database:Database",
}


class Writer(Protocol):
    """Writes records to a stream, which stays open."""

    def write(self, article: Article, record: Record) -> None:
        """Write the record of one article."""

    def close(self) -> None:
        """Write what ends the output."""


@runtime_checkable
class LineWriter(Writer, Protocol):
    """Writes records also as they are encoded."""

    def write_line(self, line: bytes) -> None:
        """Write a record that is encoded as `dealspan.encode` does."""


def write_line(sink: Writer, article: Article, line: bytes) -> None:
    """Write an encoded record; it is decoded only for a format that needs what is in it."""
    if isinstance(sink, LineWriter):
        sink.write_line(line)
    else:
        sink.write(article, decode(line))


def writer(name: Format, stream: IO[Any]) -> Writer:
    """Return a writer of the named format.

    Parameters
    ----------
    name
        The format.
    stream
        A text stream opened with `newline=""`; for the formats in `BINARY` a stream of bytes, which for a database is
        a file.

    Raises
    ------
    ImportError
        Where a package that the format needs is not installed; the message names the extra.
    ValueError
        Where the format cannot be written to this stream.

    """
    made: Writer = _class(name)(stream)
    return made


def need(name: Format) -> None:
    """Raise `ImportError`, with the extra to install, where a package that the format needs is missing."""
    _class(name)


@contextlib.contextmanager
def writing(name: Format, stream: IO[Any]) -> Iterator[Writer]:
    """Make a writer, and close it in the end.

    Where something fails before, a text is left visibly cut short. Of what is binary nothing could be read then, so its
    end is written if that is still possible.
    """
    sink = writer(name, stream)
    try:
        yield sink
    except BaseException:
        if name in BINARY:
            with contextlib.suppress(Exception):
                sink.close()
        raise
    sink.close()


def _class(name: Format) -> Any:
    module, _, attribute = _WRITERS[name].partition(":")
    return getattr(import_module(f"dealspan.output.{module}"), attribute)
