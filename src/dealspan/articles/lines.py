"""JSONL: one document per line, as an object with `text` and, where known, `id`, `title`, `published` and `source`.

Other fields are ignored, so a file of records' sources, a crawl or a gold file is an input.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from dealspan.articles.raw import MAX_BYTES, ReadError, iso_date
from dealspan.records import Article


class _Line(msgspec.Struct):
    text: str
    id: str | int | None = None
    title: str | None = None
    published: str | None = None
    source: str | dict[str, Any] | None = None


_decoder = msgspec.json.Decoder(_Line)


def read_line(path: str, number: int, line: bytes) -> Article:
    """Return the article of one line; raises `ReadError`."""
    try:
        fields = _decoder.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeDecodeError as error:
        raise ReadError(path, f"is not UTF-8 ({error.reason}); convert the file to UTF-8", line=number) from None
    except msgspec.ValidationError as error:
        raise ReadError(
            path, f'{error}; each line is an object like {{"id": "a1", "text": "..."}}', line=number
        ) from None
    except msgspec.DecodeError as error:
        raise ReadError(path, f"is not one whole JSON object ({error}); repair or drop the line", line=number) from None
    except RecursionError:
        raise ReadError(path, "is nested too deeply; repair or drop the line", line=number) from None
    if not fields.text.strip():
        raise ReadError(path, "has an empty text; repair or drop the line", line=number)
    published = iso_date(fields.published)
    if fields.published and published is None:
        raise ReadError(path, f"published is {fields.published!r}; write a date such as 2018-05-31", line=number)
    return Article(
        id=f"{path}:{number}" if fields.id is None else str(fields.id),
        text=fields.text,
        title=fields.title,
        published=published,
        source=_source(fields.source),
    )


def read_lines(path: str, file: BinaryIO, *, first: int = 1) -> Iterator[Article | ReadError]:
    """Yield the articles of a JSONL file, line by line; `first` is the number of the line that the file stands at."""
    number, documents = first - 1, 0
    while line := file.readline(MAX_BYTES + 1):
        number += 1
        if b"\0" in line:
            yield ReadError(path, "is binary (a NUL byte); give JSONL", line=number)
            return
        if len(line) > MAX_BYTES:
            yield ReadError(path, f"is longer than {MAX_BYTES // 2**20} MiB; split it into articles", line=number)
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_BYTES)
        elif line.strip():
            try:
                yield read_line(path, number, line)
            except ReadError as error:
                yield error
        else:
            continue
        documents += 1
    if not documents and first == 1:
        yield ReadError(path, "is empty; give a file with one JSON object per line")


def _source(source: str | dict[str, Any] | None) -> str | None:
    """Return a source as one string: of an object its `url`, else the object as JSON."""
    if not isinstance(source, dict):
        return source
    url = source.get("url")
    return url if isinstance(url, str) else msgspec.json.encode(source).decode()
