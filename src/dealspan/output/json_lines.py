"""JSONL: one record per line."""

from typing import TextIO

from dealspan.records import Article, Record, encode


class JsonLines:
    """Writes each record as a line of JSON."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, article: Article, record: Record) -> None:
        """Write one record."""
        self.write_line(encode(record))

    def write_line(self, line: bytes) -> None:
        """Write an encoded record."""
        self._stream.write(line.decode() + "\n")

    def close(self) -> None:
        """Nothing ends the lines."""
