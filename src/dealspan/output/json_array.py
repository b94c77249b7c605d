"""JSON: one array of all records."""

from typing import TextIO

from dealspan.records import Article, Record, encode


class JsonArray:
    """Writes an array, element by element; without its last bracket it is visibly cut short."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._before = "[\n"

    def write(self, article: Article, record: Record) -> None:
        """Write one record."""
        self.write_line(encode(record))

    def write_line(self, line: bytes) -> None:
        """Write an encoded record."""
        self._stream.write(self._before + line.decode())
        self._before = ",\n"

    def close(self) -> None:
        """End the array, also one without records."""
        self._stream.write("[]\n" if self._before == "[\n" else "\n]\n")
