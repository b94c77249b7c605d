r"""doccano's JSONL for sequence labelling: `text`, `label` as `[start, end, label]`, and columns of one's own.

doccano shows and stores what the browser counts: UTF-16 code units, or grapheme clusters in a project that has "Count
grapheme clusters as one character" (doccano 1.8.4: `convert` in its page gives back the offsets of the selection, or
those of the clusters). Written and read are code units, which is what a project counts without that option.
It guesses the encoding of a file, so that only ASCII is written, the rest as `\u` escapes.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from dealspan.corpus.formats.entries import (
    CARRIED,
    FormatError,
    Found,
    Ignored,
    Losses,
    article,
    carried,
    decoded,
    lines,
    mention,
    uncarried,
)
from dealspan.corpus.formats.utf16 import characters, units
from dealspan.corpus.gold import GoldArticle, GoldMention


class _Entity(Struct):
    label: str
    start_offset: int
    end_offset: int


class _Entry(Struct, rename={"carried": CARRIED, "comments": "Comments"}):
    text: str
    label: list[tuple[int, int, str]] = []
    entities: list[_Entity] = []
    relations: list[Any] = []
    comments: list[Any] = []
    id: str | int | None = None
    carried: Any = None


def write(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write a file to import as JSONL, column `text` and column `label`."""
    losses: Losses = []
    with out.open("w", encoding="ascii", newline="") as file:
        for one in articles:
            begins = units(one.text)
            if overlapping := _overlapping(one.mentions):
                losses.append(
                    f"{one.id}: {overlapping} mentions overlap others; a project of doccano keeps them only where it "
                    "allows overlapping entities"
                )
            entry = {
                "text": one.text,
                "label": [[begins[m.start], begins[m.end], m.label] for m in one.mentions],
                CARRIED: carried(one),
            }
            file.write(json.dumps(entry) + "\n")
    return losses


def _overlapping(mentions: Iterable[GoldMention]) -> int:
    reached = count = 0
    for one in sorted(mentions, key=lambda m: (m.start, m.end)):
        count += one.start < reached
        reached = max(reached, one.end)
    return count


def read(path: Path) -> Iterator[Found]:
    """Read what doccano exports as JSONL, with or without relations."""
    return lines(path, _found)


def _found(place: str, line: bytes) -> Iterator[Found]:
    entry = decoded(place, line, _Entry)
    for what, held in (("relations", entry.relations), ("comments", entry.comments)):
        if held:
            yield Ignored(f"{place}: {len(held)} {what} are left out; deals are read from {CARRIED!r} alone")
    begins = characters(entry.text)
    mentions = []
    for start, end, label in [*entry.label, *((e.start_offset, e.end_offset, e.label) for e in entry.entities)]:
        if not {start, end} <= begins.keys():
            raise FormatError(
                place,
                f"{label} at {start}..{end} ends inside a character or beyond the text of {max(begins)} UTF-16 code "
                "units; export from a project that does not count grapheme clusters",
            )
        mentions.append(mention(place, entry.text, label, begins[start], begins[end]))
    id = None if entry.id is None else str(entry.id)
    yield article(place, entry.text, mentions, uncarried(place, entry.carried), id=id)
