"""Messages over a socket between the process that hands out work and a worker."""

import socket
import struct
from collections.abc import Iterator

_LENGTH = struct.Struct(">Q")
PIECE = 2**20
"""Bytes that are asked for at a time, so that many short messages come with one call."""


class Channel:
    """Sends and receives messages of bytes, each behind its length."""

    def __init__(self, ends: socket.socket) -> None:
        self._socket = ends
        self._read = bytearray()

    def fileno(self) -> int:
        """Return the descriptor, to wait for messages."""
        return self._socket.fileno()

    def send(self, message: bytes) -> None:
        """Send a message whole; raises `OSError` where the other side is gone."""
        self._socket.sendall(_LENGTH.pack(len(message)) + message)

    def receive(self) -> Iterator[bytes]:
        """Wait until something has come, and yield the messages that are whole; raises `EOFError` at the end."""
        piece = self._socket.recv(PIECE)
        if not piece:
            raise EOFError
        self._read += piece
        at = 0
        while len(self._read) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._read, at)
            end = at + _LENGTH.size + length
            if len(self._read) < end:
                break
            yield bytes(memoryview(self._read)[at + _LENGTH.size : end])
            at = end
        del self._read[:at]

    def close(self) -> None:
        """Close this side."""
        self._socket.close()
