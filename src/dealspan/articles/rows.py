"""CSV and TSV: one document per row, under a header that names the columns."""

import csv
from collections.abc import Iterator
from typing import BinaryIO, Self

from dealspan.articles.fields import Fields, article
from dealspan.articles.raw import MAX_BYTES, ReadError, refuse_wide
from dealspan.records import Article

DELIMITERS = {".csv": ",;\t", ".tsv": "\t"}
"""What may stand between cells; a spreadsheet writes semicolons where the comma is the decimal sign."""


def read_rows(path: str, file: BinaryIO, fields: Fields, delimiters: str) -> Iterator[Article | ReadError]:
    """Yield the articles of a table; the delimiter is the first under which the header has the column of the text."""
    # A limit of the csv module as a whole; its default, 131,072 characters, is less than a long article.
    csv.field_size_limit(MAX_BYTES)
    lines = _Lines(path, file)
    first = next(lines, "")
    if not first.strip():
        raise ReadError(path, "is empty; give a table with a header")
    try:
        headers = {sign: next(csv.reader([first], delimiter=sign), []) for sign in delimiters}
    except csv.Error as error:
        raise ReadError(path, f"has no header ({error}); repair it", line=1) from None
    sign = next((sign for sign, header in headers.items() if fields.text in header), delimiters[0])
    header = headers[sign]
    where = fields.among(path, header)
    rows = csv.reader(lines, delimiter=sign)
    while True:
        line = lines.number + 1
        lines.held = 0
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield ReadError(path, f"is no row ({error}); repair or drop it", line=line)
            continue
        if not row:
            continue
        try:
            if len(row) != len(header):
                cells = f"{len(row)} cells under {len(header)} columns"
                raise ReadError(path, f"has {cells}; quote cells that hold a comma or a line end", line=line)
            values = {part: row[column] or None for part, column in where.items()}
            _check(path, line, values)
            yield article(path, line, text=values.pop("text"), **values, line=line)
        except ReadError as error:
            yield error


def _check(path: str, line: int, values: dict[str, str | None]) -> None:
    for value in values.values():
        if value and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                byte = ord(value[error.start]) & 0xFF
                message = f"is not UTF-8 (byte 0x{byte:02x}); convert it, for example: iconv -f WINDOWS-1252 -t UTF-8"
                raise ReadError(path, message, line=line) from None


class _Lines:
    """The lines of a file as text, where bytes that are not UTF-8 stay single surrogates until the row is known."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self.number = 0
        # The bytes of the row so far: a quote that is never closed takes in all that follows.
        self.held = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAX_BYTES + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.held += len(line)
        if self.number == 1:
            refuse_wide(self._path, line)
            line = line.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in line:
            raise ReadError(self._path, "is binary (a NUL byte); give a table as text", line=self.number)
        if self.held > MAX_BYTES:
            while line and not line.endswith(b"\n"):
                line = self._file.readline(MAX_BYTES)
            raise csv.Error(f"longer than {MAX_BYTES // 2**20} MiB; is a quote not closed?")
        return line.decode("utf-8", "surrogateescape")
