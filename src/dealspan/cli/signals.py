"""SIGINT and SIGTERM end a run between two documents, never while one is written."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dealspan.cli.failures import Terminated


class Signals:
    """Turns the signals into exceptions, at once or behind what must be whole."""

    def __init__(self) -> None:
        self._whole = False
        self._arrived: int | None = None

    @contextmanager
    def answered(self) -> Iterator[None]:
        """Answer the signals here, unless this is a thread, which gets none."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._answer) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def after(self) -> Iterator[None]:
        """Answer a signal that arrives within only behind it."""
        self._whole = True
        try:
            yield
        finally:
            self._whole = False
            if self._arrived is not None:
                self._raise(self._arrived)

    def _answer(self, number: int, frame: FrameType | None) -> None:
        if self._whole:
            self._arrived = number
        else:
            self._raise(number)

    def _raise(self, number: int) -> None:
        self._arrived = None
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated
