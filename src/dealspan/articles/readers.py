"""Which reader takes which input: by the ending of a name, or by how a stream begins.

Those of feeds and archives are imported when one is read.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath
from typing import BinaryIO

from dealspan.articles import compression
from dealspan.articles.arrays import read_array
from dealspan.articles.columns import read_columns
from dealspan.articles.compression import rejoined
from dealspan.articles.fields import Fields
from dealspan.articles.lines import read_lines
from dealspan.articles.objects import Objects
from dealspan.articles.raw import MAX_BYTES, RawPage, ReadError, decode, decode_page
from dealspan.articles.rows import DELIMITERS, read_rows
from dealspan.records import Article

Reader = Callable[[str, BinaryIO, Fields], Iterator[Article | RawPage | ReadError]]

BEGINNING = 2**13
"""How far a stream is looked through for what it begins like."""

# Of a stream: what may stand before its first element, and how a page, a feed and an array begin.
_PROLOG = re.compile(rb"(?:\s|<\?[^>]*>|<!--.*?-->)*+", re.DOTALL)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)\b")
_ARRAY = re.compile(rb"\[\s*\{")
_RECORD = re.compile(rb"WARC/1\.")
_BOM = b"\xef\xbb\xbf"


def _text(name: str, file: BinaryIO, fields: Fields) -> Iterator[Article | ReadError]:
    yield Article(id=name, text=decode(name, file.read(MAX_BYTES + 1)), source=_source(name))


def _page(name: str, file: BinaryIO, fields: Fields) -> Iterator[RawPage]:
    yield RawPage(id=name, source=_source(name), path=name, html=decode_page(name, file.read(MAX_BYTES + 1)))


def _feed(name: str, file: BinaryIO, fields: Fields) -> Iterator[Article | ReadError]:
    from dealspan.articles.feed import read_feed

    return read_feed(name, file)


def _warc(name: str, file: BinaryIO, fields: Fields) -> Iterator[RawPage | ReadError]:
    from dealspan.articles.warc import read_warc

    return read_warc(name, file)


def _source(name: str) -> str | None:
    return None if name == "-" else name


def read_stream(name: str, file: BinaryIO, fields: Fields) -> Iterator[Article | RawPage | ReadError]:
    """Yield the documents of a stream, which is read as what it begins like: as text, if like nothing else."""
    start = line = begun = b""
    at = 0
    # Line by line, so that what is piped in slowly is read as it comes.
    while len(start) < BEGINNING and (line := file.readline(BEGINNING)):
        start += line
        if not line.strip():
            continue
        begun = start.removeprefix(_BOM)
        at = _begins(begun)
        if begun[at:].strip() not in (b"", b"["):
            break
    read: Reader = _text
    if begun.startswith(b"{", at):
        if not line.endswith(b"\n"):
            more = file.readline(MAX_BYTES)
            start, line = start + more, line + more
        if _is_article(name, line, fields):
            read = read_lines
    for begins, reader in ((_ARRAY, read_array), (_PAGE, _page), (_FEED, _feed), (_RECORD, _warc)):
        if begins.match(begun, at):
            read = reader
    yield from read(name, rejoined(start, file), fields)


def _is_article(name: str, line: bytes, fields: Fields) -> bool:
    try:
        Objects(name, fields).article(line.removeprefix(_BOM), 1)
    except ReadError:
        return False
    return True


def _begins(start: bytes) -> int:
    """Return where the first element of a stream begins."""
    found = _PROLOG.match(start)
    return found.end() if found else 0


READERS: dict[str, Reader] = {
    "": read_stream,
    ".txt": _text,
    ".md": _text,
    ".html": _page,
    ".htm": _page,
    ".jsonl": read_lines,
    ".ndjson": read_lines,
    ".json": read_array,
    **{suffix: partial(read_rows, delimiters=signs) for suffix, signs in DELIMITERS.items()},
    ".parquet": read_columns,
    ".rss": _feed,
    ".atom": _feed,
    ".xml": _feed,
    ".warc": _warc,
}
"""The readers by the ending of a name; a name without one is read as a stream."""

SUFFIXES = tuple(suffix for suffix in READERS if suffix)
"""What is read of a folder, also where it is compressed; a file that is named must have one of these, or none."""

SINGLE = (".txt", ".md", ".html", ".htm")
"""The endings of inputs that hold one document."""


def suffix_of(name: str) -> str:
    """Return the ending of a name in lower case, that of its content if it is compressed."""
    path = PurePath(name.lower())
    return path.with_suffix("").suffix if path.suffix in compression.SUFFIXES else path.suffix
