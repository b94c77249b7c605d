"""A run over many documents: what cannot be read or analysed is reported, and the rest goes on."""

import gc
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from dealspan.articles import NAMES, SINGLE, Fields, ReadError, expand, read, suffix_of
from dealspan.cli.failures import FAILED, USAGE, CommandError, complain
from dealspan.cli.streams import standard_input
from dealspan.records import Article

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Lets one thread multiply matrices. Those of the pipeline are small: beside another busy process on two cores, the
pipeline was three times as slow with two threads, which wait for each other."""
FEW = 3
"""Up to this many files are done before a progress bar could be read."""


def language(rules: Path | None, model: str = "trained") -> "Language":
    """Load the pipeline; unless the environment says otherwise, it keeps to one core."""
    os.environ.update(ONE_THREAD | os.environ)  # read when numpy is imported
    from dealspan.pipeline import load

    try:
        nlp = load(model, rules=rules)
    except ImportError as error:
        raise CommandError(str(error)) from None
    except (ValueError, OSError) as error:
        raise CommandError(str(error), USAGE) from None
    # What was loaded stays to the end: the garbage collector need not look at it again.
    gc.freeze()
    return nlp


class Run:
    """The documents of a run, analysed, in order; counts what failed."""

    def __init__(
        self,
        nlp: "Language",
        inputs: Sequence[str],
        *,
        published: date | None = None,
        source: Iterator[Article | ReadError] | None = None,
        fields: Fields = NAMES,
    ) -> None:
        self._nlp = nlp
        self._inputs = inputs
        self._published = published
        # What of the inputs is to be analysed, where it is not all.
        self._source = source
        self._fields = fields
        self._failed = 0

    def documents(self, *, progress: bool = False) -> Iterator[tuple[Article, "Doc"]]:
        """Yield each article with its Doc."""
        from dealspan.pipeline import process

        source = self._source or read(self._inputs, standard_input(), self._fields)
        articles = self._readable(_tracked(source, self._inputs) if progress else source)
        while True:
            # The pipeline works in batches: when it breaks, any document of the batch can be the cause.
            waiting: deque[Article] = deque()
            try:
                for article, doc in process(self._nlp, _noted(articles, waiting)):
                    waiting.popleft()
                    yield article, doc
                return
            except Exception:
                if not waiting:
                    raise
            for article in waiting:
                try:
                    analysed = list(process(self._nlp, [article]))
                except Exception as error:
                    self.failed(article, error)
                else:
                    yield from analysed

    def failed(self, article: Article, error: Exception) -> None:
        """Report a document that could not be analysed."""
        self._failed += 1
        reason = f"{type(error).__name__}: {error}"
        complain(f"{article.id}: could not be analysed ({reason}); this is a bug, please report it with the text")

    def finish(self) -> None:
        """End the command: with status 1 where an input failed."""
        if self._failed:
            raise typer.Exit(FAILED)

    def _readable(self, source: Iterable[Article | ReadError]) -> Iterator[Article]:
        limit = self._nlp.max_length
        for item in source:
            if isinstance(item, ReadError):
                self._failed += 1
                complain(item)
            elif len(item.text) > limit:
                self._failed += 1
                complain(f"{item.id}: has {len(item.text):,} characters, more than {limit:,}; split it into articles")
            elif item.published is None and self._published:
                yield msgspec.structs.replace(item, published=self._published)
            else:
                yield item


def _noted(articles: Iterable[Article], waiting: deque[Article]) -> Iterator[Article]:
    """Pass articles on, and note them as under way."""
    for article in articles:
        waiting.append(article)
        yield article


def _tracked(source: Iterator[Article | ReadError], inputs: Sequence[str]) -> Iterator[Article | ReadError]:
    """Show on standard error how far the reading has come, if it is a terminal and there is something to wait for."""
    if sys.stderr is None or not sys.stderr.isatty():
        return source
    files, several = 0, False
    for path in (path for name in inputs if name != "-" for path in expand(name)):
        files += 1
        several = several or suffix_of(str(path)) not in SINGLE
    if files <= FEW and not several:
        return source
    from rich.console import Console
    from rich.progress import track

    # How many documents an archive holds is not known before it is read.
    total = None if several or "-" in inputs else files
    return iter(track(source, "Documents", total=total, console=Console(stderr=True), transient=True))
