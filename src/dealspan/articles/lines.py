"""JSONL: one document per line, as an object with `text` and, where known, `id`, `title`, `published` and `source`.

Other fields are ignored, so a file of records' sources, a crawl or a gold file is an input.
"""

from collections.abc import Iterator
from typing import BinaryIO

from dealspan.articles.fields import NAMES, Fields
from dealspan.articles.objects import Objects
from dealspan.articles.raw import MAX_BYTES, ReadError, refuse_wide
from dealspan.records import Article


def read_line(path: str, number: int, line: bytes) -> Article:
    """Return the article of one line; raises `ReadError`."""
    return Objects(path, NAMES).article(line.removeprefix(b"\xef\xbb\xbf"), number, line=number)


def read_lines(path: str, file: BinaryIO, fields: Fields) -> Iterator[Article | ReadError]:
    """Yield the articles of a JSONL file, line by line."""
    objects = Objects(path, fields)
    number = documents = 0
    while line := file.readline(MAX_BYTES + 1):
        number += 1
        if number == 1:
            refuse_wide(path, line)
        if b"\0" in line:
            yield ReadError(path, "is binary (a NUL byte); give JSONL", line=number)
            return
        if len(line) > MAX_BYTES:
            yield ReadError(path, f"is longer than {MAX_BYTES // 2**20} MiB; split it into articles", line=number)
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_BYTES)
        elif line.strip():
            try:
                yield objects.article(line.removeprefix(b"\xef\xbb\xbf"), number, line=number)
            except ReadError as error:
                yield error
        else:
            continue
        documents += 1
    if not documents:
        yield ReadError(path, "is empty; give a file with one JSON object per line")
    yield from objects.unseen()
