"""A run over many documents: what cannot be read or analysed is reported, and the rest goes on."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from dealspan.articles import NAMES, Fields, Position, ReadError, read
from dealspan.cli.failures import FAILED, USAGE, CommandError, complain
from dealspan.cli.progress import followed
from dealspan.cli.streams import standard_input
from dealspan.jobs.analysis import load, too_long
from dealspan.jobs.documents import unexpected
from dealspan.records import Article

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


def language(rules: Path | None, model: str = "trained") -> "Language":
    """Load the pipeline; unless the environment says otherwise, it keeps to one core."""
    try:
        return load(model, str(rules) if rules else None)
    except ImportError as error:
        raise CommandError(str(error)) from None
    except (ValueError, OSError) as error:
        raise CommandError(str(error), USAGE) from None


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

        position = Position()
        source = self._source or read(self._inputs, standard_input(), self._fields, position)
        articles = self._readable(followed(source, self._inputs, position) if progress else source)
        for article in articles:
            try:
                ((_, doc),) = process(self._nlp, [article])
            except Exception as error:
                self.failed(article, error)
            else:
                yield article, doc

    def failed(self, article: Article, error: Exception) -> None:
        """Report a document that could not be analysed."""
        self._failed += 1
        complain(f"{article.id}: {unexpected(error)}")

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
                complain(f"{item.id}: {too_long(item, limit)}")
            elif item.published is None and self._published:
                yield msgspec.structs.replace(item, published=self._published)
            else:
                yield item
