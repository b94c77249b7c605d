"""RSS and Atom: each entry is a document; needs the extra `feeds`."""

import io
import re
from collections.abc import Iterator
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO
from xml.sax import SAXException

from dealspan.articles.page import body_of, headed
from dealspan.articles.raw import MAX_BYTES, ReadError, iso_date, need
from dealspan.records import Article

_ROOT = re.compile(rb"<(?:rss|feed|rdf:RDF)\b")
_ENTITY = re.compile(rb"""<!ENTITY\s(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")


def read_feed(path: str, file: BinaryIO) -> Iterator[Article | ReadError]:
    """Yield the entries of a feed. Unlike a table it is held as a whole: feeds list what is new."""
    with need(path, "feeds", "a feed"):
        import feedparser
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ReadError(path, f"is larger than {MAX_BYTES // 2**20} MiB; split it")
    if not data.strip():
        raise ReadError(path, "is empty; give an RSS or Atom feed")
    # Of a hundred bytes entities make gigabytes; feeds need none of their own, and those of HTML are known.
    root = _ROOT.search(data)
    if root:
        data = _ENTITY.sub(b"", data[: root.start()]) + data[root.start() :]
    # As a stream, since a string would be taken for an address and fetched; scripts are dropped by the page reader.
    try:
        feed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # what it declares as its encoding can raise anything
        raise ReadError(path, f"is no RSS or Atom feed ({error}); get it anew") from None
    if not feed.version:
        raise ReadError(path, "is no RSS or Atom feed; save a page as .html, other XML as text")
    for number, entry in enumerate(feed.entries, 1):
        place = f"entry {number}"
        try:
            yield _article(path, place, number, entry)
        except ReadError as error:
            yield ReadError(path, error.message, place=place)
    if not feed.entries:
        yield ReadError(path, "is a feed without entries; give one that has some")
    if feed.bozo and isinstance(feed.bozo_exception, SAXException):
        message = f"is no well-formed XML ({feed.bozo_exception}); an entry there may be cut off"
        yield ReadError(path, message)


def _article(path: str, place: str, number: int, entry: Any) -> Article:
    title = _text(path, entry.get("title_detail")) or None
    contents = [*entry.get("content", ()), entry.get("summary_detail")]
    body = max((_text(path, content) for content in contents), key=len)
    text = headed(title, body)
    if not text:
        raise ReadError(path, "has neither title nor text; drop it", place=place)
    link = entry.get("link")
    return Article(
        id=entry.get("id") or link or f"{path}:{number}",
        text=text,
        title=title,
        published=_day(next((entry[name] for name in ("published", "updated") if name in entry), None)),
        source=link or path,
    )


def _text(path: str, content: Any) -> str:
    """Return a title or a text as a reader of the feed sees it."""
    value: str = content.get("value", "") if content else ""
    return value.strip() if not content or content.get("type") == "text/plain" else body_of(path, value)


def _day(value: str | None) -> date | None:
    """Return the day of a time in the form of Atom or of RSS, where it was written."""
    if not value:
        return None
    try:
        return iso_date(value) or parsedate_to_datetime(value).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
