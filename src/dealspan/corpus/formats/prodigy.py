"""Prodigy's JSONL: a task a line with text, tokens and spans, as `spans_manual` shows it and `db-out` writes it.

Prodigy takes the tokens from the task and lets spans begin and end at tokens alone; so spaCy's tokens are cut where a
mention ends inside one. Offsets are of characters, and `token_end` is the last token of a span, not the one after it
(https://prodi.gy/docs/api-interfaces). `meta` is what the page shows of an article; a field of ours, which Prodigy
keeps as it is, holds the rest.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from spacy.tokens import Doc

from dealspan.corpus.formats.entries import (
    CARRIED,
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
from dealspan.corpus.formats.tokens import tokenizer
from dealspan.corpus.gold import GoldArticle


class _Span(Struct):
    start: int
    end: int
    label: str


class _Task(Struct, rename={"carried": CARRIED}):
    text: str
    spans: list[_Span] = []
    relations: list[Any] = []
    answer: str = "accept"
    carried: Any = None


def write(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write the tasks of Prodigy, accepted, for `spans_manual` and `mark`."""
    nlp = tokenizer()
    with out.open("wb") as file:
        for one in articles:
            tokens = _tokens(nlp.make_doc(one.text), one)
            starts, ends = [token["start"] for token in tokens], [token["end"] for token in tokens]
            task = {
                "text": one.text,
                "tokens": tokens,
                "spans": [
                    {
                        "start": m.start,
                        "end": m.end,
                        "label": m.label,
                        "token_start": bisect_right(ends, m.start),
                        "token_end": bisect_left(starts, m.end) - 1,
                    }
                    for m in one.mentions
                ],
                "meta": {"id": one.id, "published": one.published, "source": one.source},
                "answer": "accept",
                CARRIED: carried(one),
            }
            file.write(msgspec.json.encode(task) + b"\n")
    return []


def _tokens(doc: Doc, one: GoldArticle) -> list[dict[str, Any]]:
    """The tokens of spaCy, cut at the ends of the mentions."""
    cuts = sorted({edge for m in one.mentions for edge in (m.start, m.end)})
    tokens: list[dict[str, Any]] = []
    for token in doc:
        end = token.idx + len(token)
        edges = [token.idx, *cuts[bisect_right(cuts, token.idx) : bisect_left(cuts, end)], end]
        for start, stop in pairwise(edges):
            last = stop == end and bool(token.whitespace_)
            tokens.append({"text": one.text[start:stop], "start": start, "end": stop, "id": len(tokens), "ws": last})
    return tokens


def read(path: Path) -> Iterator[Found]:
    """Read the tasks of Prodigy that were accepted."""
    return lines(path, _found)


def _found(place: str, line: bytes) -> Iterator[Found]:
    task = decoded(place, line, _Task)
    if task.answer != "accept":
        yield Ignored(f"{place}: was not accepted in Prodigy ({task.answer}); it is left out")
        return
    if task.relations:
        yield Ignored(f"{place}: {len(task.relations)} relations are left out; deals are read from {CARRIED!r} alone")
    mentions = [mention(place, task.text, span.label, span.start, span.end) for span in task.spans]
    yield article(place, task.text, mentions, uncarried(place, task.carried))
