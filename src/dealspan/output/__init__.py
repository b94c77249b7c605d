"""Output: records as JSON, CSV, a table or a page.

A format is a class with `write(article, record)` and `close()`, in a file of its own, made on a text stream; `writer`
finds it by name. Every format streams: nothing is kept of a document once it is written.
"""

from importlib import import_module
from typing import Literal, Protocol, TextIO, runtime_checkable

from dealspan.records import Article, Record, decode

Format = Literal["jsonl", "json", "table", "csv", "html"]

SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".json": "json",
    ".txt": "table",
    ".csv": "csv",
    ".html": "html",
    ".htm": "html",
}
"""The format that the ending of an output file stands for."""

_WRITERS = {
    "jsonl": "json_lines:JsonLines",
    "json": "json_array:JsonArray",
    "table": "table:TerminalTable",
    "csv": "sheet:Sheet",
    "html": "page:Page",
}


class Writer(Protocol):
    """Writes records to a text stream, which stays open."""

    def write(self, article: Article, record: Record) -> None:
        """Write the record of one article."""

    def close(self) -> None:
        """Write what ends the output; call it only when all documents are written."""


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


def writer(name: Format, stream: TextIO) -> Writer:
    """Return a writer of the named format on a stream opened with `newline=""`."""
    module, _, attribute = _WRITERS[name].partition(":")
    made: Writer = getattr(import_module(f"dealspan.output.{module}"), attribute)(stream)
    return made
