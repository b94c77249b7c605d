"""What goes into a review from files: gold, or records of dealspan with their texts, both as the machine's reading."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from dealspan.corpus.formats import FORMATS, FormatError, Ignored, jsonl
from dealspan.corpus.formats.entries import Found, decoded, lines
from dealspan.corpus.gold import GoldArticle
from dealspan.records import Article, Record
from dealspan.review.conversion import from_gold, from_record
from dealspan.review.state import InvalidError, State


class Machine(NamedTuple):
    """A document and what a reviewer begins with."""

    document: Article
    state: State


class _Line(Struct):
    """What tells a record, which names its document, from gold."""

    document: Any = None


def read(format: str, path: Path, texts: Mapping[str, str]) -> Iterator[Machine | Ignored | FormatError]:
    """Yield the documents of a file, and what cannot be read of it.

    Parameters
    ----------
    format
        One of `FORMATS` that can be read; lines of `jsonl` may be records too.
    path
        The file; for brat a folder.
    texts
        The texts of records by their digest, since a record holds none.

    """
    if format == "jsonl":
        yield from lines(path, partial(_of_line, texts))
    elif reader := FORMATS[format].read:
        for found in reader(path):
            yield from _of_gold(found)


def _of_line(texts: Mapping[str, str], place: str, line: bytes) -> Iterator[Machine | Ignored | FormatError]:
    if decoded(place, line, _Line).document is None:
        yield from _of_gold(jsonl.article_of(place, line))
        return
    record = decoded(place, line, Record)
    about = record.document
    if (text := texts.get(about.sha256)) is None:
        raise FormatError(
            place,
            f"the text of {about.id!r} is not at hand, and a record holds none; name with --texts the files that were "
            "extracted, unchanged",
        )
    published = date.fromisoformat(about.published) if about.published else None
    document = Article(id=about.id, title=about.title, published=published, source=about.source, text=text)
    try:
        yield Machine(document, from_record(record, text))
    except InvalidError as error:
        raise FormatError(place, f"{error}; mend or drop the record") from None


def _of_gold(found: Found) -> Iterator[Machine | Ignored | FormatError]:
    if not isinstance(found, GoldArticle):
        yield found
        return
    document = Article(
        id=found.id, title=found.title, published=found.published, source=found.source or None, text=found.text
    )
    try:
        yield Machine(document, from_gold(found))
    except InvalidError as error:
        yield FormatError(found.id, f"{error}; mend or drop the entry")
