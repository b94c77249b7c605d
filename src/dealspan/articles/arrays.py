"""JSON documents: an array of objects, or objects one behind the other, each an article.

Only where an object begins and ends is looked for here, and each is then decoded like a line of JSONL: 48 to 55 MB/s
on 30 MB of articles, against 31 to 73 of ijson 3.6, which ends at the first bad byte and reads a lone surrogate as a
question mark, and 80 of msgspec on the whole file, which has to hold it.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from dealspan.articles.fields import Fields
from dealspan.articles.objects import Objects
from dealspan.articles.raw import MAX_BYTES, ReadError, refuse_wide
from dealspan.records import Article

CHUNK = 2**18

# A string, to its end or to that of what was read, or a bracket.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("?)|[][{}]', re.DOTALL)
_BETWEEN = re.compile(rb"[\s,]*")


def read_array(path: str, file: BinaryIO, fields: Fields) -> Iterator[Article | ReadError]:
    """Yield the articles of a JSON document."""
    objects = Objects(path, fields)
    number, empty = 0, True
    for found in _objects(path, file):
        empty = False
        if isinstance(found, ReadError):
            yield found
            continue
        number += 1
        try:
            yield objects.article(found, number, place=f"object {number}")
        except ReadError as error:
            yield error
    if empty:
        yield ReadError(path, "holds no object; give an array of objects, or one object with a text")
    yield from objects.unseen()


def _objects(path: str, file: BinaryIO) -> Iterator[bytes | ReadError]:
    """Yield each outermost object; what else stands between them is an error, and so is what has no end."""
    # `end` is where the last object or outer bracket ended, `at` how far brackets are counted.
    data = file.read(CHUNK)
    refuse_wide(path, data)
    data = data.removeprefix(b"\xef\xbb\xbf")
    number = depth = arrays = end = at = 0
    stray = False
    while True:
        for token in _TOKEN.finditer(data, at):
            first = data[token.start()]
            if first == 0x22 and not token[1]:
                at = token.start()
                break
            at = token.end()
            if depth:
                depth += 1 if first in b"{[" else -1 if first in b"}]" else 0
                if not depth:
                    yield data[end:at]
                    end = at
                continue
            if _BETWEEN.fullmatch(data, end, token.start()) is None or first in b'"}':
                stray = True
            if first in b"{":
                if stray:
                    yield ReadError(
                        path,
                        "something else than an object stands there; repair it",
                        place=f"before object {number + 1}",
                    )
                number, depth, end, stray = number + 1, 1, token.start(), False
            else:
                arrays += 1 if first in b"[" else -1 if first in b"]" else 0
                stray = stray or arrays < 0
                end = at
        else:
            at = len(data)
        if b"\0" in data:
            yield ReadError(path, "is binary (a NUL byte); give JSON")
            return
        if len(data) - end > MAX_BYTES:
            limit = MAX_BYTES // 2**20
            yield ReadError(path, f"is longer than {limit} MiB; repair or drop it", place=f"object {number}")
            return
        # As much again: a long string is looked through from its beginning.
        more = file.read(max(CHUNK, len(data) - end))
        if not more:
            break
        data, at, end = data[end:] + more, at - end, 0
    if depth or arrays or stray or _BETWEEN.fullmatch(data, end) is None:
        message = "is no JSON: cut off, or a comma, bracket or quote is missing; repair it"
        yield ReadError(path, message, place=f"from object {max(number, 1)} on")
