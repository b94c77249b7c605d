"""Documents become encoded records, in this process."""

import gc
import os
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal

import msgspec

from dealspan.jobs.documents import Document
from dealspan.records import Article, encode

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Lets one thread multiply matrices. Those of the pipeline are small: beside another busy process on two cores, the
pipeline was three times as slow with two threads, which wait for each other."""


FORGOTTEN = 512
"""After so many documents spaCy forgets their words. It would keep every word that it has seen: of 3,000 articles of
news it held 75,000, for 8 MiB each thousand, and every new thousand brought 15,000."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How documents are to be analysed, and what of a record is to be kept."""

    model: str = "trained"
    rules: str | None = None
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
    from dealspan import pipeline

    nlp = pipeline.load(model, rules=rules)
    # What was loaded stays to the end: the garbage collector need not look at it again.
    gc.freeze()
    return nlp


def analyse_all(nlp: "Language", settings: Settings, documents: Iterable[Document]) -> Iterator[Document]:
    """Do the same with documents without end, in memory that does not grow."""
    source = iter(documents)
    for first in source:
        with nlp.memory_zone():
            yield from analyse(nlp, settings, chain([first], islice(source, FORGOTTEN - 1)))


def analyse(nlp: "Language", settings: Settings, documents: Iterable[Document]) -> Iterator[Document]:
    """Yield the documents in order, each with its result, as soon as it is known."""
    waiting: deque[Document] = deque()

    def articles() -> Iterator[Article]:
        for document in documents:
            waiting.append(document)
            article = document.article
            if article is None or document.result is not None:
                continue
            if len(article.text) > nlp.max_length:
                document.failed("too_long", too_long(article, nlp.max_length))
            else:
                yield article

    for article, doc in analysed(nlp, articles()):
        while waiting[0].result is not None:
            yield waiting.popleft()
        document = waiting.popleft()
        if isinstance(doc, Exception):
            document.broke(doc)
        else:
            try:
                document.result = _encoded(article, doc, settings)
            except Exception as error:
                document.broke(error)
        yield document
    yield from waiting


def analysed(nlp: "Language", articles: Iterable[Article]) -> Iterator[tuple[Article, "Doc | Exception"]]:
    """Yield each article with its Doc, or with what broke the pipeline."""
    from dealspan.pipeline import process

    articles = iter(articles)
    while True:
        # The pipeline may take several at once: when it breaks, any of them can be the cause.
        waiting: deque[Article] = deque()
        try:
            for article, doc in process(nlp, _noted(articles, waiting)):
                waiting.popleft()
                yield article, doc
            return
        except Exception:
            if not waiting:
                raise
        for article in waiting:
            try:
                ((_, doc),) = process(nlp, [article])
            except Exception as error:
                yield article, error
            else:
                yield article, doc


def too_long(article: Article, limit: int) -> str:
    """Return what to say of an article that is longer than the pipeline takes."""
    return f"has {len(article.text):,} characters, more than {limit:,}; split it into articles"


def _noted(articles: Iterable[Article], waiting: deque[Article]) -> Iterator[Article]:
    """Pass articles on, and note them as under way."""
    for article in articles:
        waiting.append(article)
        yield article


def _encoded(article: Article, doc: "Doc", settings: Settings) -> bytes:
    from dealspan.output.confident import confident
    from dealspan.output.wording import is_hedged
    from dealspan.pipeline import record_of

    record = confident(record_of(article, doc), settings.min_confidence)
    if settings.only:
        deals = [deal for deal in record.deals if is_hedged(deal) == (settings.only == "hedged")]
        record = msgspec.structs.replace(record, deals=deals)
    return encode(record)
