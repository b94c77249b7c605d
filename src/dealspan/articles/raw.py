"""Bytes become text, or an error that says where they are wrong and what to do."""

import codecs
import contextlib
import re
from collections.abc import Iterator
from datetime import date

import msgspec

from dealspan.records import Article

MAX_BYTES = 64 * 2**20
"""The most that is read as one document: a stream without end or a disk image is refused before it fills the memory."""

_DECLARED = re.compile(rb"""<meta[^>]{0,200}charset\s{0,9}=\s{0,9}["']?([\w-]{1,40})""", re.IGNORECASE)

# Python's own codecs that no page is written in; what they yield need not even be text.
_NO_CHARSETS = frozenset(("idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf_7"))


# The mark of UTF-32 begins like that of UTF-16.
_WIDE = {
    "UTF-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    "UTF-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}


class ReadError(ValueError):
    """An input that could not be read: where, what is wrong, what to do. Yielded among the articles.

    Where it is, is a line of text files, and a place in words of others (`row 7`, `record at byte 4096`).
    """

    def __init__(self, path: str, message: str, *, line: int | None = None, place: str | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.line = line
        self.place = place
        self.message = message

    def __str__(self) -> str:
        """Return the error as one line, `path:line: what is wrong; what to do`."""
        line = "" if self.line is None else f":{self.line}"
        place = "" if self.place is None else f" ({self.place})"
        return f"{self.path}{line}{place}: {self.message}"


class RawPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it was read: to take its text out of it takes longer than all other reading.

    Parameters
    ----------
    id, source
        Those of its article.
    path, place
        Where it was read, for what is wrong with it.
    html
        Its source.
    published
        The publication date of a page that declares none.

    """

    id: str
    source: str | None
    path: str
    place: str | None = None
    html: str
    published: date | None = None

    def article(self) -> Article:
        """Take the text, the title and the date out of the page; raises `ReadError` where it holds no text."""
        from dealspan.articles.page import read_page

        try:
            page = read_page(self.path, self.html)
        except ReadError as error:
            raise ReadError(self.path, error.message, place=self.place) from None
        published = page.published or self.published
        return Article(id=self.id, text=page.text, title=page.title, published=published, source=self.source)


def decode(path: str, data: bytes) -> str:
    """Return the text of a file in UTF-8, without a byte order mark.

    No other encoding is guessed: a wrong guess yields wrong names and amounts that look right.
    """
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // 2**20
        raise ReadError(path, f"is larger than {limit} MiB; give one article per file, or many as JSONL")
    refuse_wide(path, data)
    if (nul := data.find(b"\0")) >= 0:
        raise ReadError(path, f"is binary (a NUL byte at {nul}); give text, HTML or JSON")
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        byte, at = data[error.start], error.start
        if data[:at].removeprefix(codecs.BOM_UTF8).isascii():
            message = f"is not UTF-8 (byte 0x{byte:02x} at offset {at}); convert it, for example: "
            message += "iconv -f WINDOWS-1252 -t UTF-8"
        else:
            message = f"is UTF-8 only up to offset {at} (byte 0x{byte:02x}); repair it there"
        raise ReadError(path, message) from None
    if not text.strip():
        raise ReadError(path, "is empty; give a file with text")
    return text


def refuse_wide(path: str, start: bytes) -> None:
    """Raise `ReadError` where the byte order mark of UTF-16 or UTF-32 begins an input."""
    for name, marks in _WIDE.items():
        if start.startswith(marks):
            raise ReadError(path, f"is {name}, not UTF-8; convert it: iconv -f {name} -t UTF-8")


def decode_page(path: str, data: bytes, charset: str | None = None) -> str:
    """Return the source of a page: UTF-8, or else the encoding that its server (`charset`) or the page declares."""
    try:
        return decode(path, data)
    except ReadError:
        declared = _DECLARED.search(data, 0, 4096)
        if not (charset or declared) or b"\0" in data or len(data) > MAX_BYTES:
            raise
        name = (charset or (declared[1].decode("ascii") if declared else "")).lower()
        # Browsers read these two as Windows-1252, and pages rely on it (quotation marks, the euro sign).
        encoding = "cp1252" if name in ("iso-8859-1", "us-ascii") else name
        try:
            if name.replace("-", "_") in _NO_CHARSETS:
                raise LookupError
            return data.decode(encoding)
        except (LookupError, UnicodeError):
            raise ReadError(path, f"is neither UTF-8 nor the {name} that it declares; convert it to UTF-8") from None


def iso_date(value: str | None) -> date | None:
    """Return the date that an ISO date or timestamp begins with, or None."""
    try:
        return date.fromisoformat((value or "").strip()[:10])
    except ValueError:
        return None


@contextlib.contextmanager
def need(path: str, extra: str, format: str) -> Iterator[None]:
    """Say which extra an input needs, where an import within fails; raises `ReadError`."""
    try:
        yield
    except ImportError as error:
        message = f"is {format}, which needs {error.name}; install the extra: pip install 'dealspan[{extra}]'"
        raise ReadError(path, message) from None
