"""WARC: the pages of a crawl, such as those of Common Crawl News.

The records are read here, at 220 MB/s, and 90 where each is compressed by itself. FastWARC 2.0 is faster (870 and 700),
warcio 1.8 is not (340 and 100), but a page takes many times longer than any of them. Both hand out a record that is cut
off, and one whose length is wrong with the records behind it as its text, without a word, and end at the first gzip
member that is damaged; here such a record is an error, and reading goes on with the next.
"""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, NamedTuple

from dealspan.articles.raw import MAX_BYTES, RawPage, ReadError, decode_page

MAX_LINE = 2**16
MAX_FIELDS = 200
"""Longer is no line, and larger no header: http.client has the same limit for a line, and half of it for fields."""

_PAGES = ("text/html", "application/xhtml+xml")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? 200\b")
_END = re.compile(rb"\r?\n\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
# What begins a record, also where the one before has no end.
_VERSION = re.compile(rb"WARC/\d\.\d\r?\n\Z")
_NEXT = re.compile(rb"WARC/\d\.\d\r?\n(?=[A-Za-z-]+:)")


class _Record(NamedTuple):
    offset: int
    headers: dict[str, str]
    block: bytes


def read_warc(path: str, file: BinaryIO) -> Iterator[RawPage | ReadError]:
    """Yield the pages: responses of type HTML with status 200, each under its address."""
    silent = True
    for record in _records(path, file):
        if isinstance(record, ReadError):
            silent = False
            yield record
            continue
        address = record.headers.get("warc-target-uri", "").strip("<> ")
        place = f"record at byte {record.offset}" + (f", {address}" if address else "")
        try:
            html = _page(path, record.block)
        except ReadError as error:
            silent = False
            yield ReadError(path, error.message, place=place)
            continue
        if html is not None:
            silent = False
            identity = address or f"{path}:{record.offset}"
            yield RawPage(id=identity, source=identity, path=path, place=place, html=html)
    if silent:
        yield ReadError(path, "holds no page (a response of type HTML with status 200); give another file")


def _page(path: str, block: bytes) -> str | None:
    """Return the source of the page that a response holds, if it holds one."""
    if not _STATUS.match(block):
        return None
    end = _END.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    try:
        headers = _fields(iter(head.splitlines()[1:]))
    except ValueError:
        raise ReadError(path, "has a broken HTTP header; drop the record") from None
    kind = headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() not in _PAGES:
        return None
    if len(block) > MAX_BYTES:
        raise ReadError(path, f"is larger than {MAX_BYTES // 2**20} MiB; drop the record")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _joined(body)
    encoding = headers.get("content-encoding", "").lower()
    if body.startswith(b"\x1f\x8b"):
        body = _unpacked(path, body, zlib.MAX_WBITS | 16)
    elif encoding == "deflate" and body[:1] == b"\x78":
        body = _unpacked(path, body, zlib.MAX_WBITS)
    elif encoding in ("br", "zstd") and not body.lstrip().startswith(b"<"):
        raise ReadError(path, f"holds its page compressed as {encoding}, which is not read; drop the record")
    charset = _CHARSET.search(kind)
    return decode_page(path, body, charset[1] if charset else None)


def _joined(body: bytes) -> bytes:
    """Return a body without the marks of its chunks; crawlers often take them out and leave the header."""
    pieces: list[bytes] = []
    at = 0
    while (end := body.find(b"\r\n", at, at + 32)) >= 0:
        try:
            size = int(body[at:end].partition(b";")[0], 16)
        except ValueError:
            return body
        if not size:
            return b"".join(pieces)
        pieces.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return body


def _unpacked(path: str, body: bytes, window: int) -> bytes:
    unpacker = zlib.decompressobj(window)
    try:
        data = unpacker.decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise ReadError(path, f"is damaged where its page is compressed ({error}); drop the record") from None
    if not unpacker.eof and len(data) <= MAX_BYTES:
        raise ReadError(path, "is cut off where its page is compressed; drop the record")
    return data


def _records(path: str, file: BinaryIO) -> Iterator[_Record | ReadError]:
    """Yield the responses; where a record is broken, go on at the next line that begins one."""
    stream = _Stream(file)
    lost = False  # looking for the next record, which the error before has said
    while True:
        offset = stream.offset
        try:
            line = stream.line()
            if not line:
                return
            version = _VERSION.search(line)
            if not lost and (version.start() if version else line.strip()):
                lost = True
                yield ReadError(path, "is no WARC record; gone on with the next", place=f"record at byte {offset}")
            if version is None:
                continue
            offset += version.start()
            lost = False
            headers = _fields(iter(stream.line, b""))
            size = int(headers.get("content-length", ""))
            if size < 0:
                raise ValueError
            # What is larger is not held, but for where the next record may begin.
            block = stream.take(min(size, MAX_BYTES + 1))
            whole, ended = stream.skip(size - len(block)), stream.ends()
        except ReadError as error:
            yield ReadError(path, error.message, place=f"record at byte {offset}")
            lost = True
            continue
        except ValueError:
            lost = True
            yield ReadError(path, "has a broken header; gone on with the next", place=f"record at byte {offset}")
            continue
        if whole and ended:
            if headers.get("warc-type", "").lower() == "response":
                yield _Record(offset, headers, block)
            continue
        lost = True
        # A length that is wrong has taken in what stands behind the record.
        if (behind := _NEXT.search(block)) is not None:
            stream.back(block[behind.start() :])
        what = "has a wrong length" if whole or behind else "is cut off"
        yield ReadError(path, f"{what}; gone on with the next", place=f"record at byte {offset}")


def _fields(lines: Iterator[bytes]) -> dict[str, str]:
    """Return the fields of a header up to an empty line, their names in lower case; raises `ValueError`."""
    fields: dict[str, str] = {}
    name = ""
    for number, line in enumerate(lines):
        text = line.rstrip(b"\r\n").decode("utf-8", "replace")
        if not text:
            break
        if text[0] in " \t" and name:
            fields[name] += " " + text.strip()
            continue
        before, colon, after = text.partition(":")
        if not colon or number > MAX_FIELDS:
            raise ValueError
        name = before.strip().lower()
        fields[name] = after.strip()
    return fields


class _Stream:
    """A stream that knows how far it was read, and takes back what was read too much."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._back = BytesIO()
        self.offset = 0

    def line(self) -> bytes:
        """Return a line, or a part of one that is longer than any of a header."""
        line = self._back.readline(MAX_LINE)
        if not line.endswith(b"\n") and len(line) < MAX_LINE:
            line += self._file.readline(MAX_LINE - len(line))
        self.offset += len(line)
        return line

    def take(self, size: int) -> bytes:
        """Return so many bytes, or fewer at the end."""
        data = self._back.read(size)
        if len(data) < size:
            data += self._file.read(size - len(data))
        self.offset += len(data)
        return data

    def skip(self, size: int) -> bool:
        """Pass over so many bytes; return whether they were there."""
        while size and (data := self.take(min(size, 2**20))):
            size -= len(data)
        return not size

    def ends(self) -> bool:
        """Return whether the two line ends that close a record are here."""
        data = self.take(4)
        if not data.strip(b"\r\n"):
            return True
        self.back(data)
        return False

    def back(self, data: bytes) -> None:
        """Take back what was read."""
        self.offset -= len(data)
        self._back = BytesIO(data + self._back.read())
