"""A document of a run: as it was read, and what became of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec

from dealspan.articles import RawPage, ReadError
from dealspan.records import Article

Reason = Literal["unreadable", "too_long", "exception", "timeout", "crash"]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no record of a document, or of an input; one line of `extract --errors`.

    Parameters
    ----------
    document
        The id of the document; None where an input could not be read.
    source
        Its path or address.
    line, place
        Where in the source it is: the number of the line, or words such as `row 7`.
    error
        `unreadable`; `too_long` for the pipeline; `exception`, which is a bug; `timeout`; or `crash`, where the
        process that analysed it ended.
    message
        What is wrong and what to do.

    """

    document: str | None
    source: str | None
    line: int | None = None
    place: str | None = None
    error: Reason
    message: str

    def __str__(self) -> str:
        """Return the failure as one line."""
        if self.document is None:
            return str(ReadError(self.source or "-", self.message, line=self.line, place=self.place))
        return f"{self.document}: {self.message}"


Result = bytes | Failure
"""The record of a document as one line of JSON, or why there is none."""


@dataclass(eq=False, slots=True)
class Document:
    """A document under way.

    Parameters
    ----------
    data
        What identifies it: the encoded article or page, or the text of the error of what could not be read.
    article
        The article; None where it could not be read, and of a page until it is analysed.
    page
        The page that it is to be taken out of.
    result
        None until it is known.
    suspect
        Whether a worker ended while it had the document.

    """

    data: bytes
    article: Article | None = None
    page: RawPage | None = None
    result: Result | None = None
    suspect: bool = False

    def parse(self) -> None:
        """Take the article out of its page."""
        assert self.page
        try:
            article = self.page.article()
            article.text.encode()  # as it will be
            self.article = article
        except ReadError as error:
            self.result = unreadable(error)
        except Exception as error:
            self.broke(error)

    def failed(self, error: Reason, message: str) -> None:
        """Note why there is no record of an article."""
        of = self.article or self.page
        assert of
        self.result = Failure(document=of.id, source=of.source, error=error, message=message)

    def broke(self, error: Exception) -> None:
        """Note an exception that nobody expected."""
        self.failed("exception", unexpected(error))


def unexpected(error: Exception) -> str:
    """Return what to say of an exception that a document led to."""
    reason = f"{type(error).__name__}: {error}"
    return f"could not be analysed ({reason}); this is a bug, please report it with the text"


def unreadable(error: ReadError) -> Failure:
    """Return the failure that says what could not be read."""
    return Failure(
        document=None,
        source=error.path,
        line=error.line,
        place=error.place,
        error="unreadable",
        message=error.message,
    )


def documents(items: Iterable[Article | RawPage | ReadError], published: date | None = None) -> Iterator[Document]:
    """Yield what was read as documents; `published` is for those that do not say it themselves."""
    encoder = msgspec.msgpack.Encoder()
    for item in items:
        if isinstance(item, ReadError):
            yield Document(str(item).encode("utf-8", "replace"), result=unreadable(item))
            continue
        one = msgspec.structs.replace(item, published=published) if published and item.published is None else item
        held = {"page": one} if isinstance(one, RawPage) else {"article": one}
        try:
            yield Document(encoder.encode(one), **held)
        except UnicodeEncodeError as error:
            document = Document(one.id.encode("utf-8", "replace"), **held)
            document.broke(error)
            yield document
