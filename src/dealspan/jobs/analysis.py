"""Documents become encoded records, in this process."""

import gc
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sized
from contextlib import nullcontext
from itertools import chain
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from dealspan.jobs.documents import Document
from dealspan.jobs.spacy_import import import_spacy
from dealspan.records import Article, Record, encode

if TYPE_CHECKING:
    from spacy.language import Language

T = TypeVar("T")

ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Lets one thread multiply matrices. Those of the pipeline are small: beside another busy process on two cores, the
pipeline was three times as slow with two threads, which wait for each other."""


REMEMBERED, FORGOTTEN = 30_000, 15_000
"""How many words spaCy keeps for good, and how many more before it forgets those. It would keep every one: of 3,000
articles of news 75,000, for 8 MiB each thousand. In a zone where words are forgotten its tokenizer remembers none of
what it cuts either, and goes at a quarter of its speed but for what it has met before. So the first words, which are
those that most texts are made of, are met outside of any (mixed news: 340,000 words/s instead of 80,000)."""

TOGETHER, TOGETHER_BYTES = 32, 2**20
"""How many documents are analysed together where nobody waits for each of them, and fewer where they are so large: all
of them are held."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How documents are to be analysed, and what of a record is to be kept.

    `gate` says which of them are, or which of their paragraphs, where it is not all. `batch` is how many are taken
    before the first of them has its result.
    """

    model: str = "trained"
    rules: str | None = None
    gate: Literal["documents", "paragraphs"] | None = "documents"
    batch: int = TOGETHER
    min_confidence: float = 0.0
    only: Literal["completed", "hedged"] | None = None


def load(model: str, rules: str | None) -> "Language":
    """Load the pipeline; unless the environment says otherwise, it keeps to one core.

    Raises
    ------
    ImportError, ValueError, OSError
        As `dealspan.load`.

    """
    os.environ.update(ONE_THREAD | os.environ)  # read when numpy is imported
    # What is loaded stays to the end: the garbage collector need not look at it, neither meanwhile nor later.
    collects = gc.isenabled()
    gc.disable()
    try:
        import_spacy()
        from dealspan import pipeline
        from dealspan.gate import read_gate

        nlp = pipeline.load(model, rules=rules)
        read_gate(model)  # it is kept; what is wrong with its file is said before any document is read
        gc.freeze()
    finally:
        if collects:
            gc.enable()
    return nlp


def analyse_all(nlp: "Language", settings: Settings, documents: Iterable[Document]) -> Iterator[Document]:
    """Do the same with documents without end, in memory that does not grow."""
    for part in in_parts(nlp, iter(documents)):
        yield from analyse(nlp, settings, part)


def in_parts(nlp: "Language", source: Iterator[T]) -> Iterator[Iterator[T]]:
    """Yield what is to be read in parts, so that spaCy holds a bounded number of words.

    Those of the first part are kept, those of each later one are forgotten when the next is asked for.
    """
    held = nlp.vocab.strings
    for first in source:
        most = max(REMEMBERED, len(held) + FORGOTTEN)
        with nlp.memory_zone() if len(held) >= REMEMBERED else nullcontext():
            yield chain([first], _while_fewer(held, most, source))


def _while_fewer(held: Sized, most: int, source: Iterator[T]) -> Iterator[T]:
    while len(held) < most and (one := next(source, None)) is not None:
        yield one


def analyse(nlp: "Language", settings: Settings, documents: Iterable[Document]) -> Iterator[Document]:
    """Yield the documents in order, each with its result."""
    from dealspan.gate import read_gate
    from dealspan.pipeline import read

    gate = settings.gate and getattr(read_gate(settings.model), settings.gate)
    source = iter(documents)
    while waiting := _taken(source, settings.batch):
        for one in waiting:
            if one.page and one.result is None:
                one.parse()
            if one.article and one.result is None and len(one.article.text) > nlp.max_length:
                one.failed("too_long", too_long(one.article, nlp.max_length))
        try:
            for record in read(nlp, [one.article for one in waiting if one.article and one.result is None], gate):
                while waiting[0].result is not None:
                    yield waiting.popleft()
                waiting[0].result = _encoded(record, settings)
                yield waiting.popleft()
        except Exception:
            # Any of them can be the cause: each is tried alone, so that the others are not lost.
            pass
        for one in waiting:
            if one.article and one.result is None:
                try:
                    (record,) = read(nlp, [one.article], gate)
                    one.result = _encoded(record, settings)
                except Exception as error:
                    one.broke(error)
            yield one


def _taken(source: Iterator[Document], most: int) -> deque[Document]:
    """The next documents, so many at most, and fewer where they are large."""
    found: deque[Document] = deque()
    size = 0
    while len(found) < most and size < TOGETHER_BYTES and (document := next(source, None)):
        found.append(document)
        size += len(document.data)
    return found


def too_long(article: Article, limit: int) -> str:
    """Return what to say of an article that is longer than the pipeline takes."""
    return f"has {len(article.text):,} characters, more than {limit:,}; split it into articles"


def _encoded(record: Record, settings: Settings) -> bytes:
    from dealspan.output.confident import confident
    from dealspan.output.wording import is_hedged

    record = confident(record, settings.min_confidence)
    if settings.only:
        deals = [deal for deal in record.deals if is_hedged(deal) == (settings.only == "hedged")]
        record = msgspec.structs.replace(record, deals=deals)
    return encode(record)
