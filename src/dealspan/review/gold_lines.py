"""Lines of JSONL that are annotated already: gold comes into the store as it is, not as the pipeline reads it."""

from codecs import BOM_UTF8 as BOM
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import msgspec
from msgspec import Raw, Struct

from dealspan.articles.lines import read_line
from dealspan.articles.raw import MAX_BYTES, ReadError
from dealspan.corpus.formats.entries import FormatError
from dealspan.corpus.formats.jsonl import article_of
from dealspan.records import Article
from dealspan.review.conversion import from_gold
from dealspan.review.state import InvalidError, State

_ABSENT = Raw(b"null")


class _Keys(Struct):
    mentions: Raw = _ABSENT
    deals: Raw = _ABSENT


class GoldLine(NamedTuple):
    """A line with its annotation, or what is wrong with it."""

    id: str
    content: tuple[Article, State] | FormatError


def gold_lines(name: str, file: BinaryIO) -> Iterator[GoldLine]:
    """Yield the lines of a JSONL file that hold `mentions` and `deals`; what is no article is left to others."""
    number = 0
    while line := file.readline(MAX_BYTES + 1):
        number += 1
        if b'"mentions"' not in line or b'"deals"' not in line or len(line) > MAX_BYTES:
            continue
        try:
            article = read_line(name, number, line)
            keys = msgspec.json.decode(line.removeprefix(BOM), type=_Keys)
        except (ReadError, msgspec.DecodeError):
            continue
        if _ABSENT in (keys.mentions, keys.deals):
            continue
        try:
            state = from_gold(article_of(f"{name}:{number}", line.removeprefix(BOM)))
        except FormatError as error:
            yield GoldLine(article.id, error)
        except InvalidError as error:
            message = f"{error}; mend the annotation, or leave mentions and deals out to have it read"
            yield GoldLine(article.id, FormatError(f"{name}:{number}", message))
        else:
            yield GoldLine(article.id, (article, state))
