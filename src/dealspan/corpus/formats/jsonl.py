"""The gold form: an article a line. Written it holds everything; read it may lack where an article comes from."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from dealspan.corpus.formats.entries import FormatError, Found, Losses, article, decoded, lines, mention
from dealspan.corpus.gold import Genre, GoldArticle, GoldDeal, Split


class _Mention(Struct):
    label: str
    start: int
    end: int
    text: str | None = None


class _Line(Struct):
    """Gold of any hand: what the corpus adds to an article is not always there."""

    text: str
    mentions: list[_Mention]
    deals: list[GoldDeal]
    id: str | None = None
    published: str | None = None
    title: str | None = None
    source: str | dict[str, Any] | None = None
    genre: Genre = "reviewed"
    split: Split = "train"
    author: str = "unknown"


def write(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write the gold form, a line for each article: the input of `dealspan extract` and `dealspan evaluate`."""
    with out.open("wb") as file:
        for one in articles:
            file.write(msgspec.json.encode(one) + b"\n")
    return []


def read(path: Path) -> Iterator[Found]:
    """Read gold, or a corpus written by `write`."""
    return lines(path, lambda place, line: [article_of(place, line)])


def article_of(place: str, line: bytes) -> GoldArticle:
    """The article of a line; raises `FormatError`, which names `place`."""
    found = decoded(place, line, _Line)
    mentions = []
    for one in found.mentions:
        made = mention(place, found.text, one.label, one.start, one.end)
        if one.text not in (None, made.text):
            raise FormatError(
                place,
                f"{one.label} {one.text!r} stands not at {one.start}..{one.end}, where the text has {made.text!r}; "
                "count code points of the text as it stands, line ends included",
            )
        mentions.append(made)
    try:
        published = date.fromisoformat(found.published) if found.published else None
    except ValueError:
        raise FormatError(place, f"published is {found.published!r}; write a date such as 2018-05-31") from None
    source = found.source
    if isinstance(source, dict):
        source = msgspec.json.encode(source).decode()
    made_of = article(place, found.text, mentions, None, id=found.id)
    return msgspec.structs.replace(
        made_of,
        published=published,
        title=found.title,
        source=made_of.source if source is None else source,
        genre=found.genre,
        split=found.split,
        author=found.author,
        deals=found.deals,
    )
