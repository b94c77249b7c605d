"""Lines of JSONL that are annotated already: gold comes into the store as it is, not as the pipeline reads it."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import msgspec
from msgspec import Raw, Struct

from dealspan.articles.lines import read_line
from dealspan.articles.raw import MAX_BYTES, ReadError
from dealspan.corpus.gold import GoldArticle, GoldDeal, GoldMention
from dealspan.review.conversion import Source, from_gold
from dealspan.review.state import InvalidError, State

_ABSENT = Raw(b"null")


class _Keys(Struct):
    mentions: Raw = _ABSENT
    deals: Raw = _ABSENT


class _Gold(Struct):
    mentions: list[GoldMention]
    deals: list[GoldDeal]


class GoldLine(NamedTuple):
    """A line with its annotation, or what is wrong with it."""

    id: str
    content: tuple[Source, State] | ReadError


def gold_lines(name: str, file: BinaryIO) -> Iterator[GoldLine]:
    """Yield the lines of a JSONL file that hold `mentions` and `deals`; what is no article is left to others."""
    number = 0
    while line := file.readline(MAX_BYTES + 1):
        number += 1
        if b'"mentions"' not in line or b'"deals"' not in line or len(line) > MAX_BYTES:
            continue
        try:
            article = read_line(name, number, line)
            keys = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"), type=_Keys)
        except (ReadError, msgspec.DecodeError):
            continue
        if _ABSENT in (keys.mentions, keys.deals):
            continue
        source = Source(
            id=article.id, title=article.title, published=article.published, source=article.source, text=article.text
        )
        try:
            yield GoldLine(article.id, (source, _state(source, line)))
        except (msgspec.DecodeError, InvalidError) as error:
            message = f"is no gold ({error}); mend the annotation, or leave mentions and deals out to have it read"
            yield GoldLine(article.id, ReadError(name, message, line=number))


def _state(source: Source, line: bytes) -> State:
    gold = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"), type=_Gold)
    return from_gold(
        GoldArticle(
            id=source.id,
            published=source.published,
            title=source.title,
            source=source.source or "",
            genre="reviewed",
            split="train",
            author="",
            text=source.text,
            mentions=gold.mentions,
            deals=gold.deals,
        )
    )
