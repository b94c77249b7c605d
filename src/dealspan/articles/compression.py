"""Compressed inputs are read as what is in them, as far as they are whole; the first bytes say how they are packed."""

import bz2
import io
import lzma
import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Protocol

from dealspan.articles.raw import ReadError, need

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SUFFIXES = (".gz", ".xz", ".bz2", ".zst")

CHUNK = 2**16
UNPACKED = 2**18
"""Bytes unpacked at a time."""

_GZIP = b"\x1f\x8b\x08"
_MEMBER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
_XZ = b"\xfd7zXZ\x00"
# A block, and the end of a file without one.
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
# A frame of data, and one to skip, with which parallel compressors begin.
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")


def opened(path: str, file: BinaryIO) -> BinaryIO:
    """Return a stream of the content; reading it raises `ReadError` where it is damaged, and where it is cut off."""
    packed = file if isinstance(file, io.BufferedReader) else rejoined(b"", file)
    start = packed.peek(10)
    if start.startswith(_GZIP):
        return io.BufferedReader(_Pieces(_Gzip(path, packed).read), UNPACKED)
    if _BZIP2.match(start):
        streams = _Streams(path, packed, bz2.BZ2Decompressor, OSError)
    elif start.startswith(_XZ):
        streams = _Streams(path, packed, lzma.LZMADecompressor, lzma.LZMAError)
    elif _ZSTD.match(start):
        with need(path, "zstd", "compressed with zstd"):
            from backports.zstd import ZstdDecompressor, ZstdError
        streams = _Streams(path, packed, ZstdDecompressor, ZstdError)
    else:
        return packed
    return io.BufferedReader(_Pieces(streams.read), UNPACKED)


def rejoined(start: bytes, file: BinaryIO) -> io.BufferedReader:
    """Return a stream of what was read already and what comes after; the file stays open when that is closed."""
    first = io.BytesIO(start)
    # What a slow pipe has sent so far is not waited on to become more.
    read = getattr(file, "read1", file.read)
    return io.BufferedReader(_Pieces(lambda size: first.read(size) or read(size)))


class _Pieces(io.RawIOBase):
    """What a function yields, called for so many bytes or fewer, as a stream."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer, as far as one piece does."""
        room = memoryview(buffer)
        data = self._read(room.nbytes)
        room[: len(data)] = data
        return len(data)


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Streams:
    """Compressed streams one behind the other. The files of the library end without a word at what is none."""

    def __init__(
        self, path: str, file: BinaryIO, decompressor: Callable[[], _Decompressor], damaged: type[Exception]
    ) -> None:
        self._path = path
        self._file = file
        self._decompressor = decompressor
        self._damaged = damaged
        self._stream: _Decompressor | None = None
        self._data = b""

    def read(self, size: int) -> bytes:
        """Return up to so many bytes; none at the end."""
        while True:
            if self._stream is None:
                # Zeros may fill the room between streams.
                while not (data := self._data.lstrip(b"\0")) and (new := self._file.read(CHUNK)):
                    self._data = new
                if not data:
                    return b""
                self._data, self._stream = data, self._decompressor()
            elif self._stream.needs_input:
                self._data = self._file.read(CHUNK)
                if not self._data:
                    self._stream = None
                    raise _cut_off(self._path)
            try:
                piece = self._stream.decompress(self._data, size)
            except self._damaged as error:
                raise _damaged(self._path, str(error)) from None
            self._data = b""
            if self._stream.eof:
                self._data, self._stream = self._stream.unused_data, None
            if piece:
                return piece


class _Gzip:
    """The members of a gzip file. One that is damaged raises an error, after which reading goes on with the next."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._data = b""
        self._offset = 0  # of the end of `_data` in the file
        self._start = 0
        self._member: zlib._Decompress | None = None

    def read(self, size: int) -> bytes:
        """Return up to so many bytes; none at the end."""
        while self._data or self._more():
            member = self._member or self._begin()
            if member is None:
                continue
            data = self._data
            try:
                piece = member.decompress(data, size)
            except zlib.error:
                self._member = None
                self._data = data[1:] if self._offset - len(data) == self._start else data
                self._seek()
                raise _damaged(self._path, f"the gzip member at byte {self._start} is broken") from None
            self._data = member.unused_data if member.eof else member.unconsumed_tail
            self._member = None if member.eof else member
            if piece:
                return piece
        if self._member is not None:
            self._member = None
            raise _cut_off(self._path)
        return b""

    def _more(self) -> bool:
        new = self._file.read(CHUNK)
        self._data += new
        self._offset += len(new)
        return bool(new)

    def _begin(self) -> "zlib._Decompress | None":
        """Begin a member, if one is there already; zeros may fill the room before it."""
        self._data = self._data.lstrip(b"\0")
        if not self._data or (len(self._data) < len(_GZIP) and self._more()):
            return None
        self._start = self._offset - len(self._data)
        if not self._data.startswith(_GZIP):
            self._seek()
            raise _damaged(self._path, f"no gzip member begins at byte {self._start}")
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return self._member

    def _seek(self) -> None:
        """Go on to what looks like the next member."""
        while (found := _MEMBER.search(self._data)) is None:
            self._data = self._data[-len(_GZIP) :]
            if not self._more():
                self._data = b""
                return
        self._data = self._data[found.start() :]


def _cut_off(path: str) -> ReadError:
    return ReadError(path, "is cut off where it is compressed; what is whole before that was read, get the file anew")


def _damaged(path: str, what: str) -> ReadError:
    message = f"is damaged where it is compressed ({what}); what is whole before that was read, get the file anew"
    return ReadError(path, message)
